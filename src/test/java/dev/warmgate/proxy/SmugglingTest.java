package dev.warmgate.proxy;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import dev.warmgate.proxy.Http2Client.Frame;
import io.netty.util.ResourceLeakDetector;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;

/**
 * Requests whose end two parties could see in different places, byte by byte against the listening door: each is refused,
 * its connection or stream ends, and the engine sees neither it nor what was hidden in it.
 */
@TestInstance(Lifecycle.PER_CLASS)
class SmugglingTest {
    private static final String HIDDEN = "GET /v1/hidden HTTP/1.1\r\nHost: g\r\n\r\n";
    private static final String CHUNKED = "Transfer-Encoding: chunked";

    private FakeEngine engine;
    private Gateway gateway;

    @BeforeAll
    void start() {
        engine = FakeEngine.start(call -> call.chat("ok"));
        // No time limit that could end a flood.
        gateway = Gateway.start(Gateway.waits(Duration.ofMinutes(5), Duration.ofMinutes(5)), engine.uri());
    }

    @AfterAll
    void stop() throws IOException {
        gateway.close();
        engine.close();
    }

    @TestFactory
    Stream<DynamicTest> headersOfHttp1() {
        var cases = new LinkedHashMap<String, String>();
        cases.put("CL.TE", "Content-Length: 6\r\n" + CHUNKED);
        cases.put("TE.CL", CHUNKED + "\r\nContent-Length: 4");
        cases.put("CL.TE of length 0", "Content-Length: 0\r\n" + CHUNKED);
        cases.put("TE twice", CHUNKED + "\r\n" + CHUNKED);
        cases.put("TE chunked, then identity", CHUNKED + "\r\nTransfer-Encoding: identity");
        cases.put("TE identity, then chunked", "Transfer-Encoding: identity\r\n" + CHUNKED);
        cases.put("TE list", "Transfer-Encoding: chunked, identity");
        cases.put("TE list of chunked twice", "Transfer-Encoding: chunked, chunked");
        cases.put("TE gzip, chunked", "Transfer-Encoding: gzip, chunked");
        cases.put("TE xchunked", "Transfer-Encoding: xchunked");
        cases.put("TE quoted", "Transfer-Encoding: \"chunked\"");
        cases.put("TE with a vertical tab", "Transfer-Encoding:\u000bchunked");
        cases.put("TE with a NUL", "Transfer-Encoding: chunked\u0000");
        cases.put("TE with a parameter", "Transfer-Encoding: chunked;q=1");
        cases.put("TE with a space before the colon", "Transfer-Encoding : chunked");
        cases.put("TE with a tab before the colon", "Transfer-Encoding\t: chunked");
        cases.put("TE behind a bare LF", "X: y\nTransfer-Encoding: chunked");
        cases.put("TE behind a bare CR", "X: y\rTransfer-Encoding: chunked");
        cases.put("TE folded in itself", "Transfer-Encoding:\r\n chunked");
        cases.put("TE on an indented first line", " " + CHUNKED);
        cases.put("CL twice, equal", "Content-Length: 5\r\nContent-Length: 5");
        cases.put("CL twice, different", "Content-Length: 5\r\nContent-Length: 6");
        cases.put("CL list", "Content-Length: 5, 5");
        cases.put("CL plus", "Content-Length: +5");
        cases.put("CL minus", "Content-Length: -5");
        cases.put("CL hexadecimal", "Content-Length: 0x5");
        cases.put("CL with a space inside", "Content-Length: 5 5");
        cases.put("CL with letters", "Content-Length: 5a");
        cases.put("CL empty", "Content-Length: ");
        cases.put("CL beyond 64 bits", "Content-Length: 18446744073709551621");
        cases.put("CL with a space before the colon", "Content-Length : 5");
        cases.put("CL with a NUL in its name", "Content\u0000-Length: 5");
        cases.put("a name with a space", "X Y: 1");
        cases.put("an empty name", ": 1");
        cases.put("no colon", "X");
        cases.put("a NUL in a value", "X: a\u0000b");
        cases.put("two hosts", "Host: other");
        return cases.entrySet().stream()
                .flatMap(one -> Stream.of("/v1/chat/completions", "/v1/files")
                        .map(path -> refused(
                                one.getKey() + " " + path,
                                "POST " + path + " HTTP/1.1\r\nHost: g\r\n" + one.getValue() + "\r\n\r\n0\r\n\r\n"
                                        + HIDDEN)));
    }

