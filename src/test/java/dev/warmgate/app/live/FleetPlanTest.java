package dev.warmgate.app.live;

import static org.assertj.core.api.Assertions.assertThat;

import dev.warmgate.app.config.PoolConfig;
import dev.warmgate.engine.EngineKind;
import dev.warmgate.engine.discovery.FoundEndpoint;
import dev.warmgate.engine.link.LinkSettings;
import dev.warmgate.router.EndpointSpec;
import dev.warmgate.router.PoolSpec;
import dev.warmgate.router.Role;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Who belongs to which pool, when configuration and sources say different things. */
class FleetPlanTest {
    private static EndpointSpec spec(String name, String host) {
        return new EndpointSpec(name, URI.create("http://" + host + ":8000"), 1, Role.BOTH);
    }

    private static FoundEndpoint found(String name, String host) {
        return new FoundEndpoint(spec(name, host), EngineKind.VLLM);
    }

    private static PoolConfig pool(String name, EndpointSpec... endpoints) {
        return new PoolConfig(
                PoolSpec.of(name, List.of(endpoints)), "warm", Map.of(), List.of(), LinkSettings.DEFAULT, Map.of());
    }

    @Test
    void configuredEndpointsComeFirstThenThoseOfSources() {
        var plan = FleetPlan.of(
                List.of(pool("a", spec("one", "10.0.0.1")), pool("b")),
                Map.of("a", List.of(new FleetPlan.Found("file x", List.of(found("two", "10.0.0.2"))))));
        assertThat(plan.members())
                .isEqualTo(Map.of("a", List.of(spec("one", "10.0.0.1"), spec("two", "10.0.0.2")), "b", List.of()));
        assertThat(plan.origins()).isEqualTo(Map.of("one", FleetPlan.CONFIGURED, "two", "file x"));
        assertThat(plan.engines()).isEqualTo(Map.of("one", EngineKind.OTHER, "two", EngineKind.VLLM));
        assertThat(plan.problems()).isEmpty();
    }

    @Test
    void theSameServerTwiceInAPoolCountsOnce() {
        var plan = FleetPlan.of(
                List.of(pool("a", spec("one", "10.0.0.1"))),
                Map.of("a", List.of(new FleetPlan.Found("dns x", List.of(found("uno", "10.0.0.1"))))));
        assertThat(plan.members()).isEqualTo(Map.of("a", List.of(spec("one", "10.0.0.1"))));
        assertThat(plan.problems()).isEmpty();
    }

    @Test
    void aNameThatIsTakenIsLeftOutAndNamedEvenIfALaterPoolConfiguresIt() {
        var plan = FleetPlan.of(
                List.of(pool("a"), pool("b", spec("one", "10.0.0.1"))),
                Map.of("a", List.of(new FleetPlan.Found("dns x", List.of(found("one", "10.0.0.9"))))));
        assertThat(plan.members()).containsEntry("a", List.of());
        assertThat(plan.problems())
                .containsExactly("a: dns x: one at http://10.0.0.9:8000: another endpoint has this name (expected: a"
                        + " unique name)");
    }

    @Test
    void aPoolHoldsNoMoreThanItCan() {
        var many = new ArrayList<FoundEndpoint>();
        for (int i = 0; i <= PoolSpec.MAX_ENDPOINTS; i++) {
            many.add(found("e" + i, "10.0." + i / 250 + "." + i % 250));
        }
        var plan = FleetPlan.of(List.of(pool("a")), Map.of("a", List.of(new FleetPlan.Found("dns x", many))));
        assertThat(plan.members().get("a")).hasSize(PoolSpec.MAX_ENDPOINTS);
        assertThat(plan.problems()).singleElement().asString().contains("e1000", "the pool is full");
    }
}
