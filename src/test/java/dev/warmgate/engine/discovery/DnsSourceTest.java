package dev.warmgate.engine.discovery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.warmgate.engine.EngineKind;
import dev.warmgate.engine.discovery.SourceSpec.RecordType;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Type;

@Timeout(60)
class DnsSourceTest {
    private static final String NAME = "vllm.example.";
    private static final Duration FLOOR = Duration.ofMillis(20);
    private static final Duration CEILING = Duration.ofMillis(100);
    private static final Duration NEVER = Duration.ofHours(1);

    private final TestNameServer server;
    private final LinkedBlockingQueue<SourceState> heard = new LinkedBlockingQueue<>();
    private final List<EndpointSource> started = new ArrayList<>();

    DnsSourceTest() throws IOException {
        server = new TestNameServer();
    }

    @AfterEach
    void close() throws IOException {
        started.forEach(EndpointSource::close);
        server.close();
    }

    private EndpointSource start(RecordType type, Duration minTtl, Duration maxTtl) {
        return start(type, Scheme.HTTP, minTtl, maxTtl);
    }

    private EndpointSource start(RecordType type, Scheme scheme, Duration minTtl, Duration maxTtl) {
        var spec = new SourceSpec.OfDns(
                NAME,
                type,
                type == RecordType.SRV ? 0 : 8000,
                scheme,
                EngineKind.VLLM,
                List.of(server.address()),
                minTtl,
                maxTtl);
        var source = EndpointSource.start(spec, _ -> new Reading.Failed("no file"), heard::add);
        started.add(source);
        return source;
    }

    private SourceState next() throws InterruptedException {
        return heard.poll(30, TimeUnit.SECONDS);
    }

    private static List<String> addresses(SourceState state) {
        return state.endpoints().stream()
                .map(endpoint -> endpoint.spec().address().toString())
                .toList();
    }

    @Test
    void addressesOfBothFamiliesBecomeEndpoints() throws Exception {
        server.set(NAME, Type.A, 1, "10.0.0.2", "10.0.0.1");
        server.set(NAME, Type.AAAA, 1, "2001:db8::1");
        start(RecordType.ADDRESS, FLOOR, CEILING);
        var state = next();
        assertThat(addresses(state))
                .containsExactly("http://10.0.0.1:8000", "http://10.0.0.2:8000", "http://[2001:db8:0:0:0:0:0:1]:8000");
        assertThat(state.failure()).isNull();
        assertThat(state.endpoints().getFirst().engine()).isEqualTo(EngineKind.VLLM);
        server.set(NAME, Type.A, 1, "10.0.0.3");
        assertThat(addresses(next())).containsExactly("http://10.0.0.3:8000", "http://[2001:db8:0:0:0:0:0:1]:8000");
    }

    @Test
    void anAnswerIsBelievedForItsTimeToLive() throws Exception {
        server.set(NAME, Type.A, 1, "10.0.0.1");
        long began = System.nanoTime();
        start(RecordType.ADDRESS, FLOOR, NEVER);
        next();
        server.set(NAME, Type.A, 3_600, "10.0.0.2");
        assertThat(addresses(next())).containsExactly("http://10.0.0.2:8000");
        assertThat(System.nanoTime() - began).isGreaterThanOrEqualTo(TimeUnit.SECONDS.toNanos(1));
        assertThat(server.asked(NAME, Type.A)).isEqualTo(2); // the second answer lives an hour
    }

    @Test
    void theLeastTimeToLiveCountsThatOfAliasesToo() throws Exception {
        server.set(NAME, Type.CNAME, 1, "other.example.");
        server.set("other.example.", Type.A, 3_600, "10.0.0.1");
        start(RecordType.ADDRESS, FLOOR, NEVER);
        assertThat(addresses(next())).containsExactly("http://10.0.0.1:8000");
        server.set(NAME, Type.CNAME, 1, "another.example.");
        server.set("another.example.", Type.A, 3_600, "10.0.0.2");
        assertThat(addresses(next())).containsExactly("http://10.0.0.2:8000");
    }

    @Test
    void aTimeToLiveOfZeroIsFlooredAndALongOneIsCut() throws Exception {
        server.set(NAME, Type.A, 0, "10.0.0.1");
        start(RecordType.ADDRESS, NEVER, NEVER);
        next();
        assertThat(server.asked(NAME, Type.A)).isEqualTo(1);
        server.set(NAME, Type.A, 3_600, "10.0.0.1");
        start(RecordType.ADDRESS, FLOOR, FLOOR);
        await().until(() -> server.asked(NAME, Type.A) > 5);
    }

