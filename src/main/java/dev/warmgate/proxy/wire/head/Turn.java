package dev.warmgate.proxy.wire.head;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.LastHttpContent;
import java.util.List;

/** Who reads what comes next on a connection. Confined to its event loop. */
final class Turn {
    /** The largest piece in which content is told, in bytes. */
    static final int LARGEST_PIECE = 1 << 20;

    enum State {
        /** A message may begin. */
        BETWEEN,
        /** The body of a plain message goes on, of known length. */
        BODY,
        /** The body of a plain message goes on, and at a chunk's beginning. */
        CHUNKS,
        /** Netty reads up to the message's end. */
        NETTY,
        /** Netty reads all that comes: an error was found, or this is HTTP no more. */
        NETTY_FOR_GOOD
    }

    private State state = State.BETWEEN;
    private long left;

    State state() {
        return state;
    }

    /** Returns how many bytes of a body have still to come. */
    long left() {
        return left;
    }

    void begin(State next) {
        state = next;
    }

    void beginBody(long length) {
        state = State.BODY;
        left = length;
    }

    void readBody(ByteBuf in, List<Object> out) {
        int size = (int) Math.min(Math.min(in.readableBytes(), LARGEST_PIECE), left);
        if (size == 0) {
            return;
        }
        var content = in.readRetainedSlice(size);
        left -= size;
        if (left > 0) {
            out.add(new DefaultHttpContent(content));
        } else {
            state = State.BETWEEN;
            out.add(new LastContent(content));
        }
    }

    /** Looks at what Netty has made of the bytes. */
    void heard(List<Object> out) {
        if (state == State.NETTY_FOR_GOOD || out.isEmpty()) {
            return;
        }
        for (var message : out) {
            if ((message instanceof HttpObject part && part.decoderResult().isFailure())
                    || (message instanceof HttpResponse head
                            && head.status().code() == HttpResponseStatus.SWITCHING_PROTOCOLS.code())) {
                state = State.NETTY_FOR_GOOD;
                return;
            }
        }
        if (out.getLast() instanceof LastHttpContent) {
            state = State.BETWEEN;
        }
    }
}
