package dev.warmgate.picker.grpc;

import static dev.warmgate.picker.grpc.Frames.DEFAULT_FRAME;
import static dev.warmgate.picker.grpc.Frames.DEFAULT_WINDOW;

import dev.warmgate.picker.grpc.GrpcStatus.Code;
import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.util.collection.IntObjectHashMap;
import io.netty.util.collection.IntObjectMap;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What the frames of a connection mean: HTTP/2 as a server speaks it that has nothing but gRPC to offer (RFC 9113). On the
 * connection's event loop.
 */
final class Session implements FrameReader.Sink {
    /** What a caller may send on a stream before it has to wait for us, in bytes. */
    static final int WINDOW = 1 << 20;

    /** The same for all of its streams together; what a stream holds is bounded by its own window. */
    private static final int CONNECTION_WINDOW = 16 << 20;

    private static final int MAX_STREAMS = 100_000;
    private static final int NO_LAST = Integer.MAX_VALUE;
    private static final long DRAINED = 0x647261696E656421L;

    private final GrpcConnection connection;
    private final GrpcServer server;
    private final Outbox outbox;
    private final HeaderBlocks headers = new HeaderBlocks();
    private final IntObjectMap<GrpcStream> streams = new IntObjectHashMap<>();

    /** Streams that have something to send and no window for it, in the order in which they began to wait. */
    private final Set<GrpcStream> waiting = new LinkedHashSet<>();

    /** Streams with data that was not looked at. */
    private final Set<GrpcStream> holding = new LinkedHashSet<>();

    private int lastStream;

    /** Streams on which something may still be said. */
    private int live;

    /** What the other side takes of a stream that begins. */
    private int streamWindow = DEFAULT_WINDOW;

    /** Data of the connection that its window does not have back yet. */
    private int taken;

    private boolean leaving;

    /** Streams above this one are refused. */
    private int lastAccepted = NO_LAST;

    Session(GrpcConnection connection, GrpcServer server, Outbox outbox) {
        this.connection = connection;
        this.server = server;
        this.outbox = outbox;
    }

    /** Says what we take, once it is known that the other side speaks HTTP/2. */
    @Override
    public void prefaceCame() {
        var to = outbox.out();
        Frames.header(to, 18, Frames.SETTINGS, 0, 0);
        to.writeShort(Frames.SETTING_MAX_STREAMS).writeInt(MAX_STREAMS);
        to.writeShort(Frames.SETTING_WINDOW).writeInt(WINDOW);
        to.writeShort(Frames.SETTING_HEADER_LIST).writeInt(HeaderBlocks.LARGEST_LIST);
        Frames.windowUpdate(to, 0, CONNECTION_WINDOW - DEFAULT_WINDOW);
        if (server.drains()) {
            leave();
        }
    }

    int lastStream() {
        return lastStream;
    }

    /** Returns the streams that there are now. */
    List<GrpcStream> streams() {
        return new ArrayList<>(streams.values());
    }

    // ---- For streams.

    void waits(GrpcStream stream) {
        waiting.add(stream);
    }

    void holds(GrpcStream stream) {
        holding.add(stream);
    }

    /** A stream has said all. It stays for as long as its caller may speak; that is not for anybody any more. */
    void ended(GrpcStream stream) {
        waiting.remove(stream);
        holding.remove(stream);
        if (stream.lastCame()) {
            streams.remove(stream.id());
        }
        live--;
        closeIfDone();
    }

    private void remove(GrpcStream stream) {
        streams.remove(stream.id());
        if (stream.isLive()) {
            ended(stream);
        }
        stream.gone();
    }

    // ---- Frames of the other side's.

    @Override
    public void data(int id, ByteBuf data, int counted, boolean last) throws ProtocolError {
        taken += counted;
        if (taken >= CONNECTION_WINDOW / 2) {
            Frames.windowUpdate(outbox.out(), 0, taken);
            taken = 0;
        }
        var stream = streams.get(id);
        if (stream == null) {
            mustHaveBeen(id);
            Frames.reset(outbox.out(), id, ProtocolError.STREAM_CLOSED);
        } else if (stream.lastCame()) {
            reset(stream, ProtocolError.STREAM_CLOSED);
        } else {
            stream.data(data, counted, last);
            removeIfOver(stream);
        }
    }

    @Override
    public void headers(int id, ByteBuf block, boolean last) throws ProtocolError {
        var head = headers.decode(id, block);
        var stream = streams.get(id);
        if (stream != null) {
            trailers(stream, head, last);
        } else if (id > lastStream) {
            begin(id, head, last);
        } else {
            throw new ProtocolError(ProtocolError.STREAM_CLOSED, "a header on a stream that has ended: " + id);
        }
    }

    private void trailers(GrpcStream stream, @Nullable Http2Headers trailers, boolean last) {
        if (stream.lastCame()) {
            reset(stream, ProtocolError.STREAM_CLOSED);
        } else if (last && HeaderBlocks.mayEnd(trailers)) {
            stream.last();
            removeIfOver(stream);
        } else {
            reset(stream, ProtocolError.PROTOCOL);
        }
    }

    private void removeIfOver(GrpcStream stream) {
        if (stream.lastCame() && !stream.isLive()) {
            streams.remove(stream.id());
        }
    }

