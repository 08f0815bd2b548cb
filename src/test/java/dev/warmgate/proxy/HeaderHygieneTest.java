package dev.warmgate.proxy;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.warmgate.engine.link.EngineKey;
import dev.warmgate.engine.link.EngineLinks;
import dev.warmgate.engine.link.LinkSettings;
import dev.warmgate.engine.link.LinkSettings.Protocol;
import dev.warmgate.engine.link.TlsSettings;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What engines are told about callers, and what of theirs they never see. */
class HeaderHygieneTest {
    private static final String TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    private static final byte[] BODY = Client.chatBody("m", false).getBytes(UTF_8);
    private static final List<Subnet> LOOPBACK = List.of(Objects.requireNonNull(Subnet.parse("127.0.0.0/8")));

    private static LinkSettings keyed(EngineKey key) {
        return new LinkSettings(Protocol.HTTP1, key, TlsSettings.DEFAULT);
    }

    private static EngineLinks links(@Nullable EngineKey pool, Map<String, LinkSettings> endpoints)
            throws GeneralSecurityException {
        Map<String, LinkSettings> pools = pool == null ? Map.of() : Map.of("pool", keyed(pool));
        return EngineLinks.of(new EngineLinks.Settings(pools, endpoints));
    }

    private static Gateway gateway(EngineLinks links, List<Subnet> trusted, URI... endpoints) {
        return Gateway.start(Gateway.Options.DEFAULT.outbound(new Outbound(links, trusted)), endpoints);
    }

    private static List<@Nullable String> fields(Http.Message request, String... names) {
        var values = new ArrayList<@Nullable String>();
        for (String name : names) {
            values.add(request.field(name));
        }
        return values;
    }

    @Test
    void theCallersCredentialsAreReplacedByTheEnginesOwnKey() throws Exception {
        try (var engine = FakeEngine.start(call -> call.chat("ok"));
                var gateway = gateway(links(new EngineKey.Given("engine-key"), Map.of()), List.of(), engine.uri());
                var client = gateway.client()) {
            String theirs = """
                    Authorization: Bearer caller\r
                    X-Api-Key: caller\r
                    Api-Key: caller\r
                    Proxy-Authorization: Basic caller\r
                    Cookie: session=caller\r
                    """;
            client.post("/v1/chat/completions", theirs, BODY).response();
            client.post("/v1/other", "", BODY).response();
            client.post("/v1/other", theirs, BODY).response();
            for (var seen : engine.requests()) {
                assertThat(seen.field("authorization")).isEqualTo("Bearer engine-key");
                assertThat(seen.fields()).noneMatch(field -> field.contains("caller"));
            }
        }
    }

    @Test
    void withoutAnyKeyHereTheCallersOwnGoesThrough() throws Exception {
        try (var engine = FakeEngine.start(call -> call.chat("ok"));
                var gateway = gateway(EngineLinks.plain(), List.of(), engine.uri());
                var client = gateway.client()) {
            client.post(
                            "/v1/chat/completions",
                            "Authorization: Bearer caller\r\nx-api-key: caller\r\nProxy-Authorization: Basic x\r\n",
                            BODY)
                    .response();
            var seen = engine.requests().getFirst();
            assertThat(fields(seen, "authorization", "x-api-key", "proxy-authorization"))
                    .containsExactly("Bearer caller", "caller", null);
        }
    }

    @Test
    void aRetryCarriesTheKeyOfTheEndpointThatGetsItAndNoOther() throws Exception {
        try (var first = FakeEngine.start(call -> call.reset());
                var second = FakeEngine.start(call -> call.chat("ok"))) {
            var own = Map.of("127.0.0.1:" + first.port(), keyed(new EngineKey.Given("first-key")));
            try (var gateway = gateway(links(null, own), List.of(), first.uri(), second.uri());
                    var client = gateway.client()) {
                client.post("/v1/chat/completions", "Authorization: Bearer caller\r\n", BODY)
                        .response();
                assertThat(first.requests().getFirst().field("authorization")).isEqualTo("Bearer first-key");
                assertThat(second.requests().getFirst().field("authorization")).isEqualTo("Bearer caller");
            }
        }
    }

    @Test
    void aKeyInAFileIsReadAgainAndNeverShown(@TempDir Path folder) throws Exception {
        var file = Files.writeString(folder.resolve("key"), "first-key\n");
        var links = links(new EngineKey.InFile(file), Map.of());
        try (var engine = FakeEngine.start(call -> call.chat("ok"));
                var gateway = gateway(links, List.of(), engine.uri());
                var client = gateway.client()) {
            client.chat(false).response();
            Files.writeString(file, "two keys\n");
            links.refresh(); // not a key: what was read before stays
            client.chat(false).response();
            Files.writeString(file, "second-key\n");
            links.refresh();
            client.chat(false).response();
            assertThat(engine.requests().stream().map(seen -> seen.field("authorization")))
                    .containsExactly("Bearer first-key", "Bearer first-key", "Bearer second-key");
        }
        assertThat(new EngineKey.Given("hush-hush").toString()).doesNotContain("hush");
        assertThat(links.of("pool", "x").toString() + links.of("pool", "x").settings())
                .doesNotContain("second-key");
    }

