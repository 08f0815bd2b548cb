package dev.warmgate.router.prefix;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class PrefixIndexTest extends IndexTraffic {
    private static final long AMPLE = 1_000_000_000L;

    @Test
    void anUnknownPromptIsHeldByNobody() {
        var index = new PrefixIndex(4, AMPLE, 1 << 20);
        index.find("m", prompt(1, 2, 3), 0, match);
        assertThat(match.segments()).isZero();
        assertThat(match.cachedTokens(0)).isZero();
    }

    @Test
    void aPromptIsHeldWhereItWasSentUpToTheFirstDifference() {
        var index = new PrefixIndex(4, AMPLE, 1 << 20);
        send(index, 2, prompt(1, 2, 3, 4));
        index.find("m", prompt(1, 2, 9, 4), 0, match);
        assertThat(match.cachedTokens(2)).isEqualTo(2 * BLOCK_TOKENS);
        assertThat(match.cachedTokens(1)).isZero();
    }

    @Test
    void differentModelsShareNothing() {
        var index = new PrefixIndex(1, AMPLE, 1 << 20);
        send(index, 0, prompt(1, 2));
        index.find("other", prompt(1, 2), 0, match);
        assertThat(match.cachedTokens(0)).isZero();
    }

    @Test
    void aSegmentEndsWhereItsOwnersChange() {
        var index = new PrefixIndex(3, AMPLE, 1 << 20);
        send(index, 0, prompt(1, 2, 3, 4));
        send(index, 1, prompt(1, 2, 7));
        index.find("m", prompt(1, 2, 3, 4), 0, match);
        assertThat(match.segments()).isEqualTo(2);
        assertThat(match.endTokens(0)).isEqualTo(2 * BLOCK_TOKENS);
        assertThat(match.owners(0)).isEqualTo(2);
        assertThat(match.owners(1)).isEqualTo(1);
        assertThat(match.owner(1, 0)).isZero();
    }

    @Test
    void partingCountsAsPopularityOfTheSharedPartAndDecays() {
        var index = new PrefixIndex(1, AMPLE, 1 << 20);
        send(index, 0, prompt(1, 2, 3));
        send(index, 0, prompt(1, 2, 4));
        send(index, 0, prompt(1, 2, 5));
        index.find("m", prompt(1, 2, 6), 0, match);
        assertThat(match.popularity(0)).isEqualTo(2);
        index.find("m", prompt(1, 2, 6), 60_000_000_000L, match);
        assertThat(match.popularity(0)).isBetween(0.73, 0.74);
    }

    @Test
    void forgettingEmptiesOneEndpointOnly() {
        var index = new PrefixIndex(2, 1000, 1 << 20);
        send(index, 0, prompt(1, 2));
        send(index, 1, prompt(1, 2));
        index.forget(0);
        index.find("m", prompt(1, 2), 0, match);
        assertThat(match.cachedTokens(0)).isZero();
        assertThat(match.cachedTokens(1)).isEqualTo(2 * BLOCK_TOKENS);
    }

    @Test
    void answersPushPromptsOut() {
        var index = new PrefixIndex(1, 1000, 1 << 20);
        send(index, 0, prompt(1, 2));
        answer(index, 0, 1000);
        assertThat(cached(index, 0, prompt(1, 2))).isZero();
    }

    @Test
    void whatRequestsInFlightUseIsPinnedAndCountsOnce() {
        var index = new PrefixIndex(2, 1000, 1 << 20);
        int first = place(index, 0, prompt(1, 2, 3));
        int second = place(index, 0, prompt(1, 2, 4, 5));
        assertThat(index.pinnedTokens(0)).isEqualTo(5 * BLOCK_TOKENS);
        assertThat(index.pinnedTokens(1)).isZero();
        assertThat(pinned(index, prompt(1, 2, 3, 6))).isEqualTo(3 * BLOCK_TOKENS);
        assertThat(pinned(index, prompt(1, 2, 4, 6))).isEqualTo(3 * BLOCK_TOKENS);
        answer(index, 0, 100_000);
        assertThat(cached(index, 0, prompt(1, 2, 3))).isEqualTo(3 * BLOCK_TOKENS);
        index.released(prompt(1, 2, 4, 5), 0, second, 0);
        assertThat(index.pinnedTokens(0)).isEqualTo(3 * BLOCK_TOKENS);
        assertThat(pinned(index, prompt(1, 2, 4, 5))).isEqualTo(2 * BLOCK_TOKENS);
        answer(index, 0, 100_000);
        assertThat(cached(index, 0, prompt(1, 2, 4, 5))).isEqualTo(2 * BLOCK_TOKENS);
        index.released(prompt(1, 2, 3), 0, first, 0);
        IndexChecks.checkNothingPinned(index);
        answer(index, 0, 100_000);
        assertThat(cached(index, 0, prompt(1, 2, 3))).isZero();
    }

    @Test
    void aRunIsEvictedFromItsTail() {
        var index = new PrefixIndex(1, 10 * BLOCK_TOKENS, 1 << 20);
        var prompt = prompt(1, 2, 3, 4, 5, 6, 7, 8);
        send(index, 0, prompt);
        answer(index, 0, 5 * BLOCK_TOKENS + 10);
        assertThat(cached(index, 0, prompt)).isEqualTo(5 * BLOCK_TOKENS - 10);
        assertThat(match.heldSegments(0)).isZero();
        assertThat(match.owners(0)).isZero();
        assertThat(match.formerTokens(0)).isEqualTo(8 * BLOCK_TOKENS);
        // What another prompt shares of it is there as a whole.
        assertThat(cached(index, 0, prompt(1, 2, 9))).isEqualTo(2 * BLOCK_TOKENS);
        assertThat(match.heldSegments(0)).isEqualTo(1);
        place(index, 0, prompt(1, 2, 3, 4, 5, 6, 7));
        assertThat(cached(index, 0, prompt)).isEqualTo(7 * BLOCK_TOKENS);
        IndexChecks.check(index);
    }

    @Test
    void whatAnEngineDidNotFindIsGoneWithAllThatIsOlder() {
        var index = new PrefixIndex(2, 10_000, 1 << 20);
        send(index, 0, prompt(1, 2));
        send(index, 1, prompt(1, 2));
        send(index, 0, prompt(3, 4));
        send(index, 0, prompt(5, 6));
        index.find("m", prompt(3, 4, 9), 0, match);
        long stamp = match.stamp(0);
        index.record(match, 0);
        index.evicted(0, stamp);
        assertThat(cached(index, 0, prompt(1, 2))).isZero();
        assertThat(cached(index, 1, prompt(1, 2))).isEqualTo(2 * BLOCK_TOKENS);
        assertThat(cached(index, 0, prompt(5, 6))).isEqualTo(2 * BLOCK_TOKENS);
        // Recorded again since: the request itself brought it back.
        assertThat(cached(index, 0, prompt(3, 4, 9))).isEqualTo(3 * BLOCK_TOKENS);
        // An endpoint that held nothing has nothing to lose.
        index.evicted(0, match.stamp(1));
        assertThat(cached(index, 0, prompt(5, 6))).isEqualTo(2 * BLOCK_TOKENS);
    }

    @Test
    void aPromptThatEndedIsAsFreshAsANewOne() {
        var index = new PrefixIndex(1, 1000, 1 << 20);
        var prompt = prompt(1, 2, 3);
        int pin = place(index, 0, prompt);
        send(index, 0, prompt(4, 5, 6, 7));
        index.released(prompt, 0, pin, 0);
        answer(index, 0, 700);
        assertThat(cached(index, 0, prompt)).isEqualTo(3 * BLOCK_TOKENS);
        assertThat(cached(index, 0, prompt(4, 5, 6, 7))).isEqualTo(1000 - 700 - 3 * BLOCK_TOKENS);
        answer(index, 0, 200);
        assertThat(cached(index, 0, prompt)).isEqualTo(100);
    }

    @Test
    void whatARestartTookDoesNotComeBackWhenItsRequestsEnd() {
        var index = new PrefixIndex(1, 1000, 1 << 20);
        var prompt = prompt(1, 2, 3);
        int before = place(index, 0, prompt);
        index.forget(0);
        assertThat(cached(index, 0, prompt)).isZero();
        assertThat(match.formerTokens(0)).isZero();
        int after = place(index, 0, prompt(1, 2));
        assertThat(cached(index, 0, prompt)).isEqualTo(2 * BLOCK_TOKENS);
        index.released(prompt, 0, before, 0);
        assertThat(cached(index, 0, prompt)).isEqualTo(2 * BLOCK_TOKENS);
        index.released(prompt(1, 2), 0, after, 0);
        assertThat(cached(index, 0, prompt)).isEqualTo(2 * BLOCK_TOKENS);
        IndexChecks.check(index);
        IndexChecks.checkNothingPinned(index);
    }

    @Test
    void remembersWhereAPromptWasUntilAnotherCapacityWasEvicted() {
        var index = new PrefixIndex(2, 1000, 1 << 20);
        send(index, 0, prompt(1, 2));
        answer(index, 0, 1000);
        assertThat(cached(index, 0, prompt(1, 2))).isZero();
        assertThat(match.stamp(0)).isEqualTo(-1);
        assertThat(match.owners(0)).isZero();
        assertThat(match.formerTokens(0)).isEqualTo(2 * BLOCK_TOKENS);
        assertThat(match.formerTokens(1)).isZero();
        for (int i = 0; i < 40; i++) {
            send(index, 0, prompt(100 + i));
        }
        cached(index, 0, prompt(1, 2));
        assertThat(match.formerTokens(0)).isZero();
        IndexChecks.check(index);
    }

    /** An answer with fewer cached tokens than believed is one look at the truth; a few of them must be enough. */
    @Test
    void aRestartNobodyNoticedIsLearnedFromAFewAnswers() {
        for (int seed = 0; seed < 10; seed++) {
            var random = new Random(seed);
            var index = new PrefixIndex(1, AMPLE, 4 << 20);
            for (int session = 0; session < 500; session++) {
                send(index, 0, prompt(session, 1, 2, 3));
            }
            var afterRestart = new HashSet<Integer>();
            int wrong = 0;
            for (int i = 0; i < 1000; i++) {
                int session = random.nextInt(500);
                index.find("m", prompt(session, 1, 2, 3), i, match);
                long stamp = match.stamp(0);
                boolean believed = match.cachedTokens(0) > 0;
                boolean held = !afterRestart.add(session);
                assertThat(believed || !held).as("seed %d, step %d", seed, i).isTrue();
                int pin = index.record(match, 0);
                if (believed && !held) {
                    wrong++;
                    index.evicted(0, stamp);
                }
                index.released(prompt(session, 1, 2, 3), 0, pin, 0);
            }
            assertThat(wrong).as("wrong beliefs of 500, seed %d", seed).isLessThan(20);
        }
    }

    @Test
    void aConversationThatGoesOnStaysOneRunUpToALimit() {
        var index = new PrefixIndex(1, AMPLE, 1 << 20);
        for (int blocks = 1; blocks <= 256; blocks++) {
            send(index, 0, prompt(new int[blocks]));
        }
        assertThat(index.stats().nodes()).isEqualTo(1);
        send(index, 0, prompt(new int[1024]));
        assertThat(index.stats().nodes()).isEqualTo(4);
        assertThat(cached(index, 0, prompt(new int[1024]))).isEqualTo(1024 * BLOCK_TOKENS);
        assertThat(match.heldSegments(0)).isEqualTo(4);
        IndexChecks.check(index);
    }

    /** Wherever records of blocks begin and end, and whoever goes on, parts or asks for less. */
    @Test
    void aRunIsSplitAtAnyBlock() {
        for (int above = 0; above <= 8; above++) {
            for (int at = above + 1; at < above + 24; at++) {
                var index = new PrefixIndex(3, AMPLE, 1 << 20);
                int length = above + 24;
                if (above > 0) {
                    send(index, 2, parted(length, above));
                }
                send(index, 0, prompt(new int[length]));
                assertThat(cached(index, 0, prompt(new int[at]))).isEqualTo(at * BLOCK_TOKENS);
                send(index, 1, parted(length + 9, at));
                IndexChecks.check(index);
                send(index, 0, prompt(new int[length + 9]));
                String where = "run from " + above + ", split at " + at;
                assertThat(cached(index, 0, prompt(new int[length + 9])))
                        .as(where)
                        .isEqualTo((length + 9) * BLOCK_TOKENS);
                assertThat(match.cachedTokens(1)).as(where).isEqualTo(at * BLOCK_TOKENS);
                assertThat(match.cachedTokens(2)).as(where).isEqualTo(above * BLOCK_TOKENS);
                assertThat(cached(index, 1, parted(length + 9, at))).as(where).isEqualTo((length + 9) * BLOCK_TOKENS);
                index.forget(0);
                assertThat(cached(index, 1, parted(length, at))).as(where).isEqualTo(length * BLOCK_TOKENS);
                index.forget(1);
                index.forget(2);
                IndexChecks.check(index);
                assertThat(index.stats().blocks()).as(where).isZero();
            }
        }
    }

    /** A prompt that parts from the one of zeros at a block. */
    private static PromptBlocks parted(int length, int at) {
        var path = new int[length];
        path[at] = 1;
        return prompt(path);
    }

    /** Without pressure, the index is exact: the longest prefix shared with any prompt sent to the endpoint. */
    @Test
    void agreesWithAPlainModelOnRandomTrees() {
        for (int seed = 0; seed < 30; seed++) {
            var random = new Random(seed);
            int endpoints = 1 + random.nextInt(6);
            var index = new PrefixIndex(endpoints, AMPLE, 4 << 20);
            var sent = new ArrayList<Set<Long>>();
            for (int e = 0; e < endpoints; e++) {
                sent.add(new HashSet<>());
            }
            for (int i = 0; i < 400; i++) {
                var prompt = randomPrompt(random, 4, 14);
                index.find("m", prompt, i, match);
                int deepest = 0;
                for (int e = 0; e < endpoints; e++) {
                    int held = 0;
                    while (held < prompt.count() && sent.get(e).contains(prompt.hash(held))) {
                        held++;
                    }
                    deepest = Math.max(deepest, held);
                    assertThat(match.cachedTokens(e))
                            .as("seed %d, prompt %d, endpoint %d", seed, i, e)
                            .isEqualTo(held * BLOCK_TOKENS);
                }
                if (deepest > 0) {
                    assertThat(match.endTokens(match.segments() - 1)).isEqualTo(deepest * BLOCK_TOKENS);
                }
                int target = random.nextInt(endpoints);
                index.record(match, target);
                for (int k = 0; k < prompt.count(); k++) {
                    sent.get(target).add(prompt.hash(k));
                }
            }
        }
    }

    /** Returns how much of a prompt requests in flight at the first endpoint use. */
    private static int pinned(PrefixIndex index, PromptBlocks prompt) {
        var match = new PrefixMatch();
        index.find("m", prompt, 0, match);
        return match.pinnedTokens(0);
    }
}
