package dev.warmgate.router;

import static org.assertj.core.api.Assertions.assertThat;

import dev.warmgate.router.admission.AdmissionSettings;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Who may take a request, whether all endpoints are looked at for it or it is known from before. */
class SuitableTest {
    private static final HealthPolicy HEALTH =
            new HealthPolicy(3, 0.5, Duration.ofSeconds(2), Duration.ofSeconds(8), Duration.ofSeconds(5), 0.5);

    /** Writes down whom it is offered, and at what share. */
    private static final class Recorder implements RoutingPolicy {
        private final List<String> offered = new ArrayList<>();

        @Override
        public String name() {
            return "recorder";
        }

        @Override
        public boolean pricesSlowStart() {
            return true;
        }

        @Override
        public int choose(Candidates candidates) {
            offered.clear();
            for (int i = 0; i < candidates.size(); i++) {
                offered.add(candidates.endpoint(i) + " " + candidates.share(i) + " " + candidates.startsSlowly());
            }
            return 0;
        }
    }

    private final Recorder recorder = new Recorder();
    private final List<EndpointSpec> specs = new ArrayList<>();
    private long now = 1_000_000_000L;
    private final Pool pool = new Pool(spec(), recorder, () -> now, new Random(1));
    private final Router router = new Router(List.of(pool));

    private PoolSpec spec() {
        return new PoolSpec("pool", specs, Set.of("m"), HEALTH, 100_000, PoolSpec.DEFAULT_INDEX_BYTES);
    }

    private void come(int i, Role role) {
        specs.add(new EndpointSpec("e" + i, URI.create("http://10.0.0.1:" + (8000 + i)), 1, role));
        pool.reconfigure(spec(), AdmissionSettings.DEFAULT, recorder);
    }

    /** Returns whom a request is offered to. */
    private List<String> offered(InferenceRequest request) {
        recorder.offered.clear();
        if (router.route(request, Set.of()) instanceof RouteResult.Routed(var reservation)) {
            reservation.settle(Usage.UNKNOWN);
        }
        return List.copyOf(recorder.offered);
    }

    private void expectTheSame(String model, String after) {
        var request = new InferenceRequest(model, Fleet.prompt(1, 64), -1, null);
        // Whoever says which endpoints are allowed, though it be all, has all looked at.
        var looked = offered(request.onlyTo(_ -> true));
        assertThat(offered(request)).as("first after %s", after).isEqualTo(looked);
        assertThat(offered(request)).as("again after %s", after).isEqualTo(looked);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6})
    void whatIsKnownIsWhatIsSeen(long seed) {
        var random = new Random(seed);
        for (int i = 0; i < 5; i++) {
            come(i, Role.BOTH);
        }
        for (int step = 0; step < 600; step++) {
            var endpoints = pool.endpoints();
            var endpoint = endpoints.get(random.nextInt(endpoints.size()));
            int what = random.nextInt(12);
            switch (what) {
                case 0 -> endpoint.reportFailure(FailureKind.CONNECT);
                case 1 -> endpoint.reportSuccess();
                case 2 -> endpoint.reportCheck(CheckResult.SICK);
                case 3 -> endpoint.reportCheck(CheckResult.REFUSED);
                case 4, 5 -> endpoint.reportCheck(CheckResult.ALIVE);
                case 6 -> endpoint.models(Set.of("m" + random.nextInt(3)));
                case 7 -> {
                    var _ = pool.drain(endpoint);
                }
                case 8 -> pool.undrain(endpoint);
                case 9 -> {
                    if (endpoints.size() < 9) {
                        come(100 + step, random.nextInt(3) == 0 ? Role.PREFILL : Role.BOTH);
                    } else {
                        specs.remove(random.nextInt(specs.size()));
                        pool.reconfigure(spec(), AdmissionSettings.DEFAULT, recorder);
                    }
                }
                default -> now += random.nextLong(3_000_000_000L);
            }
            expectTheSame(random.nextBoolean() ? "m" : "m1", "step " + step + ", " + what);
        }
    }

    @Test
    void anEjectionEndsWithTime() {
        come(0, Role.BOTH);
        come(1, Role.BOTH);
        come(2, Role.BOTH);
        var bad = pool.endpoints().get(1);
        expectTheSame("m", "nothing");
        bad.reportFailure(FailureKind.CONNECT);
        bad.reportFailure(FailureKind.CONNECT);
        expectTheSame("m", "ejection");
        assertThat(recorder.offered).hasSize(2);
        now += 2_000_000_000L;
        expectTheSame("m", "its end");
        assertThat(recorder.offered).hasSize(3);
    }
}