    @Test
    void whatAnybodySaysAboutItsOwnClientIsReplaced() throws Exception {
        try (var engine = FakeEngine.start(call -> call.chat("ok"));
                var gateway = gateway(EngineLinks.plain(), List.of(), engine.uri());
                var client = gateway.client()) {
            client.post("/v1/chat/completions", """
                            X-Forwarded-For: 6.6.6.6\r
                            x-forwarded-FOR: 7.7.7.7\r
                            X-Forwarded-Proto: https\r
                            X-Forwarded-Host: forged\r
                            X-Forwarded-Prefix: /forged\r
                            X-Real-IP: 6.6.6.6\r
                            Forwarded: for=6.6.6.6\r
                            True-Client-IP: 6.6.6.6\r
                            Via: 1.1 before\r
                            """, BODY).response();
            var seen = engine.requests().getFirst();
            assertThat(fields(
                            seen,
                            "x-forwarded-for",
                            "x-forwarded-proto",
                            "x-forwarded-host",
                            "x-forwarded-prefix",
                            "via"))
                    .containsExactly("127.0.0.1", "http", "gateway", null, "1.1 before, 1.1 warmgate");
            assertThat(fields(seen, "x-real-ip", "forwarded", "true-client-ip")).containsOnlyNulls();
            assertThat(seen.fields()).noneMatch(field -> field.contains("6.6.6.6") || field.contains("7.7.7.7"));
        }
    }

    @Test
    void theWordOfATrustedProxyIsContinued() throws Exception {
        try (var engine = FakeEngine.start(call -> call.chat("ok"));
                var gateway = gateway(EngineLinks.plain(), LOOPBACK, engine.uri());
                var client = gateway.client()) {
            client.post("/v1/chat/completions", """
                            X-Forwarded-For: 203.0.113.9\r
                            X-Forwarded-For: 10.0.0.1\r
                            X-Forwarded-Proto: https\r
                            X-Forwarded-Host: api.example\r
                            X-Real-IP: 203.0.113.9\r
                            Forwarded: for=203.0.113.9;proto=https\r
                            """, BODY).response();
            assertThat(fields(
                            engine.requests().getFirst(),
                            "x-forwarded-for",
                            "x-forwarded-proto",
                            "x-forwarded-host",
                            "x-real-ip",
                            "forwarded"))
                    .containsExactly(
                            "203.0.113.9, 10.0.0.1, 127.0.0.1",
                            "https",
                            "api.example",
                            "203.0.113.9",
                            "for=203.0.113.9;proto=https, for=127.0.0.1;proto=http");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {TRACE, "01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00-later"})
    void aValidTracePassesUntouched(String trace) throws Exception {
        assertThat(traceSeen("traceparent: " + trace + "\r\ntracestate: a=1,b=2\r\n"))
                .containsExactly(trace, "a=1,b=2");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "traceparent: 00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
                "traceparent: 00-00000000000000000000000000000000-00f067aa0ba902b7-01",
                "traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
                "traceparent: ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
                "traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more",
                "traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736",
                "traceparent: " + TRACE + "\r\ntraceparent: " + TRACE,
                "x-nothing: 1"
            })
    void anInvalidTraceStops(String fields) throws Exception {
        assertThat(traceSeen(fields + "\r\ntracestate: a=1\r\n")).containsOnlyNulls();
    }

    private static List<@Nullable String> traceSeen(String fields) throws IOException {
        try (var engine = FakeEngine.start(call -> call.chat("ok"));
                var gateway = gateway(EngineLinks.plain(), List.of(), engine.uri());
                var client = gateway.client()) {
            client.post("/v1/chat/completions", fields, BODY).response();
            return fields(engine.requests().getFirst(), "traceparent", "tracestate");
        }
    }

    @Test
    void answersSayWhenTheyWereMadeAndInviteNobodyElsewhere() throws Exception {
        try (var engine = FakeEngine.start(call -> {
                    String more = call.path().equals("/v1/dated") ? "Date: Tue, 15 Nov 1994 08:12:31 GMT\r\n" : "";
                    call.json(200, "{}", more + "Server: uvicorn\r\nAlt-Svc: h2=\":8000\"\r\n");
                });
                var gateway = gateway(EngineLinks.plain(), List.of(), engine.uri());
                var client = gateway.client()) {
            var dated = client.get("/v1/dated").response();
            assertThat(fields(dated, "date", "server", "alt-svc"))
                    .containsExactly("Tue, 15 Nov 1994 08:12:31 GMT", "uvicorn", null);
            String now = "[A-Z][a-z]{2}, [0-9]{2} [A-Z][a-z]{2} [0-9]{4} [0-9]{2}:[0-9]{2}:[0-9]{2} GMT";
            assertThat(client.get("/v1/undated").response().field("date")).matches(now);
            var own = client.get("/nothing").response();
            assertThat(own.field("date")).matches(now);
            assertThat(own.field("server")).isEqualTo("warmgate");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "10.0.0.0/8, 10.255.1.2, true",
        "10.0.0.0/8, 11.0.0.0, false",
        "192.168.1.7, 192.168.1.7, true",
        "192.168.1.7, 192.168.1.6, false",
        "192.168.0.0/17, 192.168.128.0, false",
        "0.0.0.0/0, 1.2.3.4, true",
        "fd00::/8, fd12::1, true",
        "fd00::/8, fe80::1, false",
        "::/0, 1.2.3.4, false"
    })
    void rangesHoldTheAddressesWithTheirBits(String range, String address, boolean inside) throws IOException {
        var subnet = Objects.requireNonNull(Subnet.parse(range));
        assertThat(subnet.contains(java.net.InetAddress.getByName(address))).isEqualTo(inside);
        assertThat(Subnet.parse(subnet.toString())).isEqualTo(subnet);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "10.0.0.0/33", "10.0.0/8", "host/8", "::/129", "10.0.0.0/-1", "10.0.0.0/"})
    void otherTextsAreNoRanges(String text) {
        assertThat(Subnet.parse(text)).isNull();
    }
}
