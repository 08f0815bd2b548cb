package dev.warmgate.twin.fault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import dev.warmgate.twin.fault.Fault.Moment;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FaultPlanTest {
    @Test
    void aPlanIsReadAndWrittenInTheSameForm() {
        var plan =
                FaultPlan.parse("reset-before=0.02, stall-mid=3x seed=7\nvanish-time=250ms stall-time=2s poison=word");
        assertThat(plan.chances())
                .containsOnlyKeys(Fault.RESET_BEFORE, Fault.STALL_MID)
                .containsEntry(Fault.RESET_BEFORE, new Chance(0.02, 0))
                .containsEntry(Fault.STALL_MID, new Chance(0, 3));
        assertThat(plan.seed()).isEqualTo(7);
        assertThat(plan.vanishTime()).isEqualTo(Duration.ofMillis(250));
        assertThat(plan.stallTime()).isEqualTo(Duration.ofSeconds(2));
        assertThat(plan.poison()).isEqualTo("word");
        assertThat(FaultPlan.parse(plan.toString())).isEqualTo(plan);
        assertThat(FaultPlan.parse(" ")).isEqualTo(FaultPlan.NONE);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    reset=0.1        | fault: "reset" (expected: one of slam, slow-accept, reset-before,
                    slam=2           | slam: "2" (expected: a probability such as 0.05, or a number such as 3x)
                    slam             | slam: "" (expected: a probability such as 0.05, or a number such as 3x)
                    vanish=-1x       | vanish: "-1x" (expected: a probability such as 0.05, or a number such as 3x)
                    stall-time=5     | stall-time: "5" (expected: a time such as 250ms or 2s)
                    vanish-time=0s   | vanish-time: PT0S (expected: more than zero)
                    seed=x           | seed: "x" (expected: a whole number)
                    poison=          | poison: "" (expected: a text)
                    vanish=0.6 truncate=0.6 | probabilities: 1.2 together for each request (expected: at most 1
                    """)
    void whatIsNoPlanIsRefusedWithWhatIsAllowed(String text, String message) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> FaultPlan.parse(text))
                .withMessageContaining(message);
    }

    @Test
    void countedFaultsComeFirstAndThenNoMore() {
        var dice = new FaultDice(FaultPlan.parse("reset-mid=2x,slam=1x"), 0);
        assertThat(dice.at(Moment.ANSWER)).isNull();
        assertThat(dice.at(Moment.REQUEST)).isEqualTo(Fault.RESET_MID);
        assertThat(dice.at(Moment.REQUEST)).isEqualTo(Fault.RESET_MID);
        assertThat(dice.at(Moment.REQUEST)).isNull();
        assertThat(dice.at(Moment.CONNECTION)).isEqualTo(Fault.SLAM);
        assertThat(dice.at(Moment.CONNECTION)).isNull();
        assertThat(dice.happened()).containsEntry(Fault.RESET_MID, 2L).containsEntry(Fault.SLAM, 1L);
    }

    @Test
    void theSameSeedGivesTheSameFaultsAndEachReplicaItsOwn() {
        var plan = FaultPlan.parse("reset-mid=0.2,vanish=0.1,status-503=0.3,seed=11");
        assertThat(faults(plan, 0)).isEqualTo(faults(plan, 0)).isNotEqualTo(faults(plan, 1));
        assertThat(faults(plan, 0))
                .isNotEqualTo(faults(FaultPlan.parse("reset-mid=0.2,vanish=0.1,status-503=0.3,seed=12"), 0));
    }

    @Test
    void faultsComeAsOftenAsTheirProbabilitySays() {
        var faults = faults(FaultPlan.parse("reset-mid=0.2,vanish=0.1,status-503=0.3,seed=3"), 0);
        assertThat(share(faults, Fault.RESET_MID)).isCloseTo(0.2, within(0.03));
        assertThat(share(faults, Fault.VANISH)).isCloseTo(0.1, within(0.03));
        assertThat(share(faults, Fault.STATUS_503)).isCloseTo(0.3, within(0.03));
    }

    private static List<@Nullable Fault> faults(FaultPlan plan, int replica) {
        var dice = new FaultDice(plan, replica);
        var faults = new ArrayList<@Nullable Fault>();
        for (int i = 0; i < 10_000; i++) {
            faults.add(dice.at(Moment.REQUEST));
        }
        return faults;
    }

    private static double share(List<@Nullable Fault> faults, Fault of) {
        return (double) faults.stream().filter(fault -> fault == of).count() / faults.size();
    }
}
