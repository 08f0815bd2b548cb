package dev.warmgate.benchmarks.rig;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;

/** Requests with the bodies of {@link Turns}. All have the same length: one is written as three pieces made once. */
final class Bodies {
    private final ByteBuf[] before;
    private final ByteBuf after;
    private long sent;

    /**
     * @param bytes the size of a body
     * @param conversations how many there are
     * @param stream what the body says about it
     */
    Bodies(int bytes, int conversations, boolean stream) {
        var turns = Turns.of(bytes, conversations, stream);
        before = new ByteBuf[conversations];
        for (int i = 0; i < conversations; i++) {
            before[i] =
                    bytes("POST /v1/chat/completions HTTP/1.1\r\nHost: gateway\r\nUser-Agent: rig\r\nAccept: */*\r\n"
                            + "Content-Type: application/json\r\nContent-Length: " + bytes + "\r\n\r\n"
                            + turns.before().get(i));
        }
        after = bytes(turns.after());
    }

    private static ByteBuf bytes(String text) {
        byte[] ascii = text.getBytes(US_ASCII);
        return Unpooled.unreleasableBuffer(Unpooled.directBuffer(ascii.length).writeBytes(ascii));
    }

    /** Writes the next request. */
    void write(Channel to) {
        int conversation = (int) (sent % before.length);
        var number = to.alloc().directBuffer(Turns.DIGITS);
        number.writeCharSequence(Turns.number(sent), US_ASCII);
        sent++;
        to.write(before[conversation].duplicate(), to.voidPromise());
        to.write(number, to.voidPromise());
        to.writeAndFlush(after.duplicate(), to.voidPromise());
    }
}
