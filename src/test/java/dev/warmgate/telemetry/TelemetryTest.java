package dev.warmgate.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import dev.warmgate.router.EngineLoad;
import dev.warmgate.router.FailureKind;
import dev.warmgate.router.InferenceRequest;
import dev.warmgate.router.RouteResult;
import dev.warmgate.router.Router;
import dev.warmgate.router.Usage;
import dev.warmgate.router.prefix.PromptBlocks;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class TelemetryTest {
    private final Router router = Reports.router();
    private final Telemetry telemetry = new Telemetry(router, "1.2.3", 3, () -> 5_000_000_000L);

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
    void namesFollowPrometheusConventions() {
        telemetry.ended(Reports.answered("m"));
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
        assertThat(lines())
                .contains("warmgate_access_log_dropped_total 7.0")
                .anyMatch(line -> line.startsWith("jvm_memory_used_bytes"));
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
