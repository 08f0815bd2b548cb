package dev.warmgate.proxy;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.warmgate.router.RequestReport.Outcome;
import java.io.IOException;
import java.util.Arrays;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Bodies that clients have packed: decoded for routing, and sent on as text. */
class RequestEncodingTest {
    private static final byte[] CHAT = Client.chatBody("m", false).getBytes(UTF_8);
    private static final int LARGEST = 2 << 20;

    private FakeEngine engine;
    private Gateway gateway;
    private Client client;

    @BeforeEach
    void start() throws IOException {
        engine = FakeEngine.start(call -> call.chat("ok"));
        gateway = Gateway.start(Gateway.limits(LARGEST, 8_192), engine.uri());
        client = gateway.client();
    }

    @AfterEach
    void stop() throws IOException {
        client.close();
        gateway.close();
        engine.close();
    }

    private Http.Message post(String path, String encoding, byte[] body) throws IOException {
        return client.post(path, "Content-Encoding: " + encoding + "\r\n", body).response();
    }

    private static byte[] encoded(String coding, byte[] plain) {
        return coding.equals("deflate") ? BodyDecoderTest.deflate(plain, false) : BodyDecoderTest.gzip(plain);
    }

    @ParameterizedTest
    @ValueSource(strings = {"gzip", "x-gzip", "deflate", "GZIP", "identity"})
    void theEngineGetsTheTextWithARightLength(String coding) throws IOException {
        byte[] body = coding.equals("identity") ? CHAT : encoded(coding, CHAT);
        var answer = client.post(
                        "/v1/chat/completions",
                        "Content-Encoding: " + coding + "\r\nContent-Digest: sha-256=:AA==:\r\n",
                        body)
                .response();
        assertThat(answer.status()).isEqualTo(200);
        var seen = engine.requests().getFirst();
        assertThat(seen.body()).isEqualTo(CHAT);
        assertThat(seen.field("content-length")).isEqualTo(Integer.toString(CHAT.length));
        assertThat(seen.field("content-encoding")).isNull();
        assertThat(seen.field("content-digest") == null).isEqualTo(!coding.equals("identity"));
        assertThat(gateway.report(1).model()).isEqualTo("m");
        assertThat(client.chat(false).response().status()).isEqualTo(200);
    }

    @Test
    void inChunksAndByHttp2Too() throws IOException {
        byte[] body = BodyDecoderTest.gzip(CHAT);
        client.send(
                "POST /v1/chat/completions HTTP/1.1\r\nContent-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n");
        for (byte next : body) {
            client.send("1\r\n").send(new byte[] {next}).send("\r\n");
        }
        client.send("0\r\n\r\n");
        assertThat(client.response().status()).isEqualTo(200);
        try (var two = Http2Client.connect(gateway.proxy().address())) {
            int stream = two.begin("/v1/chat/completions", "content-encoding", "gzip");
            int half = body.length / 2;
            two.frame(Http2Client.DATA, 0, stream, Arrays.copyOf(body, half));
            two.frame(Http2Client.DATA, Http2Client.END_STREAM, stream, Arrays.copyOfRange(body, half, body.length));
            assertThat(two.answer(stream).status()).isEqualTo(200);
        }
        assertThat(engine.requests())
                .hasSize(2)
                .allSatisfy(request -> assertThat(request.body()).isEqualTo(CHAT));
    }

    @Test
    void anotherEndpointGetsTheSameText() throws IOException {
        try (var broken = FakeEngine.start(FakeEngine.Call::reset);
                var retrying = Gateway.start(broken.uri(), engine.uri());
                var other = retrying.client()) {
            other.post("/v1/chat/completions", "Content-Encoding: gzip\r\n", BodyDecoderTest.gzip(CHAT));
            assertThat(other.response().status()).isEqualTo(200);
            assertThat(broken.requests().getFirst().body()).isEqualTo(CHAT);
            assertThat(engine.requests().getFirst().body()).isEqualTo(CHAT);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "zstd",
                "br",
                "compress",
                "gzip, gzip",
                "gzip, zstd",
                "aws-chunked",
                "gzip\r\nContent-Encoding: gzip"
            })
    void whatIsNotDecodedIsRefusedBeforeItIsSentWithWhatIs(String coding) throws IOException {
        client.send("POST /v1/messages HTTP/1.1\r\nContent-Length: 10\r\nExpect: 100-continue\r\nContent-Encoding: "
                + coding + "\r\n\r\n");
        var answer = client.response();
        assertThat(answer.status()).isEqualTo(415);
        assertThat(answer.field("accept-encoding")).isEqualTo("gzip, deflate");
        assertThat(answer.text()).contains("\"type\":\"error\"").contains("gzip or deflate");
        assertThat(gateway.outcome(1)).isEqualTo(Outcome.CLIENT_ERROR);
        assertThat(engine.requests()).isEmpty();
    }

    @Test
    void formsAreNotDecoded() throws IOException {
        String fields = "Content-Encoding: gzip\r\nContent-Type: multipart/form-data; boundary=x\r\n";
        client.send("POST /v1/audio/transcriptions HTTP/1.1\r\nHost: g\r\nContent-Length: 10\r\n" + fields
                + "\r\n0123456789");
        var answer = client.response();
        assertThat(answer.status()).isEqualTo(415);
        assertThat(answer.field("accept-encoding")).isEqualTo("identity");
        assertThat(client.chat(false).response().status()).isEqualTo(200);
    }

    @Test
    void whatIsBrokenIsRefusedInTheDialectOfTheCaller() throws IOException {
        byte[] good = BodyDecoderTest.gzip(CHAT);
        byte[] flipped = good.clone();
        flipped[flipped.length - 5] ^= 1;
        var cases = new CopyOnWriteArrayList<byte[]>();
        cases.add(CHAT);
        cases.add(flipped);
        cases.add(new byte[0]);
        cases.add(Arrays.copyOf(good, good.length - 1));
        cases.add(BodyDecoderTest.concat(good, new byte[] {0}));
        cases.add(BodyDecoderTest.concat(good, CHAT));
        for (byte[] body : cases) {
            try (var other = gateway.client()) {
                other.post("/v1/messages", "Content-Encoding: gzip\r\n", body);
                var answer = other.response();
                assertThat(answer.status()).isEqualTo(400);
                assertThat(answer.text()).contains("\"type\":\"error\"").contains("Content-Encoding");
            }
        }
        assertThat(engine.requests()).isEmpty();
    }

    @Test
    void bombsAreRefusedInTheDialectOfTheCaller() throws IOException {
        for (String path : new String[] {"/v1/chat/completions", "/v1/messages"}) {
            var answer = post(path, "gzip", BodyDecoderTest.gzip(new byte[LARGEST + 1]));
            assertThat(answer.status()).isEqualTo(413);
            assertThat(answer.text()).contains("request_too_large").contains("Content-Encoding");
            assertThat(client.chat(false).response().status()).isEqualTo(200);
        }
        // Packed twice it is still a chain.
        byte[] twice = BodyDecoderTest.gzip(BodyDecoderTest.gzip(new byte[LARGEST * 10]));
        assertThat(post("/v1/chat/completions", "gzip, gzip", twice).status()).isEqualTo(415);
        assertThat(engine.requests()).hasSize(2);
    }
}
