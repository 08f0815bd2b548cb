package dev.warmgate.proxy.wire.head;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpMessage;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseDecoder;
import io.netty.handler.codec.http.HttpStatusClass;
import io.netty.handler.codec.http.LastHttpContent;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads the answers on a connection to an engine, of which one is awaited at a time. Whether an answer has a body depends on
 * its request (RFC 9112 section 6.3).
 *
 * <p>Plain headers are read by {@link HeadReader}, and chunks that are there as a whole (RFC 9112 section 7.1) here; all else
 * Netty's decoder reads. Where a chunk is not whole, or has an extension, or trailer fields follow the last one, that takes
 * over up to the answer's end. Confined to the connection's event loop.
 */
public final class AnswerDecoder extends HttpResponseDecoder {
    static final HttpDecoderConfig CONFIG = new HttpDecoderConfig()
            .setMaxInitialLineLength(16 << 10)
            .setMaxHeaderSize(128 << 10)
            .setMaxChunkSize(Turn.LARGEST_PIECE);

    /** What puts Netty's decoder where chunks begin. */
    private static final byte[] CHUNKED_HEADER =
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n".getBytes(US_ASCII);

    private static final int MOST_DIGITS = 7;
    private static final int LINE_END = '\r' << Byte.SIZE | '\n';

    private final HeadReader reader;
    private final Turn turn = new Turn();
    private boolean ofHead;

    /** Creates a decoder with a reader of the event loop. */
    public AnswerDecoder(HeadReader reader) {
        super(CONFIG);
        this.reader = reader;
    }

    /** A request is sent, of the method HEAD or of another. */
    public void begin(boolean head) {
        ofHead = head;
    }

    @Override
    protected boolean isContentAlwaysEmpty(HttpMessage message) {
        boolean last = !(message instanceof HttpResponse answer
                && answer.status().codeClass() == HttpStatusClass.INFORMATIONAL);
        return (ofHead && last) || super.isContentAlwaysEmpty(message);
    }

    @Override
    protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) throws Exception {
        switch (turn.state()) {
            case BETWEEN -> {
                if (!readHead(in, out)) {
                    turn.begin(Turn.State.NETTY);
                    byNetty(ctx, in, out);
                }
            }
            case BODY -> turn.readBody(in, out);
            case CHUNKS -> {
                if (!readChunk(in, out)) {
                    var told = new ArrayList<Object>(1);
                    super.decode(ctx, Unpooled.wrappedBuffer(CHUNKED_HEADER), told);
                    turn.begin(Turn.State.NETTY);
                    byNetty(ctx, in, out);
                }
            }
            case NETTY, NETTY_FOR_GOOD -> byNetty(ctx, in, out);
        }
    }

    private void byNetty(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) throws Exception {
        super.decode(ctx, in, out);
        turn.heard(out);
    }

    private boolean readHead(ByteBuf in, List<Object> out) {
        var answer = ofHead ? null : reader.response(in);
        if (answer == null) {
            return false;
        }
        in.skipBytes(reader.length());
        out.add(answer);
        if (reader.chunked()) {
            turn.begin(Turn.State.CHUNKS);
        } else if (reader.contentLength() == 0) {
            out.add(LastHttpContent.EMPTY_LAST_CONTENT);
        } else {
            turn.beginBody(reader.contentLength());
        }
        return true;
    }

    private boolean readChunk(ByteBuf in, List<Object> out) {
        int at = in.readerIndex();
        int end = in.writerIndex();
        int size = 0;
        int digits = 0;
        for (; at < end && digits <= MOST_DIGITS; at++, digits++) {
            int digit = digit(in.getByte(at));
            if (digit < 0) {
                break;
            }
            size = size << 4 | digit;
        }
        if (digits == 0 || digits > MOST_DIGITS || !endsLine(in, at)) {
            return false;
        }
        int data = at + 2;
        if (size == 0) {
            return endsWith(in, data, out);
        }
        if (size > Turn.LARGEST_PIECE || end - data < size + 2 || !endsLine(in, data + size)) {
            return false;
        }
        var content = in.retainedSlice(data, size);
        in.readerIndex(data + size + 2);
        out.add(new DefaultHttpContent(content));
        return true;
    }

    /** Ends the answer behind its last chunk, if the empty line is there. */
    private boolean endsWith(ByteBuf in, int at, List<Object> out) {
        if (!endsLine(in, at)) {
            return false;
        }
        in.readerIndex(at + 2);
        turn.begin(Turn.State.BETWEEN);
        out.add(LastHttpContent.EMPTY_LAST_CONTENT);
        return true;
    }

    private static boolean endsLine(ByteBuf in, int at) {
        return at + 2 <= in.writerIndex() && in.getUnsignedShort(at) == LINE_END;
    }

    private static int digit(byte b) {
        int small = b | 0x20;
        return b >= '0' && b <= '9' ? b - '0' : small >= 'a' && small <= 'f' ? small - 'a' + 10 : -1;
    }
}