    @Test
    void servicesSayHostPortAndWeightAndOnlyTheFirstPriorityIsUsed() throws Exception {
        server.set(NAME, Type.SRV, 1, "0 5 8001 a.example.", "0 0 8002 b.example.", "1 9 8003 backup.example.");
        server.set("a.example.", Type.A, 1, "10.0.0.1");
        server.set("b.example.", Type.A, 1, "10.0.0.2");
        server.set("backup.example.", Type.A, 1, "10.0.0.3");
        start(RecordType.SRV, FLOOR, CEILING);
        var state = next();
        assertThat(addresses(state)).containsExactly("http://10.0.0.1:8001", "http://10.0.0.2:8002");
        assertThat(state.endpoints())
                .extracting(endpoint -> endpoint.spec().weight())
                .containsExactly(5.0, 1.0);
    }

    /** The name that was asked for, and not one that an answer named. */
    @Test
    void endpointsWithTlsAreTheHostThatWasAskedFor() throws Exception {
        server.set(NAME, Type.CNAME, 1, "other.example.");
        server.set("other.example.", Type.A, 3_600, "10.0.0.1");
        start(RecordType.ADDRESS, Scheme.HTTPS, FLOOR, NEVER);
        var state = next();
        assertThat(addresses(state)).containsExactly("https://10.0.0.1:8000");
        var endpoint = state.endpoints().getFirst();
        assertThat(endpoint.spec().name()).isEqualTo("10.0.0.1:8000");
        assertThat(endpoint.serverName() + ".").isEqualTo(NAME);
        assertThat(new SourceSpec.OfDns(
                                "_https._tcp.chat.svc.",
                                RecordType.SRV,
                                0,
                                Scheme.HTTPS,
                                EngineKind.OTHER,
                                List.of(),
                                FLOOR,
                                NEVER)
                        .hostName())
                .isEqualTo("chat.svc");
    }

    @Test
    void aServiceWhoseHostHasNoAddressIsLeftOutAndNamed() throws Exception {
        server.set(NAME, Type.SRV, 1, "0 1 8001 a.example.", "0 1 8001 gone.example.");
        server.set("a.example.", Type.A, 1, "10.0.0.1");
        start(RecordType.SRV, FLOOR, CEILING);
        var state = next();
        assertThat(addresses(state)).containsExactly("http://10.0.0.1:8001");
        assertThat(state.problems()).containsExactly("gone.example: has no addresses");
    }

    @Test
    void whateverFailsTheLastGoodListStays() throws Exception {
        server.set(NAME, Type.A, 1, "10.0.0.1");
        var source = start(RecordType.ADDRESS, FLOOR, CEILING);
        next();
        server.fail(NAME, Type.A, Rcode.SERVFAIL);
        var failed = next();
        assertThat(failed.failure()).contains("SERVFAIL");
        assertThat(addresses(failed)).containsExactly("http://10.0.0.1:8000");
        server.set(NAME, Type.A, 1, "10.0.0.2");
        assertThat(next().failure()).isNull();
        server.set(NAME, Type.A, 1); // NXDOMAIN
        var gone = next();
        assertThat(gone.failure()).isEqualTo("has no addresses");
        assertThat(addresses(gone)).containsExactly("http://10.0.0.2:8000");
        server.set(NAME, Type.TXT, 1, "there, but without addresses");
        int asked = server.asked(NAME, Type.A);
        await().until(() -> server.asked(NAME, Type.A) > asked + 1);
        assertThat(source.state()).isEqualTo(gone);
    }

    @Test
    void ifOneFamilyCannotBeAskedTheOtherAloneIsNotTakenOver() throws Exception {
        server.set(NAME, Type.A, 1, "10.0.0.1");
        server.set(NAME, Type.AAAA, 1, "2001:db8::1");
        start(RecordType.ADDRESS, FLOOR, CEILING);
        assertThat(next().endpoints()).hasSize(2);
        server.fail(NAME, Type.AAAA, Rcode.REFUSED);
        var state = next();
        assertThat(state.failure()).contains("REFUSED");
        assertThat(state.endpoints()).hasSize(2);
    }

    @Test
    void anAnswerTooLongForAPacketComesOverTcp() throws Exception {
        var many = new String[200];
        for (int i = 0; i < many.length; i++) {
            many[i] = "10.0.1." + i;
        }
        server.set(NAME, Type.A, 1, many);
        start(RecordType.ADDRESS, FLOOR, CEILING);
        assertThat(next().endpoints()).hasSize(200);
        assertThat(server.overTcp).hasPositiveValue();
    }

    @Test
    void aServerThatDoesNotAnswerIsAFailureAndTheEndIsSwift() throws Exception {
        server.close();
        var source = start(RecordType.ADDRESS, FLOOR, CEILING);
        assertThat(next().failure()).isNotNull();
        source.close();
        heard.clear();
        assertThat(heard).isEmpty();
    }
}
