package dev.warmgate.proxy.wire.head;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.util.AsciiString;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FieldListTest {
    private static final List<String> NAMES = List.of("a", "A", "b", "ab", "aB", "axb", "x-request-id", "X-Request-Id");

    @Test
    void itHoldsWhatNettysHeadersHold() {
        long seed = System.nanoTime();
        var random = new Random(seed);
        for (int run = 0; run < 300; run++) {
            HttpHeaders ours = new FieldList();
            HttpHeaders theirs = new DefaultHttpHeaders();
            for (int i = 0; i < 60; i++) {
                String text = NAMES.get(random.nextInt(NAMES.size()));
                CharSequence name = random.nextBoolean() ? text : new AsciiString(text);
                Object value = random.nextBoolean() ? "v" + i : (Object) i;
                int what = random.nextInt(5);
                for (var headers : List.of(ours, theirs)) {
                    switch (what) {
                        case 0 -> headers.set(name, value);
                        case 1 -> headers.remove(name);
                        case 2 -> headers.set(name, List.of("1", "2"));
                        default -> headers.add(name, value);
                    }
                }
                assertEqual(ours, theirs, "seed " + seed + ", run " + run);
            }
            assertEqual(ours.copy(), theirs, "seed " + seed);
        }
    }

    private static void assertEqual(HttpHeaders ours, HttpHeaders theirs, String why) {
        assertThat(ours.size()).as(why).isEqualTo(theirs.size());
        assertThat(ours.isEmpty()).isEqualTo(theirs.isEmpty());
        for (String name : NAMES) {
            assertThat(ours.get(name)).as(why).isEqualTo(theirs.get(name));
            assertThat(ours.getAll(name)).as(why).isEqualTo(theirs.getAll(name));
            assertThat(ours.contains(name)).as(why).isEqualTo(theirs.contains(name));
            assertThat(ours.containsValue(name, "1", true)).as(why).isEqualTo(theirs.containsValue(name, "1", true));
            assertThat(ours.getInt(name)).as(why).isEqualTo(theirs.getInt(name));
        }
        var names = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);
        names.addAll(theirs.names());
        var own = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);
        own.addAll(ours.names());
        assertThat(own).as(why).isEqualTo(names);
        assertThat(ours.entries()).hasSize(ours.size());
    }

    @ParameterizedTest
    @ValueSource(strings = {"a\r\nb", "a\nb", "a\rb", "a\u0000b"})
    void noValueEndsItsLine(String value) {
        var fields = new FieldList();
        assertThatThrownBy(() -> fields.set("x", value)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> fields.add("x", value)).isInstanceOf(IllegalArgumentException.class);
        assertThat(fields.isEmpty()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a b", "a:b", "a\r\nb", "a\u0000"})
    void noNameIsMoreThanAToken(String name) {
        var fields = new FieldList();
        assertThatThrownBy(() -> fields.set(name, "x")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> fields.add(name, "x")).isInstanceOf(IllegalArgumentException.class);
    }
}
