package dev.warmgate.proxy;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.warmgate.router.RequestReport.Outcome;
import java.io.IOException;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

class ForwardingTest {
    @Test
    void oneConnectionToEachSideServesManyRequests() throws IOException {
        try (var engine = FakeEngine.start(call -> call.chat("hi"));
                var gateway = Gateway.start(engine.uri());
                var client = gateway.client()) {
            for (int i = 0; i < 20; i++) {
                assertThat(client.chat(false).response().text()).contains("\"hi\"");
                int done = i + 1;
                await().until(() -> gateway.reports().size() == done);
            }
            assertThat(engine.connections()).isEqualTo(1);
            var report = gateway.report(20);
            assertThat(report.outcome()).isEqualTo(Outcome.OK);
            assertThat(report.dialect()).isEqualTo("openai-chat");
            assertThat(report.model()).isEqualTo("m");
            assertThat(report.usage().promptTokens()).isEqualTo(9);
            assertThat(report.ttftNanos()).isPositive();
            assertThat(report.durationNanos()).isGreaterThanOrEqualTo(report.ttftNanos());
        }
    }

    @Test
    void bodiesReachTheEngineByteByByte() throws IOException {
        var random = new Random(7);
        try (var engine = FakeEngine.start(call -> call.chat("ok"));
                var gateway = Gateway.start(engine.uri());
                var client = gateway.client()) {
            for (int size : new int[] {0, 1, 100, 5_000, 70_000, 300_000, 8 << 20}) {
                byte[] body = spacedBody(random, size);
                boolean chunked = size % 3 == 1;
                if (chunked) {
                    sendChunked(client, body, random);
                } else {
                    client.post("/v1/chat/completions", "", body);
                }
                assertThat(client.response().status()).isEqualTo(200);
                var seen = engine.requests().getLast();
                assertThat(seen.body()).isEqualTo(body);
                assertThat(seen.field("content-length")).isEqualTo(Integer.toString(body.length));
                assertThat(seen.field("transfer-encoding")).isNull();
            }
        }
    }

    @Test
    void anEventArrivesBeforeTheNextIsMade() throws Exception {
        var seen = new CountDownLatch(1);
        try (var engine = FakeEngine.start(call -> {
                    call.beginStream();
                    call.token("first");
                    seen.await();
                    call.token("second");
                    call.event("{\"choices\":[],\"usage\":{\"prompt_tokens\":50,\"completion_tokens\":2,"
                            + "\"prompt_tokens_details\":{\"cached_tokens\":32}}}");
                    call.endStream();
                });
                var gateway = Gateway.start(engine.uri());
                var client = gateway.client()) {
            client.chat(true);
            assertThat(client.responseHead().status()).isEqualTo(200);
            assertThat(client.chunk()).contains("first");
            await().until(() -> gateway.endpoint(0).pendingPrefillTokens() == 0);
            assertThat(gateway.endpoint(0).inFlight()).isEqualTo(1);
            seen.countDown();
            assertThat(client.chunk()).contains("second");
            assertThat(client.chunk())
                    .as("after usage, which was not asked for")
                    .contains("[DONE]");
            assertThat(client.chunk()).isEmpty();
            var report = gateway.report(1);
            assertThat(report.stream()).isTrue();
            assertThat(report.usage().cachedTokens()).isEqualTo(32);
            assertThat(report.itlNanos()).isPositive();
        }
    }

    @Test
    void pipelinedRequestsAreAnsweredInOrder() throws IOException {
        try (var engine = FakeEngine.start(
                        call -> call.chat(call.path().equals("/v1/chat/completions") ? "chat" : call.path()));
                var gateway = Gateway.start(engine.uri());
                var client = gateway.client()) {
            var all = new StringBuilder();
            String body = Client.chatBody("m", false);
            for (int i = 0; i < 50; i++) {
                all.append("POST /v1/chat/completions HTTP/1.1\r\nHost: g\r\nContent-Length: ")
                        .append(body.length())
                        .append("\r\n\r\n")
                        .append(body);
                all.append("GET /v1/thing/").append(i).append(" HTTP/1.1\r\nHost: g\r\n\r\n");
                all.append("GET /nothing/").append(i).append(" HTTP/1.1\r\nHost: g\r\n\r\n");
                all.append("GET /v1/models HTTP/1.1\r\nHost: g\r\n\r\n");
            }
            client.send(all.toString());
            for (int i = 0; i < 50; i++) {
                assertThat(client.response().text()).contains("\"chat\"");
                assertThat(client.response().text()).contains("/v1/thing/" + i);
                assertThat(client.response().text()).contains("/nothing/" + i);
                assertThat(client.response().text()).isEqualTo(Gateway.MODELS);
            }
            gateway.report(200);
        }
    }