    /** RFC 9112 section 5.2 lets a recipient put a space for the fold: then nobody behind us sees a second field. */
    @Test
    void aFoldedLineIsNoFieldOfItsOwn() throws IOException {
        try (var client = gateway.client()) {
            client.send("GET /v1/folded HTTP/1.1\r\nHost: g\r\nX: y\r\n " + CHUNKED + "\r\n\r\n");
            assertThat(client.response().status()).isEqualTo(200);
        }
        var seen = engine.requests().getLast();
        assertThat(seen.field("x")).isEqualTo("y " + CHUNKED);
        assertThat(seen.field("transfer-encoding")).isNull();
    }

    @TestFactory
    Stream<DynamicTest> linesOfHttp1() {
        var cases = new LinkedHashMap<String, String>();
        cases.put("bare LF lines", "GET /v1/x HTTP/1.1\nHost: g\n\n");
        cases.put("a NUL in the path", "GET /v1/x\u0000y HTTP/1.1\r\nHost: g\r\n\r\n");
        cases.put("a control character in the path", "GET /v1/x\u0001y HTTP/1.1\r\nHost: g\r\n\r\n");
        cases.put("a bare CR in the path", "GET /v1/x\ry HTTP/1.1\r\nHost: g\r\n\r\n");
        cases.put("no version", "GET /v1/x\r\nHost: g\r\n\r\n");
        cases.put("another protocol", "GET /v1/x FTP/1.1\r\nHost: g\r\n\r\n");
        cases.put("HTTP/2.0 in words", "GET /v1/x HTTP/2.0\r\nHost: g\r\n\r\n");
        cases.put("chunks in HTTP/1.0", "POST /v1/files HTTP/1.0\r\n" + CHUNKED + "\r\n\r\n0\r\n\r\n");
        return cases.entrySet().stream().map(one -> refused(one.getKey(), one.getValue() + HIDDEN));
    }

    @TestFactory
    Stream<DynamicTest> chunksOfHttp1() {
        var cases = new LinkedHashMap<String, String>();
        cases.put("a size with a plus", "+3\r\nabc\r\n0\r\n\r\n");
        cases.put("a size with a minus", "-3\r\nabc\r\n0\r\n\r\n");
        cases.put("a size with 0x", "0x3\r\nabc\r\n0\r\n\r\n");
        cases.put("a size beyond 64 bits", "10000000000000003\r\nabc\r\n0\r\n\r\n");
        cases.put("an empty size", "\r\nabc\r\n0\r\n\r\n");
        cases.put("a size behind a space", " 3\r\nabc\r\n0\r\n\r\n");
        cases.put("a bare LF behind the size", "3\nabc\r\n0\r\n\r\n");
        cases.put("a bare CR behind the size", "3\rabc\r\n0\r\n\r\n");
        cases.put("a NUL in the size", "3\u0000\r\nabc\r\n0\r\n\r\n");
        cases.put("more data than announced", "3\r\nabcdef\r\n0\r\n\r\n");
        cases.put("a bare LF behind the data", "3\r\nabc\n0\r\n\r\n");
        cases.put("an extension of 100 KB", "3;" + "x".repeat(100_000) + "\r\nabc\r\n0\r\n\r\n");
        cases.put("an extension with a bare LF", "3;a\nbc\r\nabc\r\n0\r\n\r\n");
        return cases.entrySet().stream()
                .map(one -> refused(
                        one.getKey(),
                        "POST /v1/chat/completions HTTP/1.1\r\nHost: g\r\n" + CHUNKED + "\r\n\r\n" + one.getValue()
                                + HIDDEN));
    }

    private DynamicTest refused(String name, String bytes) {
        return DynamicTest.dynamicTest(name, () -> {
            int before = engine.requests().size();
            try (var client = gateway.client()) {
                client.send(bytes.getBytes(ISO_8859_1));
                assertThat(client.response().status()).isBetween(400, 499);
                assertThat(client.closed()).isTrue();
            }
            assertThat(engine.requests()).hasSize(before);
        });
    }

