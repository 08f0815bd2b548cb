package dev.warmgate.benchmarks.rig;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;

/**
 * Chat requests of one size: conversations with a common system prompt and then different texts, of which each request
 * is a new turn. All have the same length, so that a request is written as three pieces that are made once.
 */
final class Bodies {
    private static final int DIGITS = 10;
    private static final long SMALLEST = 1_000_000_000L;

    private final ByteBuf[] before;
    private final ByteBuf after;
    private long sent;

    /**
     * @param bytes the size of a body
     * @param conversations how many there are
     * @param stream what the body says about it
     */
    Bodies(int bytes, int conversations, boolean stream) {
        String begin = "{\"model\":\"m\",\"stream\":" + stream
                + ",\"max_tokens\":64,\"messages\":[{\"role\":\"system\",\"content\":\"";
        String system = text(0, bytes / 4);
        String user = "\"},{\"role\":\"user\",\"content\":\"";
        String turn =
                "\"},{\"role\":\"assistant\",\"content\":\"Done.\"},{\"role\":\"user\",\"content\":\"Continue with ";
        String end = "\"}]}";
        int rest = bytes - begin.length() - system.length() - user.length() - turn.length() - DIGITS - end.length();
        before = new ByteBuf[conversations];
        for (int i = 0; i < conversations; i++) {
            before[i] =
                    bytes("POST /v1/chat/completions HTTP/1.1\r\nHost: gateway\r\nUser-Agent: rig\r\nAccept: */*\r\n"
                            + "Content-Type: application/json\r\nContent-Length: " + bytes + "\r\n\r\n"
                            + begin + system + user + text(i + 1, rest) + turn);
        }
        after = bytes(end);
    }

    /** Returns prose of so many bytes, another one for each seed. */
    private static String text(int seed, int length) {
        var text = new StringBuilder(length + 64);
        for (int line = 0; text.length() < length; line++) {
            text.append("In file ").append(seed).append(" line ").append(line);
            text.append(" the quick brown fox jumps over the lazy dog. ");
        }
        return text.substring(0, length);
    }

    private static ByteBuf bytes(String text) {
        byte[] ascii = text.getBytes(US_ASCII);
        return Unpooled.unreleasableBuffer(Unpooled.directBuffer(ascii.length).writeBytes(ascii));
    }

    /** Writes the next request. */
    void write(Channel to) {
        int conversation = (int) (sent % before.length);
        var number = to.alloc().directBuffer(DIGITS);
        number.writeCharSequence(Long.toString(SMALLEST + sent), US_ASCII);
        sent++;
        to.write(before[conversation].duplicate(), to.voidPromise());
        to.write(number, to.voidPromise());
        to.writeAndFlush(after.duplicate(), to.voidPromise());
    }
}
