package dev.warmgate.twin.load;

import static dev.warmgate.twin.load.FakeEngine.words;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.warmgate.twin.load.FakeEngine.Behaviour;
import dev.warmgate.twin.workload.Message;
import dev.warmgate.twin.workload.Message.Role;
import dev.warmgate.twin.workload.Plan;
import dev.warmgate.twin.workload.PlannedRequest;
import dev.warmgate.twin.workload.RequestOutcome;
import dev.warmgate.twin.workload.Session;
import dev.warmgate.twin.workload.Text;
import dev.warmgate.twin.workload.Turn;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.ObjectMapper;

@Timeout(30)
class LoadRunTest {
    private static final Duration TIMEOUT = Duration.ofSeconds(20);
    private static final ObjectMapper JSON = new ObjectMapper();

    @Test
    void aPromptHoldsEverythingBeforeAndTheAnswerThatCame() throws Exception {
        try (var engine = new FakeEngine(words("One ", "\\\"two\\\" ", "d\\u00e9j\\u00e0\\n"))) {
            var outcomes = run(engine.address(), TIMEOUT, List.of(session(0, 3)));
            assertThat(outcomes).hasSize(3).allMatch(RequestOutcome::completed);

            var bodies = engine.bodies.stream().map(JSON::readTree).toList();
            var last = bodies.get(2).path("messages");
            assertThat(last.values().stream().map(m -> m.path("role").stringValue()))
                    .containsExactly("system", "user", "assistant", "user", "assistant", "user");
            assertThat(last.get(2).path("content").stringValue()).isEqualTo("One \"two\" déjà\n");
            assertThat(last.get(0).path("content").stringValue()).hasSize(200 * 4);
            for (int i = 0; i < 2; i++) {
                var before = bodies.get(i).path("messages");
                for (int m = 0; m < before.size(); m++) {
                    assertThat(bodies.get(i + 1).path("messages").get(m)).isEqualTo(before.get(m));
                }
            }
            assertThat(bodies.get(0).path("stream").booleanValue()).isTrue();
            assertThat(bodies.get(0)
                            .path("stream_options")
                            .path("include_usage")
                            .booleanValue())
                    .isTrue();
            assertThat(bodies.get(0).path("max_tokens").intValue()).isEqualTo(7);
            assertThat(bodies.get(0).path("ignore_eos").booleanValue()).isTrue();
            assertThat(bodies.get(0).path("model").stringValue()).isEqualTo("some-model");
            assertThat(bodies)
                    .allMatch(
                            body -> body.path("prompt_cache_key").stringValue().equals("test-0"));
        }
    }

    @Test
    void reusesConnectionsAndReadsUsage() throws Exception {
        try (var engine = new FakeEngine(words("a ", "b ", "c "))) {
            var outcomes = run(engine.address(), TIMEOUT, List.of(session(0, 5)));
            assertThat(engine.connections).hasValue(1);
            assertThat(outcomes).hasSize(5).allSatisfy(outcome -> {
                assertThat(outcome.promptTokens()).isEqualTo(100);
                assertThat(outcome.cachedTokens()).isEqualTo(60);
                assertThat(outcome.outputTokens()).isEqualTo(3);
                assertThat(outcome.ttftSeconds()).isPositive();
                assertThat(outcome.tpotSeconds()).isNotNegative();
                assertThat(outcome.endSeconds()).isGreaterThanOrEqualTo(outcome.sentSeconds() + outcome.ttftSeconds());
            });
        }
    }

    @Test
    void startsSessionsAtTheirTimesWhateverTheTargetDoes() throws Exception {
        Behaviour never = (_, out) -> {
            FakeEngine.begin(out);
            return true;
        };
        try (var engine = new FakeEngine(never);
                var run = LoadRun.start(settings(engine.address(), TIMEOUT), plan(sessions(20)))) {
            await().untilAsserted(() -> assertThat(run.progress().inFlight()).isEqualTo(20));
            assertThat(run.progress().planned()).isEqualTo(40);
        }
    }

