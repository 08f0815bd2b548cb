package dev.warmgate.telemetry;

import dev.warmgate.router.Admittance;
import dev.warmgate.router.Decision;
import dev.warmgate.router.EndpointSpec;
import dev.warmgate.router.Exposure;
import dev.warmgate.router.HealthPolicy;
import dev.warmgate.router.Pool;
import dev.warmgate.router.PoolSpec;
import dev.warmgate.router.RequestReport;
import dev.warmgate.router.RequestReport.Outcome;
import dev.warmgate.router.Role;
import dev.warmgate.router.Router;
import dev.warmgate.router.Usage;
import dev.warmgate.router.admission.Standing;
import dev.warmgate.router.policy.RoundRobin;
import java.net.URI;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reports and routers for tests. */
final class Reports {
    private Reports() {}

    static Router router() {
        var endpoints = List.of(
                new EndpointSpec("e0", URI.create("http://10.0.0.1:8000"), 1, Role.BOTH),
                new EndpointSpec("e1", URI.create("http://10.0.0.2:8000"), 1, Role.BOTH));
        var spec = new PoolSpec("main", endpoints, Set.of("m"), HealthPolicy.DEFAULT, 100, 1 << 20);
        return new Router(List.of(new Pool(spec, new RoundRobin(), () -> 0, new Random(1))));
    }

    /** A chat answered well by e1. */
    static RequestReport answered(String model) {
        return new RequestReport(
                "req-1",
                "openai-chat",
                "POST",
                "/v1/chat/completions",
                "main",
                model,
                new Decision("main", "e1", "warm", 1000, 800, 0.25),
                Outcome.OK,
                200,
                true,
                1,
                30_000,
                120_000_000,
                2_500_000_000L,
                12_000_000,
                new Usage(1100, 768, 200),
                4096,
                65_536,
                new Admittance(Standing.DEFAULT, 40_000_000, null));
    }

    /** A chat of a priority, answered unless a refusal is given. */
    static RequestReport admitted(int priority, long queuedNanos, @Nullable String refusal) {
        var standing = new Standing(priority, "default", "default", 1, Standing.NONE, Standing.NONE, Standing.NONE);
        var answered = answered("m");
        return new RequestReport(
                "req-3",
                answered.dialect(),
                answered.method(),
                answered.path(),
                answered.pool(),
                answered.model(),
                refusal == null ? answered.decision() : null,
                refusal == null ? Outcome.OK : Outcome.REFUSED,
                refusal == null ? 200 : 503,
                false,
                0,
                1_000,
                -1,
                5_000_000,
                -1,
                Usage.UNKNOWN,
                12,
                30,
                new Admittance(standing, queuedNanos, refusal));
    }

    /** A stream whose engine did not count. */
    static RequestReport estimated(String model, int promptTokens, int outputTokens) {
        var answered = answered(model);
        return new RequestReport(
                "req-4",
                answered.dialect(),
                answered.method(),
                answered.path(),
                answered.pool(),
                model,
                answered.decision(),
                Outcome.OK,
                200,
                true,
                0,
                1_000,
                -1,
                5_000_000,
                -1,
                Usage.estimated(promptTokens, 0, outputTokens),
                12,
                30,
                Admittance.NONE);
    }

    /** A request that never reached a pool. */
    static RequestReport refused(String id, String path, @Nullable String model) {
        return new RequestReport(
                id,
                "openai-chat",
                "POST",
                path,
                null,
                model,
                null,
                Outcome.CLIENT_ERROR,
                404,
                false,
                0,
                0,
                -1,
                1_500,
                -1,
                Usage.UNKNOWN,
                12,
                0,
                new Admittance(null, -1, "unknown-key"));
    }

    /** A stream of a known client that broke off. */
    static RequestReport brokenOff(String client) {
        var answered = answered("m");
        return new RequestReport(
                "req-5",
                answered.dialect(),
                answered.method(),
                answered.path(),
                answered.pool(),
                answered.model(),
                answered.decision(),
                Outcome.ENDPOINT_ERROR,
                200,
                true,
                0,
                1_000,
                -1,
                5_000_000,
                -1,
                Usage.UNKNOWN,
                12,
                30,
                Admittance.NONE,
                -1,
                null,
                client,
                Exposure.INSIDE_ANSWER);
    }

    /** A request for a model that the pool let pass and the endpoint did not serve. */
    static RequestReport rejectedByEndpoint(String model) {
        return new RequestReport(
                "req-2",
                "openai-chat",
                "POST",
                "/v1/chat/completions",
                "main",
                model,
                new Decision("main", "e0", "warm", 10, 0, 0.1),
                Outcome.CLIENT_ERROR,
                404,
                false,
                0,
                5_000,
                -1,
                1_000_000,
                -1,
                Usage.UNKNOWN,
                12,
                30,
                Admittance.NONE);
    }
}