    @TestFactory
    Stream<DynamicTest> headersOfHttp2() {
        var cases = new LinkedHashMap<String, byte[]>();
        cases.put("a value with CRLF", get("x", "a\r\nContent-Length: 5"));
        cases.put("a value with LF", get("x", "a\nTransfer-Encoding: chunked"));
        cases.put("a value with CR", get("x", "a\rb"));
        cases.put("a value with NUL", get("x", "a\u0000b"));
        cases.put("a name with CRLF", get("x: y\r\nhidden", "1"));
        cases.put("a name with a colon", get("x:y", "1"));
        cases.put("a name with a space", get("x y", "1"));
        cases.put("a name in capitals", get("X-Name", "1"));
        cases.put("an empty name", get("", "1"));
        cases.put("transfer-encoding", get("transfer-encoding", "chunked"));
        cases.put("connection", get("connection", "content-length"));
        cases.put("keep-alive", get("keep-alive", "timeout=5"));
        cases.put("proxy-connection", get("proxy-connection", "close"));
        cases.put("upgrade", get("upgrade", "websocket"));
        cases.put("te other than trailers", get("te", "gzip"));
        cases.put("another host", get("host", "other"));
        cases.put("a content length that is not kept", get("content-length", "5"));
        cases.put("a content length with a plus", get("content-length", "+0"));
        cases.put("two content lengths", get("content-length", "0", "content-length", "5"));
        cases.put("an unknown pseudo field", get(":hidden", "1"));
        cases.put("a pseudo field behind another", get("x", "1", ":path", "/v1/hidden"));
        cases.put("a response's pseudo field", get(":status", "200"));
        cases.put("a path with a space", Http2Client.request("GET", "/v1/x HTTP/1.1"));
        cases.put("a path with CRLF", Http2Client.request("GET", "/v1/x HTTP/1.1\r\nHost: g\r\n\r\nGET /v1/hidden"));
        cases.put("a path with NUL", Http2Client.request("GET", "/v1/x\u0000y"));
        cases.put("no path", Http2Client.block(":method", "GET", ":scheme", "http", ":authority", "g"));
        cases.put("a method with CRLF", Http2Client.request("GET /v1/hidden HTTP/1.1\r\nX:", "/v1/x"));
        cases.put("a method with a space", Http2Client.request("GET /v1/hidden", "/v1/x"));
        cases.put(
                "an authority with CRLF",
                Http2Client.block(
                        ":method", "GET", ":scheme", "http", ":path", "/v1/x", ":authority", "g\r\nX-Hidden: 1"));
        return cases.entrySet().stream()
                .map(one -> DynamicTest.dynamicTest(one.getKey(), () -> {
                    int before = engine.requests().size();
                    try (var client = Http2Client.connect(gateway.proxy().address())) {
                        client.frame(
                                Http2Client.HEADERS,
                                Http2Client.END_HEADERS | Http2Client.END_STREAM,
                                1,
                                one.getValue());
                        var frame = client.next();
                        assertThat(frame).isNotNull();
                        assertThat(refusal(frame)).as(frame.toString()).isTrue();
                    }
                    assertThat(engine.requests()).hasSize(before);
                }));
    }

    private static byte[] get(String... fields) {
        return Http2Client.request("GET", "/v1/x", fields);
    }

    private static boolean refusal(Frame frame) {
        return switch (frame.type()) {
            case Http2Client.RST_STREAM, Http2Client.GOAWAY -> true;
            case Http2Client.HEADERS ->
                Map.copyOf(frame.fields()).getOrDefault(":status", "").startsWith("4");
            default -> false;
        };
    }

