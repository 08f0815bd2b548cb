package dev.warmgate.telemetry.tracing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.warmgate.router.Admittance;
import dev.warmgate.router.Decision;
import dev.warmgate.router.RequestReport;
import dev.warmgate.router.RequestReport.Outcome;
import dev.warmgate.router.Trace;
import dev.warmgate.router.Usage;
import dev.warmgate.router.admission.Standing;
import dev.warmgate.testing.TraceReceiver;
import io.opentelemetry.proto.trace.v1.Span.SpanKind;
import io.opentelemetry.proto.trace.v1.Status.StatusCode;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class TracingTest {
    private static final Trace TRACE =
            new Trace("4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7", "53995c3f42cd8ad8", true);

    private static TracingSettings settings(TraceReceiver receiver) {
        return new TracingSettings(URI.create(receiver.url() + "/v1/traces"), 1, "gate-7", Map.of());
    }

    private static RequestReport report(Outcome outcome, int status, String model, Trace trace) {
        var decision = outcome == Outcome.NO_ENDPOINT ? null : new Decision("main", "e1", "warm", 1000, 800, 0.25);
        return report(outcome, status, model, decision, trace);
    }

    private static RequestReport report(
            Outcome outcome, int status, String model, @Nullable Decision decision, Trace trace) {
        return new RequestReport(
                "req-1",
                "openai-chat",
                "POST",
                "/v1/chat/completions",
                "main",
                model,
                decision,
                outcome,
                status,
                true,
                1,
                30_000,
                120_000_000,
                2_500_000_000L,
                12_000_000,
                new Usage(1100, 768, 200),
                4096,
                65_536,
                new Admittance(Standing.DEFAULT, 40_000_000, null),
                10_000_000,
                trace,
                "192.0.2.1",
                null);
    }

    @Test
    void aSpanTellsWhatTheReportTells() throws Exception {
        try (var receiver = TraceReceiver.start()) {
            try (var tracing = Tracing.start(settings(receiver), "1.2.3")) {
                tracing.ended(report(Outcome.OK, 200, "qwen3-32b", TRACE));
            } // which sends what waits
            var received = receiver.spans().getFirst();
            assertThat(received.traceId()).isEqualTo(TRACE.traceId());
            assertThat(received.spanId()).isEqualTo(TRACE.spanId());
            assertThat(received.parentSpanId()).isEqualTo(TRACE.parentSpanId());
            var span = received.span();
            assertThat(span.getName()).isEqualTo("chat qwen3-32b");
            assertThat(span.getKind()).isEqualTo(SpanKind.SPAN_KIND_SERVER);
            assertThat(span.getStatus().getCode()).isEqualTo(StatusCode.STATUS_CODE_UNSET);
            assertThat(span.getEndTimeUnixNano() - span.getStartTimeUnixNano()).isEqualTo(2_500_000_000L);
            assertThat(span.getEventsList()).singleElement().satisfies(event -> {
                assertThat(event.getName()).isEqualTo("warmgate.first_token");
                assertThat(event.getTimeUnixNano() - span.getStartTimeUnixNano())
                        .isEqualTo(130_000_000);
            });
            assertThat(received.attributes())
                    .containsExactlyInAnyOrderEntriesOf(Map.ofEntries(
                            Map.entry("http.request.method", "POST"),
                            Map.entry("http.response.status_code", 200L),
                            Map.entry("url.path", "/v1/chat/completions"),
                            Map.entry("gen_ai.operation.name", "chat"),
                            Map.entry("gen_ai.request.model", "qwen3-32b"),
                            Map.entry("gen_ai.request.stream", true),
                            Map.entry("gen_ai.response.time_to_first_chunk", 0.12),
                            Map.entry("gen_ai.usage.input_tokens", 1100L),
                            Map.entry("gen_ai.usage.cache_read.input_tokens", 768L),
                            Map.entry("gen_ai.usage.output_tokens", 200L),
                            Map.entry("client.address", "192.0.2.1"),
                            Map.entry("warmgate.request.id", "req-1"),
                            Map.entry("warmgate.dialect", "openai-chat"),
                            Map.entry("warmgate.outcome", "ok"),
                            Map.entry("warmgate.retries", 1L),
                            Map.entry("warmgate.tenant", "default"),
                            Map.entry("warmgate.priority", 0L),
                            Map.entry("warmgate.queue.duration", 0.04),
                            Map.entry("warmgate.pool", "main"),
                            Map.entry("warmgate.endpoint", "e1"),
                            Map.entry("warmgate.policy", "warm"),
                            Map.entry("warmgate.decision.duration", 0.000_03),
                            Map.entry("warmgate.predicted.cost", 0.25),
                            Map.entry("warmgate.predicted.prompt_tokens", 1000L),
                            Map.entry("warmgate.predicted.cached_tokens", 800L)));
            assertThat(received.resource())
                    .containsEntry("service.name", "gate-7")
                    .containsEntry("service.version", "1.2.3");
            assertThat(Files.readString(Path.of("docs/observability.md")))
                    .contains(received.attributes().keySet());
        }
    }

    @Test
    void onlyOurFailuresAreErrorsAndLongNamesAreCut() throws Exception {
        try (var receiver = TraceReceiver.start()) {
            try (var tracing = Tracing.start(settings(receiver), "1.2.3")) {
                tracing.ended(report(Outcome.ENDPOINT_ERROR, 200, "m", TRACE));
                tracing.ended(report(Outcome.REFUSED, 503, "m", TRACE));
                tracing.ended(report(Outcome.REFUSED, 429, "m", TRACE));
                tracing.ended(report(Outcome.NO_ENDPOINT, 503, "m".repeat(5_000), TRACE));
            }
            assertThat(receiver.spans())
                    .extracting(received -> received.attributes().get("error.type"))
                    .containsExactly("endpoint_error", "refused", null, "no_endpoint");
            assertThat(receiver.spans())
                    .extracting(received -> received.span().getStatus().getCode())
                    .containsExactly(
                            StatusCode.STATUS_CODE_ERROR,
                            StatusCode.STATUS_CODE_ERROR,
                            StatusCode.STATUS_CODE_UNSET,
                            StatusCode.STATUS_CODE_ERROR);
            var last = receiver.spans().getLast();
            assertThat(last.span().getName()).hasSizeLessThan(300);
            assertThat(String.valueOf(last.attributes().get("gen_ai.request.model")))
                    .hasSize(1_000);
            assertThat(last.attributes()).doesNotContainKeys("warmgate.endpoint", "warmgate.policy");
        }
    }

    @Test
    void whatIsNotSampledOrNotTracedIsNotSent() throws Exception {
        try (var receiver = TraceReceiver.start()) {
            try (var tracing = Tracing.start(settings(receiver), "1.2.3")) {
                tracing.ended(report(Outcome.OK, 200, "no", new Trace(TRACE.traceId(), TRACE.spanId(), null, false)));
                tracing.ended(report(Outcome.OK, 200, "yes", TRACE));
            }
            assertThat(receiver.spans())
                    .extracting(received -> received.attributes().get("gen_ai.request.model"))
                    .containsExactly("yes");
        }
        try (var off = Tracing.start(null, "1.2.3")) {
            assertThat(off.traces()).isFalse();
            assertThat(off.begun(null)).isNull();
            off.ended(report(Outcome.OK, 200, "m", TRACE));
            assertThat(off.dropped()).isZero();
        }
    }

    @Test
    void aReceiverThatDoesNotAnswerCostsSpansAndNothingElse() throws Exception {
        try (var receiver = TraceReceiver.held();
                var tracing = Tracing.start(settings(receiver), "1.2.3")) {
            var report = report(Outcome.OK, 200, "m", TRACE);
            int sent = 4 * SpanSender.QUEUE;
            for (int i = 0; i < sent; i++) {
                tracing.ended(report);
            }
            // At most the queue and the batch on its way are not lost.
            assertThat(tracing.dropped()).isBetween((long) sent - 2 * SpanSender.QUEUE, (long) sent - SpanSender.QUEUE);
            receiver.letGo();
            await().atMost(Duration.ofSeconds(30)).until(() -> tracing.exported() + tracing.dropped() == sent);
            assertThat(receiver.spans()).hasSize((int) tracing.exported());
        }
    }
}
