package dev.warmgate.proxy.wire.head;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpRequestDecoder;
import io.netty.handler.codec.http.LastHttpContent;
import java.util.List;
import java.util.function.LongConsumer;

/**
 * Reads the requests on a connection of a client: plain ones by {@link HeadReader}, all others, from their first byte to their
 * last, as Netty's decoder does by itself. Confined to the connection's event loop.
 */
public final class RequestDecoder extends HttpRequestDecoder {
    private final HeadReader reader;
    private final LongConsumer ahead;
    private final int mostBytes;
    private final Turn turn = new Turn();

    /**
     * Creates a decoder.
     *
     * @param config how Netty reads what is not plain
     * @param reader of the event loop
     * @param ahead is told how many bytes of a body have still to come, where that is known
     */
    public RequestDecoder(HttpDecoderConfig config, HeadReader reader, LongConsumer ahead) {
        super(config);
        this.reader = reader;
        this.ahead = ahead;
        this.mostBytes = Math.min(config.getMaxInitialLineLength(), config.getMaxHeaderSize());
    }

    @Override
    protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) throws Exception {
        switch (turn.state()) {
            case BETWEEN -> {
                var request = reader.request(in, mostBytes);
                if (request == null) {
                    turn.begin(Turn.State.NETTY);
                    super.decode(ctx, in, out);
                    turn.heard(out);
                    return;
                }
                in.skipBytes(reader.length());
                out.add(request);
                if (reader.contentLength() <= 0) {
                    out.add(LastHttpContent.EMPTY_LAST_CONTENT);
                } else {
                    turn.beginBody(reader.contentLength());
                    ahead.accept(turn.left());
                }
            }
            case BODY -> {
                turn.readBody(in, out);
                ahead.accept(turn.left());
            }
            case NETTY, NETTY_FOR_GOOD, CHUNKS -> {
                super.decode(ctx, in, out);
                turn.heard(out);
            }
        }
    }
}
