package dev.warmgate.twin.workload;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class CodingWorkloadTest {
    private static final long SEED = 20_261_124;
    private static final CodingWorkload REFERENCE = CodingWorkload.REFERENCE;

    @Test
    void equalSeedsGiveEqualSessionsAndOthersDoNot() {
        var sessions = REFERENCE.sessions(SEED, 300);
        assertThat(REFERENCE.sessions(SEED, 300)).isEqualTo(sessions);
        assertThat(REFERENCE.sessions(SEED + 1, 300)).isNotEqualTo(sessions);
    }

    @Test
    void aLongerRunBeginsAsAShorterOne() {
        var all = REFERENCE.sessions(SEED, 300);
        var first = REFERENCE.sessions(SEED, 100);
        assertThat(first).isEqualTo(all.subList(0, first.size()));
    }

    @Test
    void hasTheMeansOfItsDefinition() {
        var sessions = REFERENCE.sessions(SEED, 10_000);
        assertThat(sessions.size() / 10_000.0)
                .as("sessions per second, seed %d", SEED)
                .isCloseTo(0.8, within(0.03));

        long requests = 0;
        long prompt = 0;
        long output = 0;
        long fresh = 0;
        double think = 0;
        for (var session : sessions) {
            for (int i = 0; i < session.turns().size(); i++) {
                var turn = session.turns().get(i);
                requests++;
                prompt += session.promptTokens(i);
                output += turn.outputTokens();
                think += turn.thinkSeconds();
                // Harness and repository are somebody else's already; so is the conversation before.
                fresh += i == 0 ? turn.inputTokens() - 20_000 : turn.inputTokens();
            }
        }
        assertThat((double) prompt / requests)
                .as("prompt tokens, seed %d", SEED)
                .isCloseTo(32_000, within(1_500.0));
        assertThat((double) output / requests)
                .as("output tokens, seed %d", SEED)
                .isCloseTo(368, within(12.0));
        assertThat(1 - (double) fresh / prompt)
                .as("hit ratio at best, seed %d", SEED)
                .isCloseTo(0.97, within(0.01));
        assertThat(think / (requests - sessions.size()))
                .as("think seconds, seed %d", SEED)
                .isCloseTo(6 * Math.exp(0.72), within(0.7));
    }

    @Test
    void agentsAnswerShortlyAndHardlyPause() {
        var turns = CodingWorkload.AGENTS.sessions(SEED, 2_000).stream()
                .flatMap(session -> session.turns().stream().skip(1))
                .toList();
        assertThat(turns.stream().mapToInt(Turn::outputTokens).average().orElse(0))
                .as("output tokens, seed %d", SEED)
                .isCloseTo(122, within(6.0));
        assertThat(turns.stream().mapToDouble(Turn::thinkSeconds).average().orElse(0))
                .as("think seconds, seed %d", SEED)
                .isCloseTo(3.3, within(0.2));
    }

    @Test
    void keepsEverySessionWithinItsBounds() {
        for (var session : REFERENCE.sessions(SEED, 2_000)) {
            int last = session.turns().size() - 1;
            assertThat(last).isLessThan(60);
            assertThat(session.turns().getFirst().thinkSeconds()).isZero();
            assertThat(session.promptTokens(last) + session.turns().get(last).outputTokens())
                    .isLessThanOrEqualTo(120_000);
            assertThat(session.turns()).allMatch(turn -> turn.thinkSeconds() <= 300);
        }
    }

    @Test
    void sharesOneHarnessAndAFewRepositories() {
        var openings = REFERENCE.sessions(SEED, 1_000).stream()
                .map(session -> session.turns().getFirst().input())
                .toList();
        assertThat(openings)
                .allMatch(input -> input.getFirst().equals(openings.getFirst().getFirst()));
        var repositories =
                openings.stream().map(input -> input.get(1).parts().getFirst()).toList();
        assertThat(repositories.stream().distinct()).hasSize(12);
        long most = repositories.stream()
                .distinct()
                .mapToLong(r -> count(repositories, r))
                .max()
                .orElse(0);
        // Zipf 0.8 over 12: the first repository has 1/Σ i^-0.8 = 25 % of the sessions.
        assertThat((double) most / repositories.size()).isCloseTo(0.25, within(0.06));
    }

    @Test
    void keepsOnlyTurnsThatBeginInTime() {
        var whole = REFERENCE.sessions(SEED, 100);
        var pace = new Plan.Pace(0.5, 0.03);
        var kept = Workload.within(whole, 100, pace);
        assertThat(kept).hasSameSizeAs(whole);
        for (int i = 0; i < kept.size(); i++) {
            var turns = kept.get(i).turns();
            assertThat(turns).isEqualTo(whole.get(i).turns().subList(0, turns.size()));
            double begin = whole.get(i).startSeconds();
            for (int t = 1; t < turns.size(); t++) {
                begin += 0.5
                        + turns.get(t - 1).outputTokens() * 0.03
                        + turns.get(t).thinkSeconds();
            }
            assertThat(begin).isLessThanOrEqualTo(100);
        }
        assertThat(requests(kept)).isLessThan(requests(whole)).isGreaterThan(kept.size());
    }

    @Test
    void refusesAContextThatHasNoRoomForAConversation() {
        assertThatThrownBy(() -> new CodingWorkload(
                        1,
                        10_000,
                        1,
                        10_000,
                        0.8,
                        REFERENCE.turns(),
                        60,
                        REFERENCE.toolResult(),
                        REFERENCE.output(),
                        REFERENCE.think(),
                        300,
                        20_000))
                .hasMessageContaining("maxContext: 20000");
    }

    private static int requests(List<Session> sessions) {
        return sessions.stream().mapToInt(s -> s.turns().size()).sum();
    }

    private static long count(List<Text> texts, Text text) {
        return IntStream.range(0, texts.size())
                .filter(i -> texts.get(i).equals(text))
                .count();
    }
}
