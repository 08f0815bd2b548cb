package dev.warmgate.picker.grpc;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.warmgate.testing.H2spec;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersEncoder;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Headers;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What comes on the wire, frame by frame, right and wrong. */
class FramesTest {
    private static final String PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

    private final EchoServer echo = new EchoServer();

    @AfterEach
    void close() {
        await().atMost(Duration.ofSeconds(20)).until(() -> echo.open.get() == 0);
        echo.close();
    }

    /** A frame that came. */
    private record Frame(
            int type,
            int flags,
            int stream,
            @SuppressWarnings("ArrayRecordComponent") byte[] payload) {
        int code() {
            return Unpooled.wrappedBuffer(payload).getInt(type == Frames.GOAWAY ? 4 : 0);
        }
    }

    private static void frame(ByteBuf to, int type, int flags, int stream, byte[] payload) {
        Frames.header(to, payload.length, type, flags, stream);
        to.writeBytes(payload);
    }

    private static ByteBuf begin() {
        var out = Unpooled.buffer().writeBytes(PREFACE.getBytes(US_ASCII));
        frame(out, Frames.SETTINGS, 0, 0, new byte[0]);
        return out;
    }

    private static Http2Headers head() {
        return new DefaultHttp2Headers()
                .method("POST")
                .scheme("http")
                .path("/" + EchoServer.PATH)
                .add("content-type", "application/grpc")
                .add("te", "trailers");
    }

    private static byte[] block(Http2Headers head) throws Http2Exception {
        var block = Unpooled.buffer();
        new DefaultHttp2HeadersEncoder().encodeHeaders(1, head, block);
        return bytes(block);
    }

    private static byte[] bytes(ByteBuf buffer) {
        var bytes = new byte[buffer.readableBytes()];
        buffer.readBytes(bytes);
        return bytes;
    }

    /** Sends all, a piece after the other, and takes frames until the connection ends. */
    private List<Frame> exchange(byte[] sent, int piece) throws IOException {
        var frames = new ArrayList<Frame>();
        try (var socket = new Socket(InetAddress.getLoopbackAddress(), echo.port())) {
            socket.setTcpNoDelay(true);
            socket.setSoTimeout(20_000);
            var in = new DataInputStream(socket.getInputStream());
            try {
                for (int at = 0; at < sent.length; at += piece) {
                    socket.getOutputStream().write(sent, at, Math.min(piece, sent.length - at));
                }
                socket.shutdownOutput();
                while (true) {
                    int head = in.readInt();
                    int flags = in.readUnsignedByte();
                    int stream = in.readInt();
                    frames.add(new Frame(head & 0xFF, flags, stream, in.readNBytes(head >>> 8)));
                }
            } catch (EOFException | SocketException _) {
                return frames;
            }
        }
    }

    private static Frame last(List<Frame> frames, int type) {
        return frames.stream()
                .filter(f -> f.type == type)
                .reduce((_, b) -> b)
                .orElseThrow(() -> new AssertionError("no frame of type " + type + " in " + frames));
    }

