package dev.warmgate.router.profile;

import static dev.warmgate.router.profile.Bench.request;
import static dev.warmgate.router.profile.Bench.scorer;
import static org.assertj.core.api.Assertions.assertThat;

import dev.warmgate.router.Endpoint;
import dev.warmgate.router.InferenceRequest;
import dev.warmgate.router.Usage;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SessionAffinityTest {
    private static final SessionAffinity TOKEN = new SessionAffinity(SessionAffinity.EncodedEndpointHeader.DEFAULT, "");
    private static final SessionAffinity ID = remembering(new SessionAffinity.Header("X-Session-Id"));

    private static SessionAffinity remembering(SessionAffinity.Source... sources) {
        return new SessionAffinity(
                new SessionAffinity.SessionId(List.of(sources), Duration.ofSeconds(300), Duration.ofSeconds(10)), "");
    }

    private static String token(String endpoint) {
        return Base64.getEncoder().encodeToString(endpoint.getBytes(StandardCharsets.UTF_8));
    }

    private static InferenceRequest session(String id) {
        return request(Map.of("x-session-id", id));
    }

    @Test
    void aTokenNamesTheEndpointAndTheAnswerBearsIt() {
        var bench = Bench.of(3, Filter.numbered(TOKEN));

        var first = bench.send(request(Map.of()));
        assertThat(first.tells())
                .isEqualTo(Map.of("x-session-token", token(first.endpoint().name())));
        assertThat(bench.router.hints()).containsExactly("x-session-token");
        for (var name : List.of("e0", "e1", "e2")) {
            var next = bench.send(request(Map.of("x-session-token", token(name))));
            assertThat(next.endpoint().name()).isEqualTo(name);
        }
    }

    @Test
    void aTokenThatNamesNobodyHereDoesNotMatter() {
        var bench = Bench.of(2, Filter.numbered(TOKEN));

        assertThat(bench.left(request(Map.of("x-session-token", token("gone")))))
                .hasSize(2);
        assertThat(bench.left(request(Map.of("x-session-token", "%%%")))).hasSize(2);
        assertThat(bench.left(request(Map.of()))).hasSize(2);
    }

    @Test
    void theTokenIsNotToldByAnotherProfile() {
        var affinity = new SessionAffinity(SessionAffinity.EncodedEndpointHeader.DEFAULT, "decode");

        assertThat(Bench.of(1, Filter.numbered(affinity))
                        .send(request(Map.of()))
                        .tells())
                .isEmpty();
    }

    @Test
    void asAScorerItAddsToWhatOthersSay() {
        var bench = Bench.of(3, List.of(), scorer("s", TOKEN));

        assertThat(bench.totals(request(Map.of("x-session-token", token("e1")))))
                .isEqualTo(Map.of("e0", 0.0, "e1", 1.0, "e2", 0.0));
    }

    @Test
    void aSessionStaysWhereItBegan() {
        var bench = Bench.of(8, Filter.numbered(ID));
        var home = bench.send(session("s")).endpoint();

        for (int n = 0; n < 10; n++) {
            assertThat(bench.send(session("s")).endpoint()).isSameAs(home);
        }
        assertThat(bench.left(session("another"))).hasSize(8);
        assertThat(bench.left(request(Map.of()))).hasSize(8);
    }

    @Test
    void itMovesOnlyWhenItsEndpointCannotHaveIt() {
        var bench = Bench.of(2, Filter.numbered(ID));
        var home = bench.send(session("s")).endpoint();

        var elsewhere =
                bench.send(session("s").onlyTo(endpoint -> endpoint != home)).endpoint();

        assertThat(elsewhere).isNotSameAs(home);
        assertThat(bench.send(session("s")).endpoint()).isSameAs(elsewhere);
    }

    @Test
    void oneThatAnotherScorerTookElsewhereComesBack() {
        var bench = Bench.of(
                2, List.of(), scorer("session", ID), new Scorer.Weighted("queue", new Scorer.KvCacheUtilization(), 3));
        var home = bench.send(session("s")).endpoint();
        int at = home.name().equals("e0") ? 0 : 1;
        bench.load(at, 0, 0, 1);
        assertThat(bench.send(session("s")).endpoint()).isNotSameAs(home);

        bench.load(at, 0, 0, 0);

        assertThat(bench.send(session("s")).endpoint()).isSameAs(home);
    }

    @Test
    void aSessionIsForgottenThatIsNotUsed() {
        var bench = Bench.of(2, Filter.numbered(ID));
        bench.send(session("s")).settle(Usage.UNKNOWN);
        bench.now += Duration.ofSeconds(290).toNanos();
        assertThat(bench.left(session("s"))).hasSize(1);

        bench.now += Duration.ofSeconds(311).toNanos();

        assertThat(bench.left(session("s"))).hasSize(2);
    }

    @Test
    void aSessionWhoseEndpointLeftBeginsAnew() {
        var bench = Bench.of(2, Filter.numbered(ID));
        var first = bench.send(session("s"));
        first.settle(Usage.UNKNOWN);
        bench.keepOnly(endpoint -> !endpoint.equals(first.endpoint().name()));
        assertThat(first.endpoint().state()).isEqualTo(Endpoint.State.GONE);

        assertThat(bench.send(session("s")).endpoint()).isNotSameAs(first.endpoint());
        assertThat(bench.left(session("s"))).hasSize(1);
    }

    @Test
    void theFirstSourceThatNamesTheSessionCounts() {
        var bench = Bench.of(
                8, Filter.numbered(remembering(new SessionAffinity.Header("x-a"), new SessionAffinity.Cookie("sid"))));
        assertThat(bench.router.hints()).containsExactlyInAnyOrder("x-a", "cookie");
        var home = bench.send(request(Map.of("cookie", "theme=dark; sid=\"7\"; x=y")))
                .endpoint();

        assertThat(bench.send(request(Map.of("x-a", " ", "cookie", "sid=7"))).endpoint())
                .isSameAs(home);
        assertThat(bench.left(request(Map.of("x-a", "8", "cookie", "sid=7")))).hasSize(8);
        assertThat(bench.left(request(Map.of("cookie", "asid=7; sid")))).hasSize(8);
    }
}