    @TestFactory
    Stream<DynamicTest> floodsOfHttp2() {
        var floods = new ArrayList<DynamicTest>();
        floods.add(flood("rapid reset", client -> {
            for (int stream = 1; stream < 6_000; stream += 2) {
                client.frame(
                        Http2Client.HEADERS,
                        Http2Client.END_HEADERS | Http2Client.END_STREAM,
                        stream,
                        Http2Client.request("GET", "/v1/models"));
                client.reset(stream, Http2Client.CANCEL);
            }
        }));
        floods.add(flood("empty continuations", client -> {
            client.frame(Http2Client.HEADERS, 0, 1, Http2Client.request("GET", "/v1/models"));
            for (int i = 0; i < 1_000; i++) {
                client.frame(Http2Client.CONTINUATION, 0, 1, new byte[0]);
            }
        }));
        floods.add(flood("continuations without end", client -> {
            client.frame(Http2Client.HEADERS, 0, 1, Http2Client.request("GET", "/v1/models"));
            for (int i = 0; i < 1_000; i++) {
                client.frame(Http2Client.CONTINUATION, 0, 1, Http2Client.block("x-" + i, "y".repeat(8_000)));
            }
        }));
        floods.add(flood("empty data", client -> {
            int stream = client.begin("/v1/chat/completions");
            for (int i = 0; i < 1_000; i++) {
                client.frame(Http2Client.DATA, 0, stream, new byte[0]);
            }
        }));
        floods.add(flood("pings that nobody reads the answers of", client -> {
            byte[] ping = Http2Client.encode(Http2Client.PING, 0, 0, new byte[8]);
            sendForever(client, ping);
        }));
        floods.add(flood("settings that nobody reads the answers of", client -> {
            byte[] settings = Http2Client.encode(Http2Client.SETTINGS, 0, 0, new byte[] {0, 3, 0, 0, 0, 9});
            sendForever(client, settings);
        }));
        return floods.stream();
    }

    private interface Attack {
        void run(Http2Client client) throws IOException;
    }

    /** Without the stack traces that leak detection takes for each answer: a hundred thousand of them wait in the kernel. */
    private static void sendForever(Http2Client client, byte[] frame) throws IOException {
        var level = ResourceLeakDetector.getLevel();
        ResourceLeakDetector.setLevel(ResourceLeakDetector.Level.SIMPLE);
        try {
            sendTenMillion(client, frame);
        } finally {
            ResourceLeakDetector.setLevel(level);
        }
    }

    private static void sendTenMillion(Http2Client client, byte[] frame) throws IOException {
        byte[] many = new byte[frame.length * 1_000];
        for (int i = 0; i < 1_000; i++) {
            System.arraycopy(frame, 0, many, i * frame.length, frame.length);
        }
        for (int i = 0; i < 10_000; i++) {
            client.raw(many);
        }
        throw new AssertionError("10 million frames were taken");
    }

    /** The connection ends, without harm to others. */
    private DynamicTest flood(String name, Attack attack) {
        return DynamicTest.dynamicTest(name, () -> {
            // With little room for answers, so that those that nobody reads soon wait.
            try (var client = Http2Client.connect(gateway.proxy().address(), 4 << 10)) {
                try {
                    attack.run(client);
                    var farewell = client.await(Http2Client.GOAWAY);
                    assertThat(List.of(Http2Client.ENHANCE_YOUR_CALM, Http2Client.PROTOCOL_ERROR))
                            .contains(farewell.error());
                } catch (IOException e) {
                    // Closed while we still sent: the farewell was lost in the reset.
                }
            }
            try (var other = gateway.client()) {
                assertThat(other.get("/v1/models").response().status()).isEqualTo(200);
            }
        });
    }

    /** Fields in the table of the connection, named again and again: a small block that becomes a large header. */
    @Test
    void aHeaderIsMeasuredDecoded() throws IOException {
        try (var client = Http2Client.connect(gateway.proxy().address())) {
            // Literal with incremental indexing (RFC 7541 section 6.2.1), then its index 62 many times.
            byte[] literal = Http2Client.block("x", "y".repeat(3_500));
            literal[0] = 0x40;
            byte[] request = Http2Client.request("GET", "/v1/models");
            byte[] block = new byte[request.length + literal.length + 1_000];
            System.arraycopy(request, 0, block, 0, request.length);
            System.arraycopy(literal, 0, block, request.length, literal.length);
            Arrays.fill(block, request.length + literal.length, block.length, (byte) (0x80 | 62));
            client.frame(Http2Client.HEADERS, Http2Client.END_HEADERS | Http2Client.END_STREAM, 1, block);
            var frame = client.next();
            assertThat(frame).isNotNull();
            assertThat(refusal(frame)).as(frame.toString()).isTrue();
        }
    }
}
