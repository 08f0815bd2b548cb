package dev.warmgate.twin.simulation;

import static dev.warmgate.twin.simulation.Plans.alone;
import static dev.warmgate.twin.simulation.Plans.next;
import static org.assertj.core.api.Assertions.assertThat;

import dev.warmgate.router.prefix.PromptBlocks;
import dev.warmgate.twin.engine.TokenBlocks;
import dev.warmgate.twin.workload.Message;
import dev.warmgate.twin.workload.Plan;
import dev.warmgate.twin.workload.PlannedRequest;
import dev.warmgate.twin.workload.Text;
import java.util.List;
import org.junit.jupiter.api.Test;

class PromptShapeTest {
    private final PromptShape shape = new PromptShape();

    @Test
    void equalBeginningsHaveEqualNamesAndNothingElseHas() {
        var plan = new Plan("pairs", List.of(pair(1, 100, 2, 300), pair(1, 100, 3, 300), pair(2, 300, 1, 100)));
        assertThat(sharedByRouter(plan, 0, 1))
                .as("64 of 100, and the message's rest")
                .isEqualTo(2);
        assertThat(sharedByEngine(plan, 0, 1)).as("six blocks of 16").isEqualTo(6);
        assertThat(sharedByRouter(plan, 0, 2)).isZero();
        assertThat(sharedByEngine(plan, 0, 2)).isZero();
    }

    @Test
    void theRouterCutsAtTheEndOfAMessageAndTheEngineDoesNot() {
        shape.read(new Plan("pair", List.of(pair(1, 100, 2, 300))), 0);
        assertThat(ends(shape.prompt())).containsExactly(64, 100, 164, 228, 292, 356, 400);
        // Prompt and answer, 405 tokens: only full blocks have a name.
        assertThat(shape.sequence().tokens()).isEqualTo(405);
        assertThat(shape.sequence().hash(405 / TokenBlocks.BLOCK_TOKENS - 1)).isNotZero();
    }

    @Test
    void aTurnBeginsWithTheConversationBefore() {
        var plan =
                new Plan("turns", List.of(alone(0, 0, 1, 200, 70), next(0, 0, 1, 2, 50, 5), next(0, 1, 1, 3, 30, 5)));
        assertThat(sharedByEngine(plan, 0, 1)).as("answer included").isEqualTo(270 / 16);
        assertThat(sharedByEngine(plan, 1, 2)).isEqualTo((270 + 50 + 5) / 16);
        shape.read(plan, 2);
        assertThat(ends(shape.prompt())).containsExactly(64, 128, 192, 200, 264, 270, 320, 325, 355);
        assertThat(plan.promptTokens(2)).isEqualTo(355);
    }

    private int sharedByRouter(Plan plan, int one, int other) {
        shape.read(plan, one);
        var first = shape.prompt();
        shape.read(plan, other);
        var second = shape.prompt();
        int shared = 0;
        while (shared < Math.min(first.count(), second.count()) && first.hash(shared) == second.hash(shared)) {
            shared++;
        }
        return shared;
    }

    private int sharedByEngine(Plan plan, int one, int other) {
        shape.read(plan, one);
        var first = shape.sequence();
        shape.read(plan, other);
        var second = shape.sequence();
        int shared = 0;
        while (shared < Math.min(first.tokens(), second.tokens()) / 16 && first.hash(shared) == second.hash(shared)) {
            shared++;
        }
        return shared;
    }

    private static int[] ends(PromptBlocks prompt) {
        var ends = new int[prompt.count()];
        for (int i = 0; i < ends.length; i++) {
            ends[i] = prompt.tokens(i + 1);
        }
        return ends;
    }

    private static PlannedRequest pair(long system, int systemTokens, long user, int userTokens) {
        return new PlannedRequest(
                null,
                null,
                0,
                0,
                -1,
                0,
                false,
                List.of(
                        Message.of(Message.Role.SYSTEM, new Text(system, systemTokens)),
                        Message.of(Message.Role.USER, new Text(user, userTokens))),
                List.of(new Text(99, 5)));
    }
}
