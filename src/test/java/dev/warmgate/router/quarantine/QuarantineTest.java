package dev.warmgate.router.quarantine;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class QuarantineTest {
    private long now = 5;
    private final Quarantine quarantine = new Quarantine(() -> now);

    private void later(Duration time) {
        now += time.toNanos();
    }

    /** The endpoint dies with these requests on it. */
    private List<Standing> death(String endpoint, long... hashes) {
        var standings = new ArrayList<Standing>();
        for (long hash : hashes) {
            standings.add(quarantine.died(hash, "r-" + hash, endpoint));
        }
        for (long hash : hashes) {
            quarantine.left(hash, endpoint);
        }
        later(Duration.ofSeconds(1));
        return standings;
    }

    @Test
    void whoIsAtTwoDeathsAloneIsRefused() {
        assertThat(quarantine.isEmpty()).isTrue();
        assertThat(death("a", 1, 2, 3)).containsOnly(Standing.MARKED);
        quarantine.comes(1, "b");
        quarantine.comes(2, "c");
        // A fourth one was there as well, but not at the first death.
        assertThat(death("b", 4, 1)).containsExactly(Standing.MARKED, Standing.REFUSED);
        assertThat(quarantine.standing(1)).isEqualTo(Standing.REFUSED);
        assertThat(quarantine.standing(2)).isEqualTo(Standing.MARKED);
        assertThat(quarantine.standing(5)).isEqualTo(Standing.FREE);
        assertThat(quarantine.found()).isEqualTo(1);
        assertThat(quarantine.list(9).getFirst().deaths())
                .extracting(Quarantined.Death::endpoint)
                .containsExactly("a", "b");
    }

    @Test
    void ofSeveralThatWereAtBothDeathsEachIsTriedAlone() {
        death("a", 1, 2, 3);
        quarantine.comes(1, "b");
        quarantine.comes(2, "b");
        // Whoever hears of the death first, all that were there count.
        assertThat(death("b", 2, 1)).containsExactly(Standing.SUSPECT, Standing.SUSPECT);
        quarantine.comes(1, "c");
        assertThat(quarantine.mustAvoid(2)).containsExactly("c");
        quarantine.comes(2, "d");
        // A marked one keeps away from suspects.
        assertThat(quarantine.mustAvoid(3)).containsExactlyInAnyOrder("c", "d");
        assertThat(death("c", 1)).containsExactly(Standing.REFUSED);
        quarantine.survived(2);
        quarantine.left(2, "d");
        assertThat(quarantine.standing(2)).isEqualTo(Standing.FREE);
        assertThat(quarantine.standing(1)).isEqualTo(Standing.REFUSED);
    }

    @Test
    void whoFellWhereTheNextCheckFailsWasAtADeath() {
        quarantine.fell(1, "r-1", "a");
        quarantine.fell(2, "r-2", "a");
        assertThat(quarantine.isEmpty()).isTrue();
        later(Duration.ofSeconds(2));
        assertThat(quarantine.failedCheck("a")).isEqualTo(2);
        assertThat(quarantine.standing(1)).isEqualTo(Standing.MARKED);
        assertThat(quarantine.standing(2)).isEqualTo(Standing.MARKED);
        // The client's own retry, with somebody new.
        quarantine.fell(1, "r-3", "b");
        quarantine.fell(3, "r-4", "b");
        assertThat(quarantine.failedCheck("b")).isEqualTo(2);
        assertThat(quarantine.standing(1)).isEqualTo(Standing.REFUSED);
        assertThat(quarantine.standing(3)).isEqualTo(Standing.MARKED);
        // A check that fails later, or where nobody fell, tells nothing.
        quarantine.fell(4, "r-5", "c");
        later(Duration.ofSeconds(11));
        assertThat(quarantine.failedCheck("c")).isZero();
        assertThat(quarantine.failedCheck("d")).isZero();
        assertThat(quarantine.standing(4)).isEqualTo(Standing.FREE);
    }

    @Test
    void markedOnesAreKeptApartWherePossible() {
        death("a", 1, 2);
        quarantine.comes(1, "b");
        assertThat(quarantine.shouldAvoid(2)).containsExactly("b");
        assertThat(quarantine.mustAvoid(2)).isEmpty();
        assertThat(quarantine.shouldAvoid(1)).isEmpty();
        assertThat(quarantine.shouldAvoid(7)).as("of whom nothing is known").isEmpty();
    }

    @Test
    void theSameRequestTwiceAtOneDeathIsOneDeath() {
        assertThat(death("a", 1, 1)).containsOnly(Standing.MARKED);
        assertThat(death("a", 1)).containsOnly(Standing.MARKED);
        later(Duration.ofSeconds(20));
        quarantine.comes(1, "a");
        assertThat(death("a", 1)).as("it came back, and died again").containsOnly(Standing.REFUSED);
    }

    @Test
    void aWholeAnswerClearsButNotWhoIsRefused() {
        death("a", 1);
        quarantine.survived(1);
        assertThat(quarantine.isEmpty()).isTrue();
        death("b", 1);
        death("c", 1);
        quarantine.survived(1);
        assertThat(quarantine.standing(1)).isEqualTo(Standing.REFUSED);
    }

    @Test
    void allIsForgottenInTime() {
        quarantine.time(Duration.ofMinutes(1));
        death("a", 1);
        death("b", 1);
        later(Duration.ofSeconds(58));
        assertThat(quarantine.standing(1)).isEqualTo(Standing.REFUSED);
        later(Duration.ofSeconds(3));
        assertThat(quarantine.standing(1)).isEqualTo(Standing.FREE);
        assertThat(quarantine.isEmpty()).isTrue();
        quarantine.time(Duration.ZERO);
        assertThat(quarantine.enabled()).isFalse();
    }

    @Test
    void noMoreAreRememberedThanAllowed() {
        for (int i = 0; i < Quarantine.MOST + 10; i++) {
            quarantine.died(i, "r", "a");
        }
        assertThat(quarantine.list(1_000_000)).hasSize(Quarantine.MOST);
        assertThat(quarantine.standing(5)).isEqualTo(Standing.FREE);
    }

    /**
     * A poison among many, in a fleet whose requests are placed by the rules: at most three endpoints die, it is found, and
     * nobody else is refused.
     */
    @Test
    void thePoisonIsFoundAmongBystanders() {
        long seed = System.nanoTime();
        var random = new Random(seed);
        for (int round = 0; round < 500; round++) {
            int endpoints = 4 + random.nextInt(8);
            var dead = new ArrayList<String>();
            var fleet = new Quarantine(() -> now);
            var victims = new ArrayList<Long>();
            for (long hash = 0; hash <= random.nextInt(20); hash++) {
                victims.add(hash);
            }
            long poison = victims.get(random.nextInt(victims.size()));
            String at = "e0";
            while (fleet.standing(poison) != Standing.REFUSED) {
                String dying = at;
                dead.add(dying);
                assertThat(dead).as("seed %d", seed).hasSizeLessThanOrEqualTo(3);
                victims.forEach(hash -> fleet.died(hash, "r", dying));
                victims.forEach(hash -> fleet.left(hash, dying));
                later(Duration.ofSeconds(1));
                // Whoever does not share the poison's endpoint gets an answer.
                if (fleet.standing(poison) == Standing.REFUSED) {
                    break;
                }
                var next = new ArrayList<Long>();
                String poisonAt = place(fleet, poison, endpoints, dead, random);
                for (long hash : victims) {
                    if (hash != poison) {
                        String other = place(fleet, hash, endpoints, dead, random);
                        if (poisonAt.equals(other)) {
                            next.add(hash);
                        } else {
                            fleet.survived(hash);
                            fleet.left(hash, other);
                        }
                    }
                }
                next.add(poison);
                victims = next;
                at = poisonAt;
            }
            assertThat(fleet.found()).as("seed %d", seed).isEqualTo(1);
        }
    }

    private static String place(Quarantine fleet, long hash, int endpoints, List<String> dead, Random random) {
        var must = fleet.mustAvoid(hash);
        while (true) {
            String name = "e" + random.nextInt(endpoints);
            if (!dead.contains(name) && !must.contains(name)) {
                fleet.comes(hash, name);
                return name;
            }
        }
    }
}
