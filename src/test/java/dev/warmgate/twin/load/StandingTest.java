package dev.warmgate.twin.load;

import static dev.warmgate.twin.load.FakeEngine.words;
import static dev.warmgate.twin.load.LoadRunTest.input;
import static dev.warmgate.twin.load.LoadRunTest.request;
import static dev.warmgate.twin.load.LoadRunTest.settings;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.warmgate.twin.load.FakeEngine.Behaviour;
import dev.warmgate.twin.workload.Plan;
import dev.warmgate.twin.workload.PlannedRequest;
import dev.warmgate.twin.workload.RequestOutcome;
import dev.warmgate.twin.workload.RequestOutcome.Ending;
import dev.warmgate.twin.workload.Text;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a request says about its importance, and what happens when a gateway turns it away. */
@Timeout(30)
class StandingTest {
    @ParameterizedTest
    @CsvSource({
        "429, shed, shed",
        "503, queue-full, queue-full",
        "503, '', status 503",
        "429, no word, status 429",
        "503, 0123456789012345678901234567890123456789x, status 503",
    })
    void aRefusedRequestEndsItsSession(int status, String named, String reason) throws Exception {
        var plan = new Plan(
                "test",
                List.of(
                        request("one", 0, -1, 0, false, 1),
                        request("one", 0, 0, 0, true, 2),
                        request(null, 1, 1, 0, false, 3),
                        request("two", 2, -1, 0, false, 4),
                        request("two", 2, 3, 0, true, 5)));
        var first = new AtomicBoolean(true);
        Behaviour refusing = (body, out) -> {
            if (!first.getAndSet(false)) {
                return words("a ", "b ").answer(body, out);
            }
            out.write(("HTTP/1.1 " + status + " No\r\ncontent-length: 2\r\nx-llm-d-request-dropped-reason: " + named
                            + "\r\n\r\n{}")
                    .getBytes(UTF_8));
            return true;
        };
        try (var engine = new FakeEngine(refusing);
                var run = LoadRun.start(settings(engine.address(), Duration.ofSeconds(20)), plan)) {
            var outcomes = run.outcomes().get(20, TimeUnit.SECONDS);
            assertThat(outcomes)
                    .extracting(RequestOutcome::ending)
                    .containsExactly(
                            Ending.REFUSED, Ending.NOT_SENT, Ending.NOT_SENT, Ending.COMPLETED, Ending.COMPLETED);
            assertThat(outcomes.getFirst().failure()).isEqualTo(reason);
            assertThat(outcomes.get(1).failure()).isEqualTo("not-sent");
            assertThat(engine.bodies).hasSize(3);
            assertThat(run.progress().ended()).isEqualTo(5);
            assertThat(run.progress().inFlight()).isZero();
        }
    }

    @Test
    void saysWhoseARequestIsHowImportantAndByWhenItIsDue() throws Exception {
        var plan = new Plan(
                "test",
                List.of(
                        request(null, 0, -1, 0, false, 1),
                        new PlannedRequest(null, "größe 5%\n", 1, 0, -1, 0, false, input(2), List.of(new Text(9, 2)))
                                .withPriority(-10)
                                .withDeadline(250)));
        try (var engine = new FakeEngine(words("a ", "b "))) {
            // One hundred model seconds are a second.
            List<RequestOutcome> outcomes;
            try (var run = LoadRun.start(settings(engine.address(), Duration.ofSeconds(20)), plan)) {
                outcomes = run.outcomes().get(20, TimeUnit.SECONDS);
            }
            assertThat(engine.heads.get(0))
                    .doesNotContain("fairness-id", "x-warmgate-priority", "x-request-timeout-ms");
            assertThat(engine.heads.get(1))
                    .contains(
                            "x-gateway-inference-fairness-id: gr%C3%B6%C3%9Fe%205%25%0A\n",
                            "x-warmgate-priority: -10\n", "x-request-timeout-ms: 2500\n");
            assertThat(outcomes.get(1).tenant()).isEqualTo("größe 5%\n");
            assertThat(outcomes.get(1).priority()).isEqualTo(-10);
        }
    }
}
