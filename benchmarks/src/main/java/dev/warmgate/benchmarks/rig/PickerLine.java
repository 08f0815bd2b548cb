package dev.warmgate.benchmarks.rig;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.US_ASCII;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.CodedOutputStream;
import dev.warmgate.picker.proto.ProcessingRequest;
import dev.warmgate.picker.proto.ProcessingResponse;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.codec.http2.DefaultHttp2FrameReader;
import io.netty.handler.codec.http2.DefaultHttp2HeadersDecoder;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2FrameAdapter;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.util.collection.IntObjectHashMap;
import io.netty.util.collection.IntObjectMap;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * A gRPC connection to an endpoint picker (RFC 9113, gRPC over HTTP/2): no more than the load needs, because a load that
 * keeps its core busy measures how long its own answers wait. Confined to its event loop.
 */
final class PickerLine extends ByteToMessageDecoder {
    /** Who made a call. */
    interface Listener {
        void message(ProcessingResponse message);

        /** The picker has ended the call, or the connection; not called for one that was cancelled. */
        void closed(boolean well);
    }

    private static final int FRAME = 1 << 14;
    private static final int MESSAGE_HEADER = 5;
    private static final int DATA = 0;
    private static final int HEADERS = 1;
    private static final int RST_STREAM = 3;
    private static final int SETTINGS = 4;
    private static final int PING = 6;
    private static final int WINDOW_UPDATE = 8;
    private static final int END_STREAM = 1;
    private static final int ACK = 1;
    private static final int END_HEADERS = 4;
    private static final int CANCEL = 8;
    private static final int INITIAL_WINDOW = 4;
    private static final int DEFAULT_WINDOW = 65_535;
    private static final long REPLENISH = 1 << 30;

    private static final byte[] PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(US_ASCII);

    /** HPACK (RFC 7541): POST and http of the static table, and four fields that are kept for the calls to come. */
    private static final byte[] FIRST_CALL = ("\u0083\u0086"
                    + kept(4, "/envoy.service.ext_proc.v3.ExternalProcessor/Process") + kept(1, "picker")
                    + kept(31, "application/grpc") + "\u0040" + string("te") + string("trailers"))
            .getBytes(ISO_8859_1);

    /** The same by the numbers that the four got: the last is 62. */
    private static final byte[] LATER_CALL = {
        (byte) 0x83, (byte) 0x86, (byte) 0xc1, (byte) 0xc0, (byte) 0xbf, (byte) 0xbe
    };

    private final DefaultHttp2FrameReader reader =
            new DefaultHttp2FrameReader(new DefaultHttp2HeadersDecoder(false, 1 << 14));
    private final Frames frames = new Frames();
    private final IntObjectMap<Call> calls = new IntObjectHashMap<>();

    /** Calls that have something to send and nobody's window for it. */
    private final Set<Call> waiting = new LinkedHashSet<>();

    private ChannelHandlerContext context;
    private ByteBuf out = Unpooled.EMPTY_BUFFER;
    private boolean flushes;
    private int next = 1;
    private int window = DEFAULT_WINDOW;
    private int firstWindow = DEFAULT_WINDOW;
    private long taken;

    private PickerLine() {}

    /** Returns a connection that is open; not from its event loop. */
    static PickerLine open(EventLoop loop, int port) {
        var line = new PickerLine();
        new Bootstrap()
                .group(loop)
                .channel(EpollSocketChannel.class)
                .option(ChannelOption.TCP_NODELAY, true)
                .handler(line)
                .connect("127.0.0.1", port)
                .syncUninterruptibly();
        return line;
    }

    /** Begins a call. */
    Call call(Listener listener) {
        var call = new Call(next, listener);
        byte[] header = next == 1 ? FIRST_CALL : LATER_CALL;
        frame(HEADERS, END_HEADERS, next, header.length).writeBytes(header);
        calls.put(next, call);
        next += 2;
        return call;
    }

    void close() {
        var _ = context.close();
    }

    private static String kept(int name, String value) {
        return (char) (0x40 | name) + string(value);
    }

    private static String string(String text) {
        return (char) text.length() + text;
    }

    private ByteBuf frame(int type, int flags, int stream, int length) {
        return out().writeMedium(length).writeByte(type).writeByte(flags).writeInt(stream);
    }

    /** Returns where to write what is sent after all that is handled now. */
    private ByteBuf out() {
        if (!flushes) {
            flushes = true;
            out = context.alloc().directBuffer(FRAME);
            context.executor().execute(this::flush);
        }
        return out;
    }

    private void flush() {
        flushes = false;
        var _ = context.writeAndFlush(out, context.voidPromise());
        out = Unpooled.EMPTY_BUFFER;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        context = ctx;
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        out().writeBytes(PREFACE);
        // All that the picker wants to send may come.
        frame(SETTINGS, 0, 0, 6).writeShort(INITIAL_WINDOW).writeInt(Integer.MAX_VALUE);
        frame(WINDOW_UPDATE, 0, 0, 4).writeInt(Integer.MAX_VALUE - DEFAULT_WINDOW);
    }

