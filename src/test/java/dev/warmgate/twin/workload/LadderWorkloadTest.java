package dev.warmgate.twin.workload;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.warmgate.twin.workload.LadderWorkload.Stage;
import java.util.List;
import org.junit.jupiter.api.Test;

class LadderWorkloadTest {
    private static final long SEED = 20_261_124;

    @Test
    void climbsStageAfterStage() {
        var ladder = LadderWorkload.QWEN_32B;
        var requests = ladder.plan("ladder", SEED, 0.5).requests();
        int index = 0;
        for (int s = 0; s < ladder.stages().size(); s++) {
            var stage = ladder.stages().get(s);
            double last = 0;
            for (int i = 0; i < stage.requests(); i++, index++) {
                assertThat(requests.get(index).stage()).isEqualTo(s);
                assertThat(requests.get(index).atSeconds()).isBetween(last, stage.seconds() / 2);
                assertThat(requests.get(index).outputTokens()).isEqualTo(1_000);
                last = requests.get(index).atSeconds();
            }
        }
        assertThat(requests).hasSize(index);
    }

    @Test
    void repeatsItsPromptsPassAfterPass() {
        var prompts = LadderWorkload.QWEN_32B.plan("ladder", SEED, 1).requests().stream()
                .map(PlannedRequest::input)
                .toList();
        assertThat(prompts.subList(0, 750)).doesNotHaveDuplicates();
        // The third stage after the warm-up has 300 requests, the fourth 760.
        assertThat(prompts.subList(750, 810)).isEqualTo(prompts.subList(0, 60));
        assertThat(prompts.subList(1_310, 2_060)).isEqualTo(prompts.subList(0, 750));
        assertThat(prompts.subList(2_060, 2_070)).isEqualTo(prompts.subList(0, 10));
        var groups = prompts.stream().map(List::getFirst).toList();
        assertThat(groups.stream().distinct()).hasSize(150);
        assertThat(groups.subList(0, 5).stream().distinct().count())
                .as("groups in a row, seed %d", SEED)
                .isGreaterThan(1);
        assertThat(prompts.stream().map(List::getLast).distinct()).hasSize(750);
    }

    @Test
    void comesAtEqualDistancesWhereNotPoisson() {
        var requests = LadderWorkload.LLAMA_70B.plan("llama", SEED, 1).requests();
        assertThat(requests).hasSize(270 + 630 + 720 + 600 + 720 + 720 + 700 + 720 + 750 + 1_000);
        for (int i = 1; i < 270; i++) {
            assertThat(requests.get(i).atSeconds() - requests.get(i - 1).atSeconds())
                    .isCloseTo(1 / 9.0, within(1e-9));
        }
        assertThat(requests.get(270).stage()).isEqualTo(1);
        assertThat(requests.get(270).atSeconds()).isZero();
    }

    @Test
    void canBeShort() {
        assertThat(LadderWorkload.QWEN_32B.only(20, 60).stages())
                .containsExactly(new Stage(15, 50), new Stage(20, 38), new Stage(60, 25));
        assertThatThrownBy(() -> LadderWorkload.LLAMA_70B.only(7))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("rate: 7.0 (expected: one of [3.0, 4.0, 5.0, 6.0, 8.0, 10.0, 12.0, 15.0, 20.0])");
    }

    @Test
    void refusesWhatIsNoLadder() {
        assertThatThrownBy(() -> LadderWorkload.QWEN_32B.withStages(List.of()))
                .hasMessage("stages: none (expected: at least one)");
        assertThatThrownBy(() -> new Stage(0, 1)).hasMessageContaining("requestsPerSecond: 0.0");
        assertThatThrownBy(() -> new LadderWorkload(1, 0, 1, 1, 1, true, List.of(new Stage(1, 1))))
                .hasMessageContaining("promptsPerGroup: 0");
    }
}
