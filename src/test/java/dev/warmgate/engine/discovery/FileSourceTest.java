package dev.warmgate.engine.discovery;

import static org.assertj.core.api.Assertions.assertThat;

import dev.warmgate.engine.EngineKind;
import dev.warmgate.router.EndpointSpec;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class FileSourceTest {
    @TempDir
    private Path folder;

    private final LinkedBlockingQueue<SourceState> heard = new LinkedBlockingQueue<>();

    /** A port in each line; what is no number is left out, and "broken" makes the file unusable. */
    private static Reading parse(String text) {
        if (text.contains("broken")) {
            return new Reading.Failed("broken");
        }
        var endpoints = text.lines()
                .filter(line -> line.matches("[0-9]+"))
                .map(line -> new FoundEndpoint(
                        EndpointSpec.of(FoundEndpoint.address(Scheme.HTTP, "10.0.0.1", Integer.parseInt(line))),
                        EngineKind.OTHER))
                .toList();
        return new Reading.Good(
                endpoints, text.lines().filter(line -> !line.matches("[0-9]+")).toList());
    }

    private SourceState next() throws InterruptedException {
        return heard.poll(30, TimeUnit.SECONDS);
    }

    private static List<Integer> ports(SourceState state) {
        return state.endpoints().stream()
                .map(endpoint -> endpoint.spec().address().getPort())
                .toList();
    }

    @Test
    void theListFollowsTheFileAndOutlivesIt() throws Exception {
        var file = Files.writeString(folder.resolve("endpoints"), "1\n2\n");
        var spec = new SourceSpec.OfFile(file, Duration.ofMillis(10));
        try (var source = EndpointSource.start(spec, FileSourceTest::parse, heard::add)) {
            assertThat(source.awaitFirstReading(Duration.ofSeconds(30))).isTrue();
            assertThat(ports(next())).containsExactly(1, 2);
            Files.writeString(file, "2\nthree\n4\n");
            var mixed = next();
            assertThat(ports(mixed)).containsExactly(2, 4);
            assertThat(mixed.problems()).containsExactly("three");
            Files.writeString(file, "broken");
            var broken = next();
            assertThat(broken.failure()).isEqualTo("broken");
            assertThat(ports(broken)).containsExactly(2, 4);
            Files.delete(file);
            var gone = next();
            assertThat(gone.failure()).isEqualTo("cannot be read: no such file");
            assertThat(ports(gone)).containsExactly(2, 4);
            Files.writeString(file, "");
            var empty = next();
            assertThat(empty.endpoints()).isEmpty();
            assertThat(empty.failure()).isNull();
        }
    }

    @Test
    void aListenerThatFailsHearsTheNextList() throws Exception {
        var file = Files.writeString(folder.resolve("endpoints"), "1\n");
        var spec = new SourceSpec.OfFile(file, Duration.ofMillis(10));
        try (var _ = EndpointSource.start(spec, FileSourceTest::parse, state -> {
            heard.add(state);
            if (ports(state).contains(1)) {
                throw new IllegalStateException("expected by the test");
            }
        })) {
            assertThat(ports(next())).containsExactly(1);
            Files.writeString(file, "2\n");
            assertThat(ports(next())).containsExactly(2);
        }
    }
}