    @Override
    protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> decoded) throws Http2Exception {
        reader.readFrame(ctx, in, frames);
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        for (var call : List.copyOf(calls.values())) {
            call.end(false);
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        cause.printStackTrace();
        close();
    }

    /** One call. */
    final class Call {
        private final int stream;
        private final Listener listener;

        /** What no window was there for. */
        private final ByteBuf unsent = Unpooled.buffer(0);

        /** The begin of a message. */
        private final ByteBuf unread = Unpooled.buffer(0);

        private int window = firstWindow;
        private boolean last;

        private Call(int stream, Listener listener) {
            this.stream = stream;
            this.listener = listener;
        }

        void send(ProcessingRequest message) {
            int size = message.getSerializedSize();
            unsent.writeByte(0).writeInt(size).ensureWritable(size);
            var to = CodedOutputStream.newInstance(unsent.array(), unsent.arrayOffset() + unsent.writerIndex(), size);
            try {
                message.writeTo(to);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            unsent.writerIndex(unsent.writerIndex() + size);
            pump();
        }

        /** Says that nothing more will be sent. */
        void end() {
            last = true;
            if (!unsent.isReadable()) {
                frame(DATA, END_STREAM, stream, 0);
            }
        }

        void cancel() {
            frame(RST_STREAM, 0, stream, 4).writeInt(CANCEL);
            leave();
        }

        private void pump() {
            while (unsent.isReadable()) {
                int size = Math.min(Math.min(unsent.readableBytes(), FRAME), Math.min(window, PickerLine.this.window));
                if (size <= 0) {
                    waiting.add(this);
                    return;
                }
                window -= size;
                PickerLine.this.window -= size;
                boolean ends = last && size == unsent.readableBytes();
                frame(DATA, ends ? END_STREAM : 0, stream, size).writeBytes(unsent, size);
            }
            unsent.clear();
        }

        private void read(ByteBuf data) {
            var from = data;
            if (unread.isReadable()) {
                from = unread.writeBytes(data);
            }
            while (from.readableBytes() >= MESSAGE_HEADER) {
                int size = from.getInt(from.readerIndex() + 1);
                if (from.readableBytes() < MESSAGE_HEADER + size) {
                    break;
                }
                from.skipBytes(MESSAGE_HEADER);
                var message = from.nioBuffer(from.readerIndex(), size);
                from.skipBytes(size);
                try {
                    listener.message(ProcessingResponse.parseFrom(CodedInputStream.newInstance(message)));
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            }
            if (from == data) {
                unread.writeBytes(data);
            } else {
                unread.discardReadBytes();
            }
        }

        private void leave() {
            calls.remove(stream);
            waiting.remove(this);
        }

        private void end(boolean well) {
            leave();
            listener.closed(well);
        }
    }

    /** What comes. */
    private final class Frames extends Http2FrameAdapter {
        @Override
        public int onDataRead(ChannelHandlerContext ctx, int stream, ByteBuf data, int padding, boolean ends) {
            int size = data.readableBytes();
            taken += size;
            if (taken > REPLENISH) {
                frame(WINDOW_UPDATE, 0, 0, 4).writeInt((int) taken);
                taken = 0;
            }
            var call = calls.get(stream);
            if (call != null) {
                call.read(data);
                if (ends) {
                    call.end(false); // without a status
                }
            }
            return size;
        }

        @Override
        public void onHeadersRead(
                ChannelHandlerContext ctx, int stream, Http2Headers headers, int padding, boolean ends) {
            var call = calls.get(stream);
            if (call != null && ends) {
                var status = headers.get("grpc-status");
                call.end(status != null && "0".contentEquals(status));
            }
        }

        @Override
        public void onRstStreamRead(ChannelHandlerContext ctx, int stream, long error) {
            var call = calls.get(stream);
            if (call != null) {
                call.end(false);
            }
        }

        @Override
        public void onSettingsRead(ChannelHandlerContext ctx, Http2Settings settings) {
            var initial = settings.initialWindowSize();
            if (initial != null) {
                int more = initial - firstWindow;
                firstWindow = initial;
                calls.values().forEach(call -> call.window += more);
                resume();
            }
            frame(SETTINGS, ACK, 0, 0);
        }

        @Override
        public void onPingRead(ChannelHandlerContext ctx, long data) {
            frame(PING, ACK, 0, Long.BYTES).writeLong(data);
        }

        @Override
        public void onWindowUpdateRead(ChannelHandlerContext ctx, int stream, int more) {
            if (stream == 0) {
                window += more;
                resume();
                return;
            }
            var call = calls.get(stream);
            if (call != null) {
                call.window += more;
                call.pump();
            }
        }

        private void resume() {
            var resumed = List.copyOf(waiting);
            waiting.clear();
            resumed.forEach(Call::pump);
        }
    }
}
