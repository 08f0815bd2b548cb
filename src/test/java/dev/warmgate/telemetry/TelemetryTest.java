package dev.warmgate.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import dev.warmgate.router.EndpointSpec;
import dev.warmgate.router.EngineLoad;
import dev.warmgate.router.FailureKind;
import dev.warmgate.router.InferenceRequest;
import dev.warmgate.router.PoolSpec;
import dev.warmgate.router.Role;
import dev.warmgate.router.RouteResult;
import dev.warmgate.router.Router;
import dev.warmgate.router.Usage;
import dev.warmgate.router.admission.AdmissionSettings;
import dev.warmgate.router.admission.Standing;
import dev.warmgate.router.prefix.PromptBlocks;
import dev.warmgate.router.quota.InMemoryQuotaStore;
import dev.warmgate.router.quota.QuotaKind;
import dev.warmgate.router.quota.QuotaLimits;
import dev.warmgate.router.quota.QuotaRequest;
import dev.warmgate.router.quota.QuotaScope;
import dev.warmgate.router.quota.QuotaSpec;
import dev.warmgate.router.quota.Quotas;
import java.net.URI;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class TelemetryTest {
    private final Router router = Reports.router();
    private final Telemetry telemetry = new Telemetry(router, "1.2.3", 3, Set.of(100, -10), () -> 5_000_000_000L);

    private List<String> lines() {
        return telemetry.exposition(null).text().lines().toList();
    }

    @Test
    void countsAnAnsweredRequest() {
        telemetry.ended(Reports.answered("m"));
        telemetry.retried("main", "e0", FailureKind.CONNECT);
        assertThat(lines())
                .contains(
                        "warmgate_requests_total{code=\"2xx\",dialect=\"openai-chat\",model=\"m\",outcome=\"ok\",pool=\"main\"} 1.0",
                        "warmgate_retries_total{endpoint=\"e0\",pool=\"main\",reason=\"connect\"} 1.0",
                        "warmgate_request_duration_seconds_sum{model=\"m\",pool=\"main\"} 2.5",
                        "warmgate_request_duration_seconds_bucket{model=\"m\",pool=\"main\",le=\"1.0\"} 0",
                        "warmgate_request_duration_seconds_bucket{model=\"m\",pool=\"main\",le=\"2.5\"} 1",
                        "warmgate_request_duration_seconds_bucket{model=\"m\",pool=\"main\",le=\"600.0\"} 1",
                        "warmgate_ttft_seconds_sum{model=\"m\",pool=\"main\"} 0.12",
                        "warmgate_itl_seconds_sum{model=\"m\",pool=\"main\"} 0.012",
                        "warmgate_decision_seconds_count{pool=\"main\"} 1",
                        "warmgate_decision_seconds_bucket{pool=\"main\",le=\"2.5E-5\"} 0",
                        "warmgate_decision_seconds_bucket{pool=\"main\",le=\"5.0E-5\"} 1",
                        "warmgate_prompt_tokens_total{model=\"m\",pool=\"main\"} 1100.0",
                        "warmgate_cached_tokens_total{model=\"m\",pool=\"main\"} 768.0",
                        "warmgate_output_tokens_total{model=\"m\",pool=\"main\"} 200.0",
                        "warmgate_endpoint_requests_total{endpoint=\"e1\",pool=\"main\"} 1.0",
                        "warmgate_predicted_prompt_tokens_total{endpoint=\"e1\",pool=\"main\"} 1000.0",
                        "warmgate_predicted_cached_tokens_total{endpoint=\"e1\",pool=\"main\"} 800.0",
                        "warmgate_build_info{version=\"1.2.3\"} 1");
        assertThat(telemetry.totals("main", "e1")).isEqualTo(new EndpointTotals(1, 1100, 768, 1000, 800));
        assertThat(telemetry.totals("main", "e0").hitShare()).isNaN();
    }

    @Test
    void countsFailuresThatClientsHearOf() {
        telemetry.ended(Reports.brokenOff("192.0.2.1"));
        assertThat(lines()).contains("warmgate_exposed_failures_total{pool=\"main\",reason=\"inside_answer\"} 1.0");
    }

    @Test
    void tellsEstimatesFromCounts() {
        telemetry.ended(Reports.estimated("m", 1000, 20));
        assertThat(lines())
                .contains(
                        "warmgate_prompt_tokens_estimated_total{model=\"m\",pool=\"main\"} 1000.0",
                        "warmgate_output_tokens_estimated_total{model=\"m\",pool=\"main\"} 20.0",
                        "warmgate_prompt_tokens_total{model=\"m\",pool=\"main\"} 0.0",
                        "warmgate_output_tokens_total{model=\"m\",pool=\"main\"} 0.0");
        assertThat(telemetry.totals("main", "e1")).isEqualTo(new EndpointTotals(1, 0, 0, 0, 0));
    }

    @Test
    void comparesPredictionsOnlyWhereTheEngineReports() {
        telemetry.ended(Reports.rejectedByEndpoint("m"));
        assertThat(telemetry.totals("main", "e0")).isEqualTo(new EndpointTotals(1, 0, 0, 0, 0));
    }

    @Test
    void aRequestWithoutPoolHasFixedLabels() {
        telemetry.ended(Reports.refused("x", "/v1/chat/completions", "no-such-model"));
        assertThat(lines())
                .contains(
                        "warmgate_requests_total{code=\"4xx\",dialect=\"openai-chat\",model=\"unknown\",outcome=\"client_error\",pool=\"none\"} 1.0")
                .noneMatch(line -> line.startsWith("warmgate_decision_seconds_count"))
                .noneMatch(line -> line.contains("no-such-model"));
    }

    @Test
    void modelLabelsAreBounded() {
        for (int i = 0; i < 1_000; i++) {
            telemetry.ended(Reports.answered("model-" + i));
            telemetry.ended(Reports.rejectedByEndpoint("junk-" + i));
        }
        var models = lines().stream()
                .filter(line -> line.startsWith("warmgate_request_duration_seconds_count"))
                .toList();
        assertThat(models)
                .containsExactlyInAnyOrder(
                        "warmgate_request_duration_seconds_count{model=\"model-0\",pool=\"main\"} 1",
                        "warmgate_request_duration_seconds_count{model=\"model-1\",pool=\"main\"} 1",
                        "warmgate_request_duration_seconds_count{model=\"model-2\",pool=\"main\"} 1",
                        "warmgate_request_duration_seconds_count{model=\"other\",pool=\"main\"} 997",
                        "warmgate_request_duration_seconds_count{model=\"unknown\",pool=\"main\"} 1000");
    }

    @Test
    void aServedModelHasItsLabelEvenIfItOnlyFails() {
        telemetry.ended(Reports.rejectedByEndpoint("m"));
        assertThat(lines()).contains("warmgate_request_duration_seconds_count{model=\"m\",pool=\"main\"} 1");
    }

    @Test
    void showsTheRoutersStateAtTheScrape() {
        var endpoint = router.pools().getFirst().endpoints().getFirst();
        endpoint.engineLoad(new EngineLoad(2_000_000_000L, 3, 4, 0.5, 1000, 10, 5));
        endpoint.reportCheck(false);
        var result = router.route(new InferenceRequest("m", PromptBlocks.EMPTY, -1, null), Set.of());
        assertThat(lines())
                .contains(
                        "warmgate_endpoint_in_flight{endpoint=\"e0\",pool=\"main\"} 0.0",
                        "warmgate_endpoint_in_flight{endpoint=\"e1\",pool=\"main\"} 1.0",
                        "warmgate_endpoint_available{endpoint=\"e0\",pool=\"main\"} 0.0",
                        "warmgate_endpoint_available{endpoint=\"e1\",pool=\"main\"} 1.0",
                        "warmgate_pool_panic{pool=\"main\"} 0.0",
                        "warmgate_engine_running{endpoint=\"e0\",pool=\"main\"} 3.0",
                        "warmgate_engine_waiting{endpoint=\"e0\",pool=\"main\"} 4.0",
                        "warmgate_engine_kv_usage_ratio{endpoint=\"e0\",pool=\"main\"} 0.5",
                        "warmgate_engine_metrics_age_seconds{endpoint=\"e0\",pool=\"main\"} 3.0",
                        "warmgate_open_reservations{pool=\"main\"} 1.0",
                        "warmgate_reservation_imbalance{pool=\"main\"} 0.0",
                        "warmgate_prefix_index_pressure_ratio{pool=\"main\"} 1.0")
                .noneMatch(line -> line.startsWith("warmgate_engine_running{endpoint=\"e1\""));
        assertThat(result)
                .isInstanceOfSatisfying(
                        RouteResult.Routed.class, routed -> routed.reservation().settle(Usage.UNKNOWN));
        assertThat(lines()).contains("warmgate_open_reservations{pool=\"main\"} 0.0");
    }

    @Test
    void followsEndpointsThatLeaveAndOneThatTakesTheNameOfAnother() {
        var pool = router.pools().getFirst();
        var result = router.routeByLoad(Set.of(pool.endpoints().getLast()));
        var moved = new EndpointSpec("e0", URI.create("http://10.0.0.9:8000"), 1, Role.BOTH);
        pool.reconfigure(PoolSpec.of("main", List.of(moved)), AdmissionSettings.DEFAULT, pool.policy());
        assertThat(pool.endpoints()).hasSize(2);
        assertThat(lines())
                .contains(
                        "warmgate_endpoint_draining{endpoint=\"e0\",pool=\"main\"} 0.0",
                        "warmgate_endpoint_in_flight{endpoint=\"e0\",pool=\"main\"} 0.0",
                        "warmgate_reservation_imbalance{pool=\"main\"} 0.0")
                .noneMatch(line -> line.startsWith("warmgate_endpoint_in_flight{endpoint=\"e1\""));
        assertThat(result)
                .isInstanceOfSatisfying(
                        RouteResult.Routed.class, routed -> routed.reservation().settle(Usage.UNKNOWN));
        assertThat(pool.endpoints()).hasSize(1);
    }

    @Test
    void tellsWhatBecameOfRequestsByPriority() {
        telemetry.ended(Reports.admitted(100, -1, null));
        telemetry.ended(Reports.admitted(100, 2_000_000_000L, null));
        telemetry.ended(Reports.admitted(-10, 300_000_000L, "shed"));
        telemetry.ended(Reports.refused("r", "/v1/chat/completions", "m"));
        assertThat(lines())
                .contains(
                        "warmgate_dispatched_total{priority=\"100\",queued=\"false\"} 1.0",
                        "warmgate_dispatched_total{priority=\"100\",queued=\"true\"} 1.0",
                        "warmgate_refused_total{priority=\"-10\",reason=\"shed\"} 1.0",
                        "warmgate_refused_total{priority=\"none\",reason=\"unknown-key\"} 1.0",
                        "warmgate_queue_wait_seconds_count{priority=\"100\"} 1",
                        "warmgate_queue_wait_seconds_sum{priority=\"-10\"} 0.3");
    }

    @Test
    void priorityLabelsAreBounded() {
        for (int priority = -1000; priority <= 1000; priority++) {
            telemetry.ended(Reports.admitted(priority, 1, null));
        }
        assertThat(lines().stream().filter(line -> line.startsWith("warmgate_queue_wait_seconds_count")))
                .containsExactlyInAnyOrder(
                        "warmgate_queue_wait_seconds_count{priority=\"100\"} 1",
                        "warmgate_queue_wait_seconds_count{priority=\"0\"} 1",
                        "warmgate_queue_wait_seconds_count{priority=\"-10\"} 1",
                        "warmgate_queue_wait_seconds_count{priority=\"other\"} 999",
                        "warmgate_queue_wait_seconds_count{priority=\"sheddable\"} 999");
    }

    @Test
    void showsWhatWaitsAndWhoReceivedWhat() {
        var fraud = new Standing(100, "fraud", "fraud", 1, Standing.NONE, Standing.NONE, Standing.NONE);
        for (int i = 0; i < 3; i++) {
            router.admit(new InferenceRequest("m", PromptBlocks.EMPTY, -1, null).with(fraud, 1_000), _ -> {});
        }
        router.admit(new InferenceRequest("m", PromptBlocks.EMPTY, -1, null).with(Standing.DEFAULT, 500), _ -> {});
        assertThat(lines())
                .contains(
                        "warmgate_queue_requests{pool=\"main\",priority=\"100\"} 1.0",
                        "warmgate_queue_requests{pool=\"main\",priority=\"0\"} 1.0",
                        "warmgate_queue_requests{pool=\"main\",priority=\"-10\"} 0.0",
                        "warmgate_queue_bytes{pool=\"main\",priority=\"100\"} 1000.0",
                        "warmgate_queue_closed_to_new{pool=\"main\",priority=\"100\"} 0.0",
                        "warmgate_tenant_work_seconds_total{tenant=\"default\"} 0.0",
                        // One of two that want something received everything.
                        "warmgate_tenant_fairness_ratio 0.5")
                .anyMatch(line -> line.startsWith("warmgate_tenant_work_seconds_total{tenant=\"fraud\"} 0."));
    }

    @Test
    void showsWhatIsUsedOfQuotas() {
        var quotas = new Quotas(
                new InMemoryQuotaStore(() -> 0, InstantSource.fixed(Instant.EPOCH)),
                QuotaSpec.of(Map.of(
                        new QuotaScope.OfTenant("acme"),
                        QuotaLimits.NONE.with(QuotaKind.TOKENS_PER_DAY, 1_000),
                        new QuotaScope.OfTenantAndModel("acme", "m"),
                        QuotaLimits.NONE.with(QuotaKind.CONCURRENT_REQUESTS, 1))));
        telemetry.quotas(quotas);
        quotas.reserve(new QuotaRequest("acme", "m", 100, 50, false));
        quotas.reserve(new QuotaRequest("acme", "m", 100, 50, false));
        assertThat(lines())
                .contains(
                        "warmgate_quota_limit{limit=\"tokensPerDay\",model=\"*\",tenant=\"acme\"} 1000.0",
                        "warmgate_quota_held{limit=\"tokensPerDay\",model=\"*\",tenant=\"acme\"} 150.0",
                        "warmgate_quota_used{limit=\"tokensPerDay\",model=\"*\",tenant=\"acme\"} 0.0",
                        "warmgate_quota_refused_total{limit=\"concurrentRequests\",model=\"m\",tenant=\"acme\"} 1.0");
    }

    @Test
    void namesFollowPrometheusConventions() {
        telemetry.ended(Reports.answered("m"));
        telemetry.quotas(
                new Quotas(new InMemoryQuotaStore(() -> 0, InstantSource.fixed(Instant.EPOCH)), QuotaSpec.NONE));
        assertThat(lines().stream().filter(line -> line.startsWith("# TYPE warmgate_")))
                .isNotEmpty()
                .allMatch(line -> line.matches("# TYPE warmgate_[a-z_]+ (counter|gauge|histogram)"))
                .allMatch(line -> !line.endsWith("counter") || line.contains("_total "))
                .allMatch(line -> !line.endsWith("histogram") || line.contains("_seconds "));
    }

    @Test
    void answersInOpenMetricsIfAsked() {
        var page = telemetry.exposition("application/openmetrics-text; version=1.0.0,text/plain;q=0.5");
        assertThat(page.contentType()).startsWith("application/openmetrics-text");
        assertThat(page.text()).endsWith("# EOF\n");
        assertThat(telemetry.exposition("*/*").contentType()).startsWith("text/plain");
    }

    @Test
    void includesTheJvmAndCountersOfOthers() {
        telemetry.counter("warmgate_access_log_dropped", "Lines not written.", () -> 7);
        telemetry.process();
        assertThat(lines())
                .contains("warmgate_access_log_dropped_total 7.0")
                .anyMatch(line -> line.startsWith("jvm_memory_used_bytes"))
                .anyMatch(line -> line.startsWith("process_cpu_seconds_total"));
    }

    @Test
    void tellsAllObservers() {
        var first = new Telemetry(router, "a");
        var all = Observers.all(first, telemetry);
        all.ended(Reports.answered("m"));
        all.retried("main", "e0", FailureKind.STALL);
        assertThat(first.totals("main", "e1").requests()).isOne();
        assertThat(lines()).contains("warmgate_retries_total{endpoint=\"e0\",pool=\"main\",reason=\"stall\"} 1.0");
    }
}