    static Stream<Arguments> failures() {
        return Stream.of(
                Arguments.of("status 500", (Behaviour) (_, out) -> {
                    out.write("HTTP/1.1 500 Internal Server Error\r\ncontent-length: 2\r\n\r\n{}".getBytes(UTF_8));
                    return true;
                }),
                Arguments.of("error event", (Behaviour) (_, out) -> {
                    FakeEngine.begin(out);
                    FakeEngine.event(out, "{\"error\":{\"message\":\"no\"}}");
                    FakeEngine.event(out, "[DONE]");
                    FakeEngine.end(out);
                    return true;
                }),
                Arguments.of("malformed event", (Behaviour) (_, out) -> {
                    FakeEngine.begin(out);
                    FakeEngine.event(out, "{\"choices\":");
                    FakeEngine.event(out, "[DONE]");
                    FakeEngine.end(out);
                    return true;
                }),
                Arguments.of("truncated", (Behaviour) (_, out) -> {
                    FakeEngine.begin(out);
                    FakeEngine.event(out, "{\"choices\":[{\"delta\":{\"content\":\"a\"}}]}");
                    FakeEngine.end(out);
                    return true;
                }),
                Arguments.of("connection closed", (Behaviour) (_, out) -> {
                    FakeEngine.begin(out);
                    FakeEngine.event(out, "{\"choices\":[{\"delta\":{\"content\":\"a\"}}]}");
                    return false;
                }),
                Arguments.of("malformed response", (Behaviour) (_, out) -> {
                    out.write("gibberish from another protocol\r\n\r\n".getBytes(UTF_8));
                    return false;
                }));
    }

    @ParameterizedTest
    @MethodSource("failures")
    void countsAFailureByItsReasonAndGoesOnWithTheSession(String reason, Behaviour behaviour) throws Exception {
        try (var engine = new FakeEngine(behaviour)) {
            var outcomes = run(engine.address(), TIMEOUT, List.of(session(0, 2)));
            assertThat(outcomes).hasSize(2).extracting(RequestOutcome::failure).containsOnly(reason);
        }
    }