    @Test
    void manyPipelinedErrorsDoNotNest() throws IOException {
        try (var engine = FakeEngine.start(call -> call.chat("never"));
                var gateway = Gateway.start(engine.uri());
                var client = gateway.client()) {
            int count = 3_000;
            client.send("GET /x HTTP/1.1\r\n\r\n".repeat(count));
            for (int i = 0; i < count; i++) {
                assertThat(client.response().status()).isEqualTo(404);
            }
        }
    }

    @Test
    void headersOfOneConnectionAndControlHeadersStop() throws IOException {
        try (var engine = FakeEngine.start(
                        call -> call.json(
                                200,
                                "{}",
                                "Connection: keep-alive, X-Inner\r\nX-Inner: 1\r\nKeep-Alive: timeout=5, max=100\r\nServer: fake\r\n"));
                var gateway = Gateway.start(engine.uri());
                var client = gateway.client()) {
            client.post(
                    "/v1/chat/completions?x=1", """
                    Authorization: Bearer k\r
                    Connection: keep-alive, X-Outer\r
                    X-Outer: 1\r
                    TE: trailers\r
                    Accept-Encoding: gzip, br\r
                    X-Request-Id: my-id\r
                    X-Prefiller-Host-Port: 10.0.0.1:1\r
                    x-data-parallel-host-port: 10.0.0.1:1\r
                    X-Gateway-Destination-Endpoint: 10.0.0.1:1\r
                    x-llm-d-slo-ttft-ms: 1\r
                    X-Stainless-Lang: python\r
                    X-Other: stays\r
                    """, Client.chatBody("m", false).getBytes(UTF_8));
            var answer = client.response();
            assertThat(answer.field("x-request-id")).isEqualTo("my-id");
            assertThat(answer.field("server")).isEqualTo("fake");
            assertThat(answer.field("x-inner")).isNull();
            assertThat(answer.field("keep-alive")).isNull();

            var seen = engine.requests().getFirst();
            assertThat(seen.line()).isEqualTo("POST /v1/chat/completions?x=1 HTTP/1.1");
            assertThat(seen.field("host")).isEqualTo("127.0.0.1:" + engine.port());
            assertThat(seen.field("authorization")).isEqualTo("Bearer k");
            assertThat(seen.field("accept-encoding")).isEqualTo("identity");
            assertThat(seen.field("x-request-id")).isEqualTo("my-id");
            assertThat(seen.field("x-other")).isEqualTo("stays");
            for (String gone : new String[] {
                "connection",
                "te",
                "x-outer",
                "x-prefiller-host-port",
                "x-data-parallel-host-port",
                "x-gateway-destination-endpoint",
                "x-llm-d-slo-ttft-ms",
                "x-stainless-lang"
            }) {
                assertThat(seen.field(gone)).as(gone).isNull();
            }
            assertThat(gateway.report(1).requestId()).isEqualTo("my-id");
        }
    }

    @Test
    void aBasePathIsKept() throws IOException {
        try (var engine = FakeEngine.start(call -> call.chat(call.path()));
                var gateway = Gateway.start(engine.uri().resolve("/engines/one/"));
                var client = gateway.client()) {
            assertThat(client.chat(false).response().text()).contains("/engines/one/v1/chat/completions");
        }
    }

    @Test
    void otherPathsStreamThroughInBothDirections() throws Exception {
        var firstHalf = new CountDownLatch(1);
        try (var listening = new java.net.ServerSocket(0, 1, java.net.InetAddress.getLoopbackAddress());
                var gateway = Gateway.start(java.net.URI.create("http://127.0.0.1:" + listening.getLocalPort()));
                var client = gateway.client()) {
            Thread.startVirtualThread(() -> {
                try (var socket = listening.accept()) {
                    var in = new Http.Input(socket.getInputStream());
                    assertThat(in.readResponseHead().line()).isEqualTo("POST /v1/files HTTP/1.1");
                    assertThat(new String(in.readChunk(), UTF_8)).isEqualTo("first");
                    firstHalf.countDown();
                    assertThat(new String(in.readChunk(), UTF_8)).isEqualTo("second");
                    assertThat(in.readChunk()).isEmpty();
                    socket.getOutputStream().write("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ndone".getBytes(UTF_8));
                    in.read();
                } catch (IOException e) {
                    // seen by the client
                }
            });
            client.send("POST /v1/files HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nfirst\r\n");
            firstHalf.await();
            client.send("6\r\nsecond\r\n0\r\n\r\n");
            assertThat(client.response().text()).isEqualTo("done");
            var report = gateway.report(1);
            assertThat(report.dialect()).isEqualTo("other");
            assertThat(report.bytesIn()).isEqualTo(11);
        }
    }

