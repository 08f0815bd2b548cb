package dev.warmgate.dialect;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Random;

/** Answers of engines: what is found in one does not depend on where the network cuts it. */
public final class StreamFuzz {
    private static final Dialect[] DIALECTS = Dialect.values();

    private StreamFuzz() {}

    /** Reads one input: a byte that chooses dialect and form, and the answer. */
    public static void fuzzerTestOneInput(byte[] input) {
        if (input.length == 0) {
            return;
        }
        int choice = input[0] & 0xff;
        var dialect = DIALECTS[(choice >> 1) % DIALECTS.length];
        boolean events = (choice & 1) == 1;
        var whole = ResponseReader.of(dialect, events);
        whole.read(ByteBuffer.wrap(input, 1, input.length - 1));
        var random = new Random(input.length);
        for (int most : new int[] {1, 2, 7, 64}) {
            var cut = ResponseReader.of(dialect, events);
            for (int from = 1; from < input.length; ) {
                int length = Math.min(1 + random.nextInt(most), input.length - from);
                cut.read(ByteBuffer.wrap(input, from, length));
                from += length;
            }
            assertThat(found(cut)).as("pieces of at most " + most).isEqualTo(found(whole));
        }
    }

    private static List<Object> found(ResponseReader reader) {
        return List.of(reader.firstToken(), reader.outputEvents(), reader.finished(), reader.failed(), reader.usage());
    }
}
