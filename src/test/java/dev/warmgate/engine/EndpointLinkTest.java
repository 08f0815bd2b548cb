package dev.warmgate.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.warmgate.engine.link.EngineKey;
import dev.warmgate.engine.link.EngineLinks;
import dev.warmgate.engine.link.LinkSettings;
import dev.warmgate.engine.link.LinkSettings.Protocol;
import dev.warmgate.engine.link.TlsSettings;
import dev.warmgate.router.EndpointSpec;
import dev.warmgate.router.Pool;
import dev.warmgate.router.PoolSpec;
import dev.warmgate.router.Router;
import dev.warmgate.router.policy.Warm;
import dev.warmgate.testing.TestCertificates;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The monitor asks over TLS and with the gateway's own key, as the proxy does. */
@Timeout(60)
class EndpointLinkTest {
    private static final Path CA = TestCertificates.certificate("ca");

    private static EngineLinks links(TlsSettings tls) throws Exception {
        var settings = new LinkSettings(Protocol.HTTP1, new EngineKey.Given("own-key"), tls);
        return EngineLinks.of(new EngineLinks.Settings(Map.of("main", settings), Map.of()));
    }

    /** Watches an endpoint with the certificate of a name for a round; returns whether it was found good. */
    private static boolean good(String certificate, EngineLinks links) throws Exception {
        return good(certificate, links, null);
    }

    /** The same for an endpoint whose source says a name. */
    private static boolean good(String certificate, EngineLinks links, @Nullable String found) throws Exception {
        try (var engine = FakeEngine.secure(TestCertificates.context(certificate, ""))) {
            engine.key = "own-key";
            if (found != null) {
                links.foundNames(Map.of(engine.address().getAuthority(), found));
            }
            var pool = new Pool(
                    PoolSpec.of("main", List.of(EndpointSpec.of(engine.address()))),
                    new Warm(),
                    System::nanoTime,
                    new Random(1));
            var router = new Router(List.of(pool));
            var catalog = new ModelCatalog(router);
            try (var monitor = EndpointMonitor.start(router, MonitorSettings.DEFAULT, links, Map.of(), catalog)) {
                assertThat(monitor.awaitFirstRound(Duration.ofSeconds(30))).isTrue();
                var endpoint = pool.endpoints().getFirst();
                boolean available = endpoint.available();
                assertThat(endpoint.models() != null).isEqualTo(available);
                assertThat(monitor.failures().metrics()).isZero();
                return available;
            }
        }
    }

    @Test
    void itAsksEnginesWhoseCertificateIsRight() throws Exception {
        assertThat(good("server", links(new TlsSettings(CA, null, null, null, true))))
                .isTrue();
        assertThat(good("elsewhere", links(new TlsSettings(CA, "engine.example", null, null, true))))
                .isTrue();
        assertThat(good("stranger", links(new TlsSettings(CA, null, null, null, false))))
                .isTrue();
    }

    @Test
    void aDiscoveredOneIsWhoItsSourceSays() throws Exception {
        var trusting = new TlsSettings(CA, null, null, null, true);
        assertThat(good("elsewhere", links(trusting), "engine.example")).isTrue();
        assertThat(good("server", links(trusting), "engine.example")).isFalse();
    }

    @Test
    void othersAreDownAndCounted() throws Exception {
        var links = links(new TlsSettings(CA, null, null, null, true));
        assertThat(good("elsewhere", links)).isFalse();
        assertThat(good("stranger", links)).isFalse();
        assertThat(good("server", links(new TlsSettings(CA, "engine.example", null, null, true))))
                .isFalse();
        assertThat(links.faults())
                .satisfies(faults -> assertThat(faults.get("wrong_name")).isPositive())
                .satisfies(faults -> assertThat(faults.get("untrusted")).isPositive());
    }
}