    @Test
    void answersWithoutBodyOrLengthKeepTheirMeaning() throws IOException {
        try (var engine = FakeEngine.start(call -> {
                    switch (call.path()) {
                        case "/v1/head" -> call.raw("HTTP/1.1 200 OK\r\nContent-Length: 1234\r\n\r\n");
                        case "/v1/204" -> call.raw("HTTP/1.1 204 No Content\r\n\r\n");
                        case "/v1/304" -> call.raw("HTTP/1.1 304 Not Modified\r\nETag: \"x\"\r\n\r\n");
                        case "/v1/hint" ->
                            call.raw("HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n"
                                    + "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
                        default -> {
                            call.raw("HTTP/1.1 200 OK\r\n\r\nuntil the end");
                            call.close();
                        }
                    }
                });
                var gateway = Gateway.start(engine.uri());
                var client = gateway.client()) {
            var head = client.send("HEAD /v1/head HTTP/1.1\r\n\r\n").responseToHead();
            assertThat(head.field("content-length")).isEqualTo("1234");
            assertThat(client.get("/v1/204").response().status()).isEqualTo(204);
            assertThat(client.get("/v1/304").response().field("etag")).isEqualTo("\"x\"");
            assertThat(client.get("/v1/hint").response().text()).isEqualTo("ok");
            var unframed = client.get("/v1/unframed").response();
            assertThat(unframed.text()).isEqualTo("until the end");
            assertThat(unframed.field("transfer-encoding")).isEqualTo("chunked");
        }
    }

    @Test
    void anHttp10ClientGetsAnswersItCanRead() throws IOException {
        try (var engine = FakeEngine.start(call -> {
                    call.beginStream();
                    call.token("x");
                    call.endStream();
                });
                var gateway = Gateway.start(engine.uri());
                var client = gateway.client()) {
            String body = Client.chatBody("m", true);
            client.send("POST /v1/chat/completions HTTP/1.0\r\nConnection: keep-alive\r\nContent-Length: "
                    + body.length() + "\r\n\r\n" + body);
            var answer = client.response();
            assertThat(answer.field("transfer-encoding")).isNull();
            assertThat(answer.field("connection")).isEqualTo("close");
            assertThat(answer.text()).startsWith("data: ").endsWith("data: [DONE]\n\n");
        }
    }

    @Test
    void theModelListIsAnsweredHere() throws IOException {
        try (var gateway = Gateway.start(java.net.URI.create("http://127.0.0.1:1"));
                var client = gateway.client()) {
            assertThat(client.get("/v1/models").response().text()).isEqualTo(Gateway.MODELS);
            assertThat(client.get("/v1/models?limit=5").response().text()).isEqualTo(Gateway.MODELS);
            assertThat(client.post("/v1/models", "{}").response().status()).isEqualTo(405);
            assertThat(client.send("HEAD /v1/models HTTP/1.1\r\n\r\n")
                            .responseToHead()
                            .status())
                    .isEqualTo(200);
            assertThat(client.send("GET http://gateway/v1/models HTTP/1.1\r\n\r\n")
                            .response()
                            .status())
                    .isEqualTo(200);
        }
    }

    @Test
    void expectedContinueIsAnswered() throws IOException {
        try (var engine = FakeEngine.start(call -> call.chat("ok"));
                var gateway = Gateway.start(engine.uri());
                var client = gateway.client()) {
            String body = Client.chatBody("m", false);
            client.send("POST /v1/chat/completions HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: " + body.length()
                    + "\r\n\r\n");
            assertThat(client.responseHead().line()).isEqualTo("HTTP/1.1 100 Continue");
            client.send(body);
            assertThat(client.response().text()).contains("\"ok\"");
            assertThat(engine.requests().getFirst().field("expect")).isNull();
        }
    }

    /** A chat body of about that size whose spaces no rewriting would keep. */
    private static byte[] spacedBody(Random random, int size) {
        var text = new StringBuilder("{ \"model\" :\t\"m\",\n\"messages\":[ {\"role\":\"user\",  \"content\":\"");
        while (text.length() < size) {
            text.append((char) ('a' + random.nextInt(26)));
            if (random.nextInt(50) == 0) {
                text.append("\\u00e9é😀\\n");
            }
        }
        return text.append("\"}  ] }\n ").toString().getBytes(UTF_8);
    }

    private static void sendChunked(Client client, byte[] body, Random random) throws IOException {
        client.send("POST /v1/chat/completions HTTP/1.1\r\nHost: g\r\nTransfer-Encoding: chunked\r\n\r\n");
        int at = 0;
        while (at < body.length) {
            int size = Math.min(body.length - at, 1 + random.nextInt(40_000));
            client.send(Integer.toHexString(size) + "\r\n");
            client.send(java.util.Arrays.copyOfRange(body, at, at + size));
            client.send("\r\n");
            at += size;
        }
        client.send("0\r\n\r\n");
    }
}
