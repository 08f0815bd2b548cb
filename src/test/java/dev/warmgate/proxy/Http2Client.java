package dev.warmgate.proxy;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;

import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http2.DefaultHttp2HeadersDecoder;
import io.netty.handler.codec.http2.Http2Exception;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** One client connection that speaks HTTP/2, frame by frame: it can send whatever a test wants, right or wrong. */
final class Http2Client implements AutoCloseable {
    static final int DATA = 0;
    static final int HEADERS = 1;
    static final int RST_STREAM = 3;
    static final int SETTINGS = 4;
    static final int PING = 6;
    static final int GOAWAY = 7;
    static final int WINDOW_UPDATE = 8;
    static final int CONTINUATION = 9;

    static final int END_STREAM = 1;
    static final int ACK = 1;
    static final int END_HEADERS = 4;

    static final int NO_ERROR = 0;
    static final int PROTOCOL_ERROR = 1;
    static final int INTERNAL_ERROR = 2;
    static final int REFUSED_STREAM = 7;
    static final int CANCEL = 8;
    static final int ENHANCE_YOUR_CALM = 11;

    private static final byte[] PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(ISO_8859_1);

    /** What may be sent unasked: the protocol's first window. */
    private static final int FIRST_WINDOW = 65_535;

    private final Socket socket;
    private final DataInputStream in;
    private final DefaultHttp2HeadersDecoder decoder = new DefaultHttp2HeadersDecoder(false);
    private final Map<Integer, ByteArrayOutputStream> bodies = new HashMap<>();
    private boolean windowsOpen = true;

    /** What the gateway has granted to requests' bodies so far, by the windows of the connection and of one stream. */
    private long granted = FIRST_WINDOW;

    private long grantedToStream = FIRST_WINDOW;
    private boolean settled;
    private int lastStream = -1;

    /** A frame as it came. */
    record Frame(
            int type,
            int flags,
            int stream,
            @SuppressWarnings("ArrayRecordComponent") byte[] payload,
            Map<String, String> fields) {
        boolean ends() {
            return (type == DATA || type == HEADERS) && (flags & END_STREAM) != 0;
        }

        /** Returns the error code of a reset or a farewell. */
        int error() {
            return ByteBuffer.wrap(payload).getInt(type == GOAWAY ? 4 : 0);
        }

        /** Returns the last stream that a farewell names. */
        int lastStream() {
            return ByteBuffer.wrap(payload).getInt();
        }

        String text() {
            return new String(payload, UTF_8);
        }

        @Override
        public String toString() {
            return "type " + type + " flags " + flags + " stream " + stream + " " + payload.length + " bytes";
        }
    }

    /** An answer: its fields, with {@code :status} among them, and its body. */
    record Answer(Map<String, String> fields, String body) {
        int status() {
            return Integer.parseInt(fields.getOrDefault(":status", "0"));
        }

        @Nullable
        String field(String name) {
            return fields.get(name);
        }
    }

    /** Reads until the gateway's settings have come, and accepts them. */
    Http2Client settled() throws IOException {
        while (!settled) {
            var frame = next(true);
            if (frame != null) {
                throw new IOException("unexpected: " + frame);
            }
        }
        return this;
    }

    private Http2Client(Socket socket) throws IOException {
        this.socket = socket;
        this.in = new DataInputStream(socket.getInputStream());
    }

    static Http2Client connect(InetSocketAddress address) throws IOException {
        return connect(address, 0);
    }

    /** Connects with a small receive buffer, for a client that reads slowly. */
    static Http2Client connect(InetSocketAddress address, int receiveBuffer) throws IOException {
        var socket = new Socket();
        if (receiveBuffer > 0) {
            socket.setReceiveBufferSize(receiveBuffer);
        }
        socket.setTcpNoDelay(true);
        socket.setSoTimeout(20_000);
        socket.connect(address);
        return over(socket);
    }

