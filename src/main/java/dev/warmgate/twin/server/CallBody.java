package dev.warmgate.twin.server;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import java.util.Arrays;

/** The body of the request that a connection receives, one after the other. Event-loop confined. */
final class CallBody {
    private static final byte[] NOTHING = {};

    private final int most;
    private byte[] bytes = NOTHING;
    private int length;
    private boolean overflow;

    /**
     * Creates a collector of bodies.
     *
     * @param most greatest length; more is thrown away
     */
    CallBody(int most) {
        this.most = most;
    }

    /** Begins a body with its announced length, 0 if it is not known. */
    void begin(long announced) {
        length = 0;
        overflow = announced > most;
        bytes = announced > 0 && !overflow ? new byte[(int) announced] : NOTHING;
    }

    void add(ByteBuf content) {
        int count = content.readableBytes();
        if (overflow || count == 0) {
            return;
        }
        if (count > most - length) {
            overflow = true;
            bytes = NOTHING;
            return;
        }
        if (length + count > bytes.length) {
            bytes = Arrays.copyOf(bytes, Math.min(most, Math.max(length + count, bytes.length * 2)));
        }
        content.readBytes(bytes, length, count);
        length += count;
    }

    /** Returns the complete request, and forgets it. */
    HttpCall end(HttpRequest head) {
        String uri = head.uri();
        int query = uri.indexOf('?');
        boolean http11 = head.protocolVersion().compareTo(HttpVersion.HTTP_1_1) >= 0;
        var call = new HttpCall(
                head.method().name(),
                query < 0 ? uri : uri.substring(0, query),
                head.headers().get("x-request-id"),
                http11 && HttpUtil.isKeepAlive(head),
                http11,
                bytes,
                length,
                overflow);
        bytes = NOTHING;
        return call;
    }

    void drop() {
        bytes = NOTHING;
    }
}
