package dev.warmgate.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;

/**
 * The inputs kept for a fuzz target, each a file below {@code src/test/resources/fuzz/TARGET}, and some made of them.
 * {@code src/test/fuzz/run} looks for more.
 */
public final class FuzzInputs {
    private static final byte[][] WORDS = Arrays.stream(new String[] {
                "\r\n", "\n", ":", "{", "}", "[", "]", "\"", "\\", "\\u", "0", "-1", "\0", "é", "data: ", ","
            })
            .map(word -> word.getBytes(java.nio.charset.StandardCharsets.UTF_8))
            .toArray(byte[][]::new);

    private FuzzInputs() {}

    /** Hands all kept inputs to a target, and as many changed ones as told. */
    public static void replay(String target, int changed, Consumer<byte[]> fuzz) {
        var inputs = kept(target);
        assertThat(inputs).as("inputs of " + target).isNotEmpty();
        inputs.forEach(input -> run(fuzz, input));
        long seed = new Random().nextLong();
        var random = new Random(seed);
        for (int i = 0; i < changed; i++) {
            run(fuzz, change(inputs.get(random.nextInt(inputs.size())), random));
        }
    }

    /** An input that fails is shown so that it can be kept: {@code xxd -r -p} makes a file of it. */
    private static void run(Consumer<byte[]> fuzz, byte[] input) {
        try {
            fuzz.accept(input);
        } catch (Throwable e) {
            throw new AssertionError("input " + HexFormat.of().formatHex(input) + ": " + e.getMessage(), e);
        }
    }

    private static List<byte[]> kept(String target) {
        var folder = Path.of("src/test/resources/fuzz", target);
        try (var files = Files.list(folder)) {
            var inputs = new ArrayList<byte[]>();
            for (Path file : files.sorted().toList()) {
                inputs.add(Files.readAllBytes(file));
            }
            return inputs;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static byte[] change(byte[] input, Random random) {
        byte[] changed = input.clone();
        for (int n = 1 + random.nextInt(4); n > 0; n--) {
            int at = random.nextInt(changed.length + 1);
            int to = Math.min(changed.length, at + random.nextInt(8));
            byte[] word = WORDS[random.nextInt(WORDS.length)];
            switch (random.nextInt(5)) {
                case 0 -> changed = join(changed, at, word, at);
                case 1 -> changed = join(changed, at, new byte[0], to);
                case 2 -> changed = join(changed, at, Arrays.copyOfRange(changed, at, to), at);
                case 3 -> changed = join(changed, at, word, to);
                default -> {
                    if (at < changed.length) {
                        changed[at] = (byte) random.nextInt(256);
                    }
                }
            }
        }
        return changed;
    }

    /** Puts a middle between the bytes before one place and those from another on. */
    private static byte[] join(byte[] bytes, int end, byte[] middle, int from) {
        byte[] joined = Arrays.copyOf(bytes, end + middle.length + bytes.length - from);
        System.arraycopy(middle, 0, joined, end, middle.length);
        System.arraycopy(bytes, from, joined, end + middle.length, bytes.length - from);
        return joined;
    }
}