    /** Speaks HTTP/2 over a connection that there is. */
    static Http2Client over(Socket socket) throws IOException {
        var client = new Http2Client(socket);
        client.raw(PREFACE);
        client.frame(SETTINGS, 0, 0, new byte[0]);
        return client;
    }

    /** No more windows are opened: what the gateway may send is soon used up. */
    Http2Client keepWindowsClosed() {
        windowsOpen = false;
        return this;
    }

    void raw(byte[] bytes) throws IOException {
        socket.getOutputStream().write(bytes);
    }

    void frame(int type, int flags, int stream, byte[] payload) throws IOException {
        raw(encode(type, flags, stream, payload));
    }

    static byte[] encode(int type, int flags, int stream, byte[] payload) {
        return ByteBuffer.allocate(9 + payload.length)
                .put((byte) (payload.length >> 16))
                .put((byte) (payload.length >> 8))
                .put((byte) payload.length)
                .put((byte) type)
                .put((byte) flags)
                .putInt(stream)
                .put(payload)
                .array();
    }

    /** Returns fields as HPACK literals without indexing (RFC 7541 section 6.2.2), unchecked. */
    static byte[] block(String... namesAndValues) {
        var block = new ByteArrayOutputStream();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            block.write(0);
            literal(block, namesAndValues[i]);
            literal(block, namesAndValues[i + 1]);
        }
        return block.toByteArray();
    }

    private static void literal(ByteArrayOutputStream block, String text) {
        byte[] bytes = text.getBytes(ISO_8859_1);
        int length = bytes.length;
        if (length < 127) {
            block.write(length);
        } else {
            block.write(127);
            for (length -= 127; length >= 128; length >>= 7) {
                block.write((length & 127) | 128);
            }
            block.write(length);
        }
        block.writeBytes(bytes);
    }

    /** Returns the fields of a request, and further ones. */
    static byte[] request(String method, String path, String... more) {
        byte[] first = block(":method", method, ":scheme", "http", ":path", path, ":authority", "gateway");
        byte[] rest = block(more);
        return ByteBuffer.allocate(first.length + rest.length)
                .put(first)
                .put(rest)
                .array();
    }

    int nextStream() {
        return lastStream += 2;
    }

    int get(String path, String... more) throws IOException {
        int stream = nextStream();
        frame(HEADERS, END_HEADERS | END_STREAM, stream, request("GET", path, more));
        return stream;
    }

    /** Sends a request's header; its body is to follow. */
    int begin(String path, String... more) throws IOException {
        int stream = nextStream();
        frame(HEADERS, END_HEADERS, stream, request("POST", path, more));
        return stream;
    }

    int chat(boolean streamed) throws IOException {
        int stream = begin("/v1/chat/completions", "content-type", "application/json");
        frame(DATA, END_STREAM, stream, Client.chatBody("m", streamed).getBytes(UTF_8));
        return stream;
    }

    void reset(int stream, int error) throws IOException {
        frame(RST_STREAM, 0, stream, ByteBuffer.allocate(4).putInt(error).array());
    }

    void openWindow(int stream, int bytes) throws IOException {
        frame(WINDOW_UPDATE, 0, stream, ByteBuffer.allocate(4).putInt(bytes).array());
    }

    /** Returns the next frame that is not about settings or windows, which are answered; null when the connection ends. */
    @Nullable
    Frame next() throws IOException {
        return next(false);
    }

    private @Nullable Frame next(boolean untilSettled) throws IOException {
        while (!untilSettled || !settled) {
            var frame = read();
            if (frame == null) {
                return null;
            }
            switch (frame.type) {
                case SETTINGS -> {
                    if ((frame.flags & ACK) == 0) {
                        noteFirstWindow(ByteBuffer.wrap(frame.payload));
                        frame(SETTINGS, ACK, 0, new byte[0]);
                        settled = true;
                    }
                }
                case WINDOW_UPDATE -> {
                    grant(frame.stream, ByteBuffer.wrap(frame.payload).getInt());
                }
                case DATA -> {
                    if (windowsOpen && frame.payload.length > 0) {
                        openWindow(0, frame.payload.length);
                        if (!frame.ends()) {
                            openWindow(frame.stream, frame.payload.length);
                        }
                    }
                    return frame;
                }
                default -> {
                    return frame;
                }
            }
        }
        return null;
    }

    private void noteFirstWindow(ByteBuffer settings) {
        while (settings.hasRemaining()) {
            int setting = settings.getShort();
            int value = settings.getInt();
            if (setting == 4) {
                grant(1, value - FIRST_WINDOW);
            }
        }
    }

    private synchronized void grant(int stream, int more) {
        if (stream == 0) {
            granted += more;
        } else {
            grantedToStream += more;
        }
        notifyAll();
    }

    /** Waits, while another thread reads, until so many bytes of the connection's only request body may have been sent. */
    synchronized void awaitWindow(long bytes) throws InterruptedException {
        while (bytes > Math.min(granted, grantedToStream)) {
            wait();
        }
    }

    private @Nullable Frame read() throws IOException {
        byte[] head = new byte[9];
        try {
            in.readFully(head);
        } catch (EOFException e) {
            return null;
        }
        int length = (head[0] & 255) << 16 | (head[1] & 255) << 8 | (head[2] & 255);
        byte[] payload = new byte[length];
        in.readFully(payload);
        int stream = ByteBuffer.wrap(head).getInt(5);
        return new Frame(head[3], head[4], stream, payload, head[3] == HEADERS ? decode(stream, payload) : Map.of());
    }

    /** Returns whether the gateway ends the connection without a further frame; windows that we open may cross that. */
    boolean ended() throws IOException {
        try {
            return next() == null;
        } catch (SocketException e) {
            return true;
        }
    }

    /** Returns the next frame of this type, forgetting what comes before it. */
    Frame await(int type) throws IOException {
        for (var frame = next(); frame != null; frame = next()) {
            if (frame.type == type) {
                return frame;
            }
        }
        throw new EOFException("the connection ended before a frame of type " + type);
    }

    /** Each header has to be decoded, because it changes how the next one is read. */
    private Map<String, String> decode(int stream, byte[] block) throws IOException {
        var fields = new TreeMap<String, String>();
        try {
            decoder.decodeHeaders(stream, Unpooled.wrappedBuffer(block))
                    .forEach(field -> fields.put(
                            field.getKey().toString(), field.getValue().toString()));
        } catch (Http2Exception e) {
            throw new IOException(e);
        }
        return fields;
    }

    /** Reads until this stream's answer is whole; a reset is an {@link IOException}. Content of other streams is kept. */
    Answer answer(int stream) throws IOException {
        return requireNonNull(answers(List.of(stream)).get(stream), "the answer");
    }

    /** Reads until all these streams' answers are whole. */
    Map<Integer, Answer> answers(List<Integer> streams) throws IOException {
        var heads = new HashMap<Integer, Map<String, String>>();
        var whole = new HashMap<Integer, Answer>();
        while (whole.size() < streams.size()) {
            var frame = next();
            if (frame == null) {
                throw new EOFException("the connection ended before the answer");
            }
            if (frame.type == GOAWAY || (frame.type == RST_STREAM && streams.contains(frame.stream))) {
                throw new IOException("error " + frame.error() + " in " + frame);
            }
            if (frame.type == HEADERS) {
                heads.put(frame.stream, frame.fields);
            } else if (frame.type == DATA) {
                bodies.computeIfAbsent(frame.stream, s -> new ByteArrayOutputStream())
                        .writeBytes(frame.payload);
            }
            if (frame.ends()) {
                var body = bodies.remove(frame.stream);
                whole.put(
                        frame.stream,
                        new Answer(
                                heads.getOrDefault(frame.stream, Map.of()), body == null ? "" : body.toString(UTF_8)));
            }
        }
        return whole;
    }

    static int firstWindow() {
        return FIRST_WINDOW;
    }

    void hangUp() throws IOException {
        socket.close();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