    private void begin(int id, @Nullable Http2Headers head, boolean last) throws ProtocolError {
        if ((id & 1) == 0) {
            throw new ProtocolError(ProtocolError.PROTOCOL, "a stream with an even number");
        }
        lastStream = id;
        if (id > lastAccepted || streams.size() >= MAX_STREAMS) {
            Frames.reset(outbox.out(), id, ProtocolError.REFUSED_STREAM);
            return;
        }
        int refused = HeaderBlocks.refuses(head);
        if (refused == HeaderBlocks.MALFORMED) {
            Frames.reset(outbox.out(), id, ProtocolError.PROTOCOL);
            return;
        }
        var stream = new GrpcStream(this, outbox, id, streamWindow, server.maxMessageBytes());
        streams.put(id, stream);
        live++;
        if (head == null || refused != 0) {
            stream.refuse(refused);
        } else {
            begin(stream, head.path().toString());
        }
        if (last) {
            stream.last();
            removeIfOver(stream);
        }
    }

    private void begin(GrpcStream stream, String path) {
        var method = server.method(path);
        if (method == null) {
            stream.close(new GrpcStatus(Code.UNIMPLEMENTED, "there is no method " + path));
        } else {
            stream.begin(method);
        }
    }

    /** Ends a stream because of a mistake on it. */
    private void reset(GrpcStream stream, int code) {
        Frames.reset(outbox.out(), stream.id(), code);
        remove(stream);
    }

    @Override
    public void reset(int id) throws ProtocolError {
        var stream = streams.get(id);
        if (stream == null) {
            mustHaveBeen(id);
        } else {
            remove(stream);
        }
    }

    @Override
    public void setting(int name, long value) throws ProtocolError {
        switch (name) {
            case Frames.SETTING_WINDOW -> {
                if (value > Integer.MAX_VALUE) {
                    throw new ProtocolError(ProtocolError.FLOW_CONTROL, "a window of " + value);
                }
                long more = value - streamWindow;
                streamWindow = (int) value;
                for (GrpcStream stream : streams.values()) {
                    grow(stream, more);
                }
            }
            case Frames.SETTING_FRAME -> {
                if (value < DEFAULT_FRAME || value >= 1 << 24) {
                    throw new ProtocolError(ProtocolError.PROTOCOL, "frames of " + value);
                }
                outbox.largestFrame(value);
            }
            case Frames.SETTING_ENABLE_PUSH -> {
                if (value > 1) {
                    throw new ProtocolError(ProtocolError.PROTOCOL, "push " + value);
                }
            }
            default -> {} // our header blocks use no table, and we begin no streams
        }
    }

    @Override
    public void settingsEnd() {
        Frames.header(outbox.out(), 0, Frames.SETTINGS, Frames.ACK, 0);
        sendOn();
    }

    @Override
    public void ping(long content, boolean answer) {
        if (!answer) {
            Frames.ping(outbox.out(), content, Frames.ACK);
        } else if (content == DRAINED && leaving && lastAccepted == NO_LAST) {
            lastAccepted = lastStream;
            Frames.goAway(outbox.out(), lastStream, ProtocolError.NO_ERROR, "");
            closeIfDone();
        }
    }

    @Override
    public void windowUpdate(int id, int bytes) throws ProtocolError {
        if (id == 0) {
            if (bytes == 0) {
                throw new ProtocolError(ProtocolError.PROTOCOL, "a window that grows by nothing");
            }
            outbox.grow(bytes);
            sendOn();
            return;
        }
        var stream = streams.get(id);
        if (stream == null) {
            mustHaveBeen(id);
            if (bytes == 0) {
                Frames.reset(outbox.out(), id, ProtocolError.PROTOCOL);
            }
        } else if (bytes == 0) {
            reset(stream, ProtocolError.PROTOCOL);
        } else if (!stream.grow(bytes)) {
            reset(stream, ProtocolError.FLOW_CONTROL);
        } else {
            sendOn(stream);
        }
    }

    private void grow(GrpcStream stream, long bytes) throws ProtocolError {
        if (!stream.grow(bytes)) {
            throw new ProtocolError(ProtocolError.FLOW_CONTROL, "the window of stream " + stream.id());
        }
    }

    private void sendOn() {
        if (!waiting.isEmpty()) {
            new ArrayList<>(waiting).forEach(this::sendOn);
        }
    }

    private void sendOn(GrpcStream stream) {
        if (stream.sendOn()) {
            waiting.remove(stream);
        }
        if (stream.readOn()) {
            holding.remove(stream);
        }
    }

    /** The socket takes more again. */
    void readOn() {
        for (GrpcStream stream : new ArrayList<>(holding)) {
            if (stream.readOn()) {
                holding.remove(stream);
            }
        }
    }

    private void mustHaveBeen(int id) throws ProtocolError {
        if (id > lastStream || (id & 1) == 0) {
            throw new ProtocolError(ProtocolError.PROTOCOL, "a stream that was not begun: " + id);
        }
    }

    // ---- Ends.

    /** Lets no more streams begin. */
    void leave() {
        if (!leaving) {
            leaving = true;
            // Streams may be on the way: which is the last is known when the answer to the ping comes.
            Frames.goAway(outbox.out(), NO_LAST, ProtocolError.NO_ERROR, "");
            Frames.ping(outbox.out(), DRAINED, 0);
        }
    }

    private void closeIfDone() {
        if (lastAccepted != NO_LAST && live == 0) {
            connection.end();
        }
    }

    /** The connection is lost. */
    void gone() {
        var all = streams();
        streams.clear();
        waiting.clear();
        holding.clear();
        all.forEach(GrpcStream::gone);
    }
}