    /** One call with everything that may be there: padding, priority, continuation, extensions, a cut message. */
    private static byte[] decorated() throws Http2Exception {
        var out = begin();
        frame(out, Frames.PRIORITY, 0, 1, new byte[] {0, 0, 0, 0, 7});
        byte[] block = block(head());
        var first = Unpooled.buffer()
                .writeByte(3)
                .writeInt(0)
                .writeByte(9)
                .writeBytes(block, 0, 4)
                .writeZero(3);
        frame(out, Frames.HEADERS, Frames.PADDED | Frames.WITH_PRIORITY, 1, bytes(first));
        frame(out, Frames.CONTINUATION, 0, 1, bytes(Unpooled.wrappedBuffer(block, 4, 3)));
        var rest = Unpooled.wrappedBuffer(block, 7, block.length - 7);
        frame(out, Frames.CONTINUATION, Frames.END_HEADERS, 1, bytes(rest));
        frame(out, 0x55, 0xFF, 1, new byte[] {1, 2, 3});
        frame(out, Frames.PING, 0, 0, new byte[] {1, 2, 3, 4, 5, 6, 7, 8});
        frame(out, Frames.DATA, Frames.PADDED, 1, new byte[] {2, 0, 0, 0, 0, 0, 0});
        frame(out, Frames.DATA, 0, 1, new byte[] {3, 'a'});
        frame(out, Frames.DATA, 0, 1, new byte[0]);
        frame(out, Frames.DATA, Frames.END_STREAM, 1, new byte[] {'b', 'c', 0, 0, 0, 0, 1, 'd'});
        return bytes(out);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 5, 7, 11, 64, 1000})
    void framesMayBeCutAnywhere(int piece) throws Exception {
        var frames = exchange(decorated(), piece);
        var data = frames.stream().filter(f -> f.type == Frames.DATA).toList();
        assertThat(data).hasSize(2);
        assertThat(new String(data.getFirst().payload, US_ASCII)).endsWith("abc");
        assertThat(new String(data.getLast().payload, US_ASCII)).endsWith("d");
        assertThat(last(frames, Frames.PING).flags).isEqualTo(Frames.ACK);
        var end = last(frames, Frames.HEADERS);
        assertThat(end.flags).isEqualTo(Frames.END_HEADERS | Frames.END_STREAM);
        assertThat(new String(end.payload, US_ASCII)).contains("grpc-status");
    }

    private List<Frame> after(Consumer<ByteBuf> mistake) throws IOException {
        var out = begin();
        mistake.accept(out);
        return exchange(bytes(out), Integer.MAX_VALUE);
    }

    @Test
    void mistakesEndTheConnectionAndAreNamed() throws Exception {
        record Mistake(int code, Consumer<ByteBuf> frames) {}
        byte[] nothing = {};
        byte[] block = block(head());
        var mistakes = List.of(
                new Mistake(ProtocolError.FRAME_SIZE, out -> frame(out, Frames.DATA, 0, 1, new byte[16_385])),
                new Mistake(ProtocolError.FRAME_SIZE, out -> frame(out, Frames.PING, 0, 0, new byte[7])),
                new Mistake(ProtocolError.FRAME_SIZE, out -> frame(out, Frames.SETTINGS, 0, 0, new byte[5])),
                new Mistake(ProtocolError.PROTOCOL, out -> frame(out, Frames.DATA, 0, 0, nothing)),
                new Mistake(ProtocolError.PROTOCOL, out -> frame(out, Frames.DATA, 0, 5, nothing)),
                new Mistake(ProtocolError.PROTOCOL, out -> frame(out, Frames.CONTINUATION, 0, 1, nothing)),
                new Mistake(ProtocolError.PROTOCOL, out -> frame(out, Frames.PUSH_PROMISE, 0, 1, nothing)),
                new Mistake(ProtocolError.PROTOCOL, out -> frame(out, Frames.WINDOW_UPDATE, 0, 0, new byte[4])),
                new Mistake(ProtocolError.PROTOCOL, out -> {
                    frame(out, Frames.HEADERS, 0, 1, block);
                    frame(out, Frames.DATA, 0, 1, nothing);
                }),
                new Mistake(
                        ProtocolError.COMPRESSION,
                        out -> frame(
                                out, Frames.HEADERS, Frames.END_HEADERS, 1, new byte[] {(byte) 0xFF, (byte) 0xFF, 1})),
                new Mistake(ProtocolError.ENHANCE_YOUR_CALM, out -> {
                    frame(out, Frames.HEADERS, 0, 1, block);
                    for (int i = 0; i < 5; i++) {
                        frame(out, Frames.CONTINUATION, 0, 1, new byte[16_000]);
                    }
                }),
                new Mistake(ProtocolError.FLOW_CONTROL, out -> {
                    var update = Unpooled.buffer().writeInt(Integer.MAX_VALUE);
                    frame(out, Frames.WINDOW_UPDATE, 0, 0, bytes(update));
                }));
        for (var mistake : mistakes) {
            var frames = after(mistake.frames);
            assertThat(last(frames, Frames.GOAWAY).code()).as("%s", mistake).isEqualTo(mistake.code);
        }
    }

    @Test
    void moreThanTheWindowIsRefused() throws Exception {
        byte[] block = block(head());
        // Of a message that never ends nothing is given back to the window while nobody takes what is sent.
        var frames = after(out -> {
            byte[] settings =
                    bytes(Unpooled.buffer().writeShort(Frames.SETTING_WINDOW).writeInt(0));
            frame(out, Frames.SETTINGS, 0, 0, settings);
            frame(out, Frames.HEADERS, Frames.END_HEADERS, 1, block);
            byte[] large = bytes(Unpooled.buffer().writeByte(0).writeInt(16_379).writeZero(16_379));
            for (int i = 0; i < 80; i++) {
                frame(out, Frames.DATA, 0, 1, large);
            }
        });
        assertThat(last(frames, Frames.GOAWAY).code()).isEqualTo(ProtocolError.FLOW_CONTROL);
        assertThat(echo.heard.get()).isBetween(1, 4);
    }

    @Test
    void whatIsNoCallIsAnsweredAsHttp() throws Exception {
        byte[] get = block(head().method("GET"));
        byte[] json = block(head().set("content-type", "application/json"));
        byte[] large = block(head().add("x", "a".repeat(20_000)));
        for (var headers : List.of(get, json)) {
            var frames = after(out -> frame(out, Frames.HEADERS, Frames.END_HEADERS, 1, headers));
            var text = frames.stream().filter(f -> f.type == Frames.DATA).findFirst();
            assertThat(new String(text.orElseThrow().payload, US_ASCII)).contains("gRPC");
        }
        var frames = after(out -> {
            frame(out, Frames.HEADERS, 0, 1, bytes(Unpooled.wrappedBuffer(large, 0, 10_000)));
            var rest = Unpooled.wrappedBuffer(large, 10_000, large.length - 10_000);
            frame(out, Frames.CONTINUATION, Frames.END_HEADERS, 1, bytes(rest));
        });
        assertThat(new String(last(frames, Frames.HEADERS).payload, US_ASCII)).contains("431");
        assertThat(new String(last(after(out -> {}), Frames.SETTINGS).payload, US_ASCII))
                .isEmpty();
    }

    @Test
    void bytesWithoutSenseHarmNobody() throws Exception {
        var random = new Random(11);
        byte[] good = decorated();
        for (int i = 0; i < 300; i++) {
            byte[] bad = good.clone();
            for (int n = random.nextInt(1, 4); n > 0; n--) {
                bad[random.nextInt(PREFACE.length(), bad.length)] = (byte) random.nextInt();
            }
            exchange(bad, 1 + random.nextInt(100));
        }
        assertThat(last(exchange(good, 50), Frames.HEADERS).flags).isEqualTo(Frames.END_HEADERS | Frames.END_STREAM);
    }

    /** What is asked for is no call, and so answered at once: these need a stream that is open longer, or a length. */
    private static final Set<String> NOT_ASKED = Set.of(
            "Sends stream identifier that is numerically smaller than previous",
            "Sends HEADERS frames that causes their advertised concurrent stream limit to be exceeded",
            "Sends multiple WINDOW_UPDATE frames increasing the flow control window to above 2^31-1 on a stream",
            "Sends a HEADERS frame with the \"content-length\" header field which does not equal the DATA frame payload"
                    + " length",
            "Sends a HEADERS frame with the \"content-length\" header field which does not equal the sum of the multiple"
                    + " DATA frames payload length");

    @TestFactory
    Stream<DynamicTest> conformance(@TempDir Path folder) throws Exception {
        return H2spec.run(echo.port(), "/" + EchoServer.PATH, folder, List.of(), NOT_ASKED);
    }
}