    @Test
    void countsATargetThatDoesNotListen() throws Exception {
        URI nobody;
        try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            nobody = URI.create("http://127.0.0.1:" + socket.getLocalPort());
        }
        assertThat(run(nobody, TIMEOUT, List.of(session(0, 2))))
                .hasSize(2)
                .extracting(RequestOutcome::failure)
                .containsOnly("connect");
    }

    @Test
    void givesUpAfterTheTimeout() throws Exception {
        Behaviour never = (_, out) -> {
            FakeEngine.begin(out);
            return true;
        };
        try (var engine = new FakeEngine(never)) {
            assertThat(run(engine.address(), Duration.ofMillis(50), List.of(session(0, 1))))
                    .extracting(RequestOutcome::failure)
                    .containsExactly("timeout");
            await().untilAsserted(() -> assertThat(engine.left).hasValue(1));
        }
    }

    @Test
    void cancellingLeavesTheTargetAndAccountsForEveryRequest() throws Exception {
        Behaviour never = (_, out) -> {
            FakeEngine.begin(out);
            return true;
        };
        try (var engine = new FakeEngine(never);
                var run = LoadRun.start(settings(engine.address(), TIMEOUT), plan(sessions(4)))) {
            await().untilAsserted(() -> assertThat(engine.bodies).hasSize(4));
            run.cancel();
            var outcomes = run.outcomes().get(10, TimeUnit.SECONDS);
            assertThat(outcomes).hasSize(8).extracting(RequestOutcome::failure).containsOnly("cancelled");
            assertThat(run.progress().inFlight()).isZero();
            assertThat(run.progress().failed()).isEqualTo(8);
            await().untilAsserted(() -> assertThat(engine.left).hasValue(4));
        }
    }

    @Test
    void branchesOfAConversationShareItsBeginningOnly() throws Exception {
        var first = request("tree", 0, -1, 0, false, 1);
        var plan = new Plan(
                "test",
                List.of(
                        first,
                        request("tree", 0, 0, 0.1, true, 2),
                        request("tree", 0, 0, 0.2, true, 3),
                        request(null, 0, 0, 0.3, false, 4)));
        try (var engine = new FakeEngine(words("An ", "answer"))) {
            assertThat(run(settings(engine.address(), TIMEOUT), plan)).allMatch(RequestOutcome::completed);
            var bodies = engine.bodies.stream().map(JSON::readTree).toList();
            var start = bodies.get(0).path("messages").get(0);
            // The last three are sent close together and may arrive in any order.
            var branches = bodies.stream()
                    .skip(1)
                    .filter(body -> body.has("prompt_cache_key"))
                    .map(body -> body.path("messages"))
                    .toList();
            assertThat(branches).hasSize(2).allSatisfy(messages -> {
                assertThat(messages).hasSize(3);
                assertThat(messages.get(0)).isEqualTo(start);
                assertThat(messages.get(1).path("content").stringValue()).isEqualTo("An answer");
            });
            assertThat(branches.get(0).get(2)).isNotEqualTo(branches.get(1).get(2));
            assertThat(bodies.stream().filter(body -> !body.has("prompt_cache_key")))
                    .singleElement()
                    .satisfies(body -> assertThat(body.path("messages")).hasSize(1));
        }
    }

    @Test
    void aStageBeginsWhenTheOneBeforeHasEnded() throws Exception {
        var plan = new Plan(
                "test",
                List.of(
                        request(null, 2, -1, 0, false, 3),
                        request(null, 1, -1, 0, false, 2),
                        request(null, 0, -1, 0.2, false, 1),
                        request(null, 0, 2, 0.2, true, 4)));
        try (var engine = new FakeEngine(words("a ", "b "))) {
            var outcomes = run(settings(engine.address(), TIMEOUT), plan);
            assertThat(outcomes).hasSize(4).allMatch(RequestOutcome::completed);
            assertThat(outcomes.get(1).sentSeconds())
                    .isGreaterThanOrEqualTo(outcomes.get(3).endSeconds());
            assertThat(outcomes.get(0).sentSeconds())
                    .isGreaterThanOrEqualTo(outcomes.get(1).endSeconds());
        }
    }

    @Test
    void stagesWithoutRequestsArePassedOver() throws Exception {
        var plan = new Plan(
                "test",
                List.of(
                        request(null, 2, -1, 0, false, 1),
                        request(null, 3, 0, 0, true, 2),
                        request(null, 5, -1, 0, false, 3)));
        try (var engine = new FakeEngine(words("a ", "b "))) {
            var outcomes = run(settings(engine.address(), TIMEOUT), plan);
            assertThat(outcomes).hasSize(3).allMatch(RequestOutcome::completed);
            assertThat(outcomes.get(2).sentSeconds())
                    .isGreaterThanOrEqualTo(outcomes.get(1).endSeconds());
        }
    }

    @Test
    void sendsLateRatherThanHaveMoreInFlightThanAllowed() throws Exception {
        var atOnce = new ArrayList<PlannedRequest>();
        for (int i = 0; i < 20; i++) {
            atOnce.add(request(null, 0, -1, 0, false, i));
        }
        var gate = new CountDownLatch(1);
        Behaviour held = (body, out) -> {
            try {
                gate.await();
            } catch (InterruptedException e) {
                throw new IOException(e);
            }
            return words("a ", "b ").answer(body, out);
        };
        try (var engine = new FakeEngine(held)) {
            var settings = new LoadSettings(engine.address(), "some-model", null, 100, 1, 0, true, 2, TIMEOUT);
            try (var run = LoadRun.start(settings, new Plan("test", atOnce))) {
                await().untilAsserted(() -> assertThat(engine.bodies).hasSize(2));
                gate.countDown();
                assertThat(run.outcomes().get(20, TimeUnit.SECONDS)).hasSize(20).allMatch(RequestOutcome::completed);
            }
            assertThat(engine.connections).as("one for each in flight").hasValue(2);
        }
    }

    @Test
    void leavesTheWarmUpOutAndMeasuresGapsBetweenEvents() throws Exception {
        try (var engine = new FakeEngine(words("a ", "b ", "c "))) {
            var settings = new LoadSettings(
                    engine.address(), "some-model", "key", 100, 1, 0.5, false, LoadSettings.UNLIMITED, TIMEOUT);
            var gaps = new AtomicInteger();
            try (var run = LoadRun.start(settings, plan(sessions(2)), (_, _) -> gaps.incrementAndGet())) {
                var outcomes = run.outcomes().get(20, TimeUnit.SECONDS);
                assertThat(outcomes).hasSize(4);
                assertThat(outcomes.stream().filter(RequestOutcome::measured)).hasSize(2);
                assertThat(gaps).hasValue(2 * 2);
            }
            assertThat(engine.heads).allMatch(head -> head.contains("authorization: Bearer key"));
            assertThat(engine.bodies).noneMatch(body -> body.contains("ignore_eos"));
        }
    }

    @Test
    void thoughtsCountAsTextButAreNotRepeated() throws Exception {
        Behaviour thinking = (_, out) -> {
            FakeEngine.begin(out);
            FakeEngine.event(out, "{\"choices\":[{\"delta\":{\"reasoning_content\":\"hm\"}}]}");
            FakeEngine.event(out, "{\"choices\":[{\"delta\":{\"content\":\"yes\"}}]}");
            FakeEngine.event(out, "[DONE]");
            FakeEngine.end(out);
            return true;
        };
        try (var engine = new FakeEngine(thinking)) {
            var outcomes = run(engine.address(), TIMEOUT, List.of(session(0, 2)));
            assertThat(outcomes).hasSize(2).allSatisfy(outcome -> {
                assertThat(outcome.completed()).isTrue();
                assertThat(outcome.ttftSeconds()).isPositive();
                assertThat(outcome.cachedTokens()).as("nobody said").isEqualTo(-1);
            });
            assertThat(engine.bodies.get(1)).contains("yes").doesNotContain("hm\"");
        }
    }

    private static List<RequestOutcome> run(URI target, Duration timeout, List<Session> sessions) throws Exception {
        return run(settings(target, timeout), plan(sessions));
    }

    private static List<RequestOutcome> run(LoadSettings settings, Plan plan) throws Exception {
        try (var run = LoadRun.start(settings, plan)) {
            return run.outcomes().get(20, TimeUnit.SECONDS);
        }
    }

    private static Plan plan(List<Session> sessions) {
        return Plan.of("test", sessions, 1000, Plan.Pace.UNHURRIED);
    }

    static PlannedRequest request(
            @Nullable String session, int stage, int after, double seconds, boolean continues, int text) {
        return new PlannedRequest(
                session,
                null,
                stage,
                after < 0 ? seconds : 0,
                after,
                after < 0 ? 0 : seconds,
                continues,
                input(text),
                List.of(new Text(1000 + text, 2)));
    }

    static List<Message> input(int text) {
        return List.of(Message.of(Role.USER, new Text(text, 20)));
    }

    static LoadSettings settings(URI target, Duration timeout) {
        return new LoadSettings(target, "some-model", 100, 1, timeout);
    }

    private static List<Session> sessions(int count) {
        var sessions = new ArrayList<Session>();
        for (int i = 0; i < count; i++) {
            sessions.add(session(i, 2));
        }
        return sessions;
    }

    private static Session session(int id, int turns) {
        var list = new ArrayList<Turn>();
        for (int i = 0; i < turns; i++) {
            var user = Message.of(Role.USER, new Text(1000L * (id + 1) + i, 50));
            list.add(new Turn(
                    i == 0 ? 0 : 0.5,
                    i == 0 ? List.of(Message.of(Role.SYSTEM, new Text(1, 200)), user) : List.of(user),
                    7));
        }
        return new Session("test", id * 0.1, list);
    }
}
