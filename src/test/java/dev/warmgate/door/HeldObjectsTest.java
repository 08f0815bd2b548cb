package dev.warmgate.door;

import static org.assertj.core.api.Assertions.assertThat;

import com.github.benmanes.caffeine.cache.Ticker;
import dev.warmgate.router.Endpoint;
import dev.warmgate.router.EndpointSpec;
import dev.warmgate.router.FailureKind;
import dev.warmgate.router.HealthPolicy;
import dev.warmgate.router.Pool;
import dev.warmgate.router.PoolSpec;
import dev.warmgate.router.admission.AdmissionSettings;
import dev.warmgate.router.policy.Policies;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class HeldObjectsTest {
    private final Pool pool = new Pool(
            new PoolSpec(
                    "pool",
                    List.of(EndpointSpec.of(URI.create("http://a:1")), EndpointSpec.of(URI.create("http://b:1"))),
                    Set.of("m"),
                    HealthPolicy.DEFAULT,
                    1_000_000,
                    1 << 20),
            AdmissionSettings.DEFAULT,
            Objects.requireNonNull(Policies.create("round-robin")),
            System::nanoTime,
            new Random(1));
    private final Endpoint a = pool.endpoints().getFirst();
    private final Endpoint b = pool.endpoints().getLast();
    private final AtomicLong now = new AtomicLong();
    private final HeldObjects held = new HeldObjects(7, 10, now::get);

    @Test
    void knowsTheLastHolderOfEachTenantsObjects() {
        held.put("one", "resp_1", a);
        held.put("two", "resp_1", b);
        held.put("one", "resp_2", a);
        held.put("one", "resp_2", b);
        assertThat(held.holder("one", "resp_1")).isSameAs(a);
        assertThat(held.holder("two", "resp_1")).isSameAs(b);
        assertThat(held.holder("one", "resp_2")).isSameAs(b);
        assertThat(held.holder("two", "resp_2")).isNull();
        assertThat(held.holder("three", "resp_1")).isNull();
    }

    @Test
    void findsTheFirstObjectOfAPath() {
        held.put("t", "vs_1", a);
        held.put("t", "file-1", b);
        held.put("t", "files", b);
        assertThat(held.holderOfPath("t", "/v1/vector_stores/vs_1/files/file-1"))
                .isSameAs(a);
        assertThat(held.holderOfPath("t", "/v1/files/file-1/content")).isSameAs(b);
        assertThat(held.holderOfPath("t", "/v1/fine_tuning/jobs/vs_1")).isSameAs(a);
        assertThat(held.holderOfPath("t", "/v1/files/file-1")).isSameAs(b);
        for (var path :
                List.of("/v1/files", "/v1/files/", "/v1/files/file-2", "/v1", "/", "", "//", "/v1/a/b/c/d/e/f/vs_1")) {
            assertThat(held.holderOfPath("t", path)).as(path).isNull();
        }
    }

    @Test
    void isBounded() {
        IntStream.range(0, 1_000).forEach(i -> held.put("t", "resp_" + i, a));
        long known = IntStream.range(0, 1_000)
                .filter(i -> held.holder("t", "resp_" + i) != null)
                .count();
        assertThat(known).isBetween(1L, 10L);
        assertThat(held.size()).isLessThanOrEqualTo(10);
        HeldObjects.NONE.put("t", "resp", a);
        assertThat(HeldObjects.NONE.size()).isZero();
    }

    @Test
    void forgetsWhatNobodyAsksFor() {
        held.put("t", "asked", a);
        held.put("t", "not asked", a);
        now.addAndGet(Duration.ofDays(5).toNanos());
        assertThat(held.holder("t", "asked")).isSameAs(a);
        now.addAndGet(Duration.ofDays(5).toNanos());
        assertThat(held.holder("t", "asked")).isSameAs(a);
        assertThat(held.holder("t", "not asked")).isNull();
    }

    @Test
    void aHolderThatDiedOrDrainsHoldsNothing() {
        held.put("t", "resp", a);
        IntStream.range(0, 3).forEach(_ -> a.reportFailure(FailureKind.RESET));
        assertThat(a.available()).isFalse();
        assertThat(held.holder("t", "resp")).as("ejected for a while").isSameAs(a);
        assertThat(new ToHolder(a, null)).accepts(a).rejects(b);
        a.reportCheck(false);
        assertThat(held.holder("t", "resp")).isNull();
        assertThat(new ToHolder(a, null)).accepts(a, b);
        assertThat(new ToHolder(a, a::equals)).accepts(a).rejects(b);

        held.put("t", "resp", b);
        var _ = pool.drain(b);
        assertThat(held.holder("t", "resp")).isNull();
        assertThat(pool.undrain(b)).isTrue();
        assertThat(held.holder("t", "resp")).isSameAs(b);
    }

    @Test
    void runsOnTheSystemsClock() {
        var real = new HeldObjects(7, 10, Ticker.systemTicker());
        real.put("t", "resp", a);
        assertThat(real.holder("t", "resp")).isSameAs(a);
    }
}
