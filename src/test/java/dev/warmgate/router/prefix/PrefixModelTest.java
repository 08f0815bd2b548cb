package dev.warmgate.router.prefix;

import static dev.warmgate.router.prefix.PrefixIndexTest.BLOCK_TOKENS;
import static dev.warmgate.router.prefix.PrefixIndexTest.randomPrompt;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The index against a model that keeps a stamp per endpoint and block in plain maps. */
class PrefixModelTest {
    private final PrefixMatch match = new PrefixMatch();

    @Test
    void agreesWithAPlainModelOnAgesEvictionsReleasesAndHistory() {
        for (int seed = 0; seed < 40; seed++) {
            var random = new Random(seed);
            int endpoints = 1 + random.nextInt(5);
            var index = new PrefixIndex(endpoints, 1, 4 << 20);
            var models = new ArrayList<Model>();
            for (int e = 0; e < endpoints; e++) {
                var model = new Model(20 * BLOCK_TOKENS + random.nextInt(40 * BLOCK_TOKENS) + 0.0);
                index.capacity(e, (long) model.capacity);
                models.add(model);
            }
            for (int i = 0; i < 1500; i++) {
                var prompt = randomPrompt(random, 3, 10);
                index.find("m", prompt, i, match);
                compare(models, prompt, "seed " + seed + ", step " + i);
                int slot = random.nextInt(endpoints);
                var model = models.get(slot);
                long stamp = match.stamp(slot);
                index.record(match, slot);
                model.record(prompt);
                switch (random.nextInt(8)) {
                    case 0 -> {
                        index.evicted(slot, stamp);
                        model.gone = Math.max(model.gone, stamp);
                    }
                    case 1, 2 -> {
                        int tokens = random.nextInt(500);
                        index.generated(slot, tokens);
                        model.clock += tokens;
                    }
                    case 3, 4 -> {
                        var ended = model.end(random);
                        if (ended != null) {
                            index.released("m", ended, slot);
                            model.release(ended);
                        }
                    }
                    case 5 -> {
                        if (random.nextInt(50) == 0) {
                            index.forget(slot);
                            model.forget();
                        }
                    }
                    default -> {}
                }
                if (i % 100 == 0) {
                    index.check();
                }
            }
            index.check();
        }
    }

    private void compare(List<Model> models, PromptBlocks prompt, String when) {
        for (int e = 0; e < models.size(); e++) {
            var model = models.get(e);
            int held = model.held(prompt);
            assertThat(match.cachedTokens(e)).as("%s, endpoint %d", when, e).isEqualTo(held * BLOCK_TOKENS);
            assertThat(match.formerTokens(e))
                    .as("%s, endpoint %d, history", when, e)
                    .isEqualTo(model.formerlyHeld(prompt) * BLOCK_TOKENS);
            assertThat(match.stamp(e)).as(when).isEqualTo(held == 0 ? -1 : model.stamp(prompt.hash(held - 1)));
            double share = held == 0 ? 1 : model.share(prompt.hash(held - 1));
            assertThat(match.ageShare(e)).as(when).isEqualTo(share);
        }
        for (int s = 0; s < match.segments(); s++) {
            Set<Integer> owners = new HashSet<>();
            for (int j = 0; j < match.owners(s); j++) {
                assertThat(owners.add(match.owner(s, j))).as(when).isTrue();
            }
            for (int e = 0; e < models.size(); e++) {
                assertThat(owners.contains(e)).as(when).isEqualTo(match.cachedTokens(e) >= match.endTokens(s));
                assertThat(match.heldSegments(e) > s).as(when).isEqualTo(owners.contains(e));
            }
        }
    }

    /** What one endpoint is believed to hold. */
    private static final class Model {
        private final double capacity;
        private final Map<Long, Long> stamps = new HashMap<>();
        private final List<PromptBlocks> running = new ArrayList<>();
        private double clock;
        private long gone;

        private Model(double capacity) {
            this.capacity = capacity;
        }

        /** Returns the clock when a block was last used; 0 if it never was. */
        private long stamp(long hash) {
            return stamps.getOrDefault(hash, 0L);
        }

        private double share(long hash) {
            return (clock - stamp(hash)) / capacity;
        }

        private double step(long hash) {
            return Math.rint(Math.min(1, share(hash)) * 1024) / 1024;
        }

        private int held(PromptBlocks prompt) {
            int k = 0;
            while (k < prompt.count() && stamp(prompt.hash(k)) > gone && share(prompt.hash(k)) < 1) {
                k++;
            }
            return k;
        }

        private int formerlyHeld(PromptBlocks prompt) {
            int k = 0;
            while (k < prompt.count() && stamp(prompt.hash(k)) > 0 && share(prompt.hash(k)) < 2) {
                k++;
            }
            return k;
        }

        private void record(PromptBlocks prompt) {
            clock += 1;
            renew(prompt, prompt.count());
            // The index renews whole runs; a run that went on since is newer anyway, so such prompts are not released
            // here.
            running.removeIf(other -> other.count() < prompt.count() && startsWith(prompt, other));
            running.add(prompt);
        }

        private void release(PromptBlocks prompt) {
            int k = 0;
            while (k < prompt.count() && stamp(prompt.hash(k)) > gone) {
                k++;
            }
            renew(prompt, k);
        }

        private void renew(PromptBlocks prompt, int blocks) {
            double moved = 0;
            for (int k = 0; k < blocks; k++) {
                moved += BLOCK_TOKENS * (stamp(prompt.hash(k)) <= gone ? 1 : step(prompt.hash(k)));
            }
            clock += moved;
            for (int k = 0; k < blocks; k++) {
                stamps.put(prompt.hash(k), (long) clock);
            }
        }

        private void forget() {
            gone = (long) clock;
            clock += 2 * capacity + 1;
        }

        /** Ends a running request whose prompt the index still remembers; null if there is none. */
        private @Nullable PromptBlocks end(Random random) {
            running.removeIf(prompt -> share(prompt.hash(0)) >= 1 || share(prompt.hash(prompt.count() - 1)) >= 1);
            return running.isEmpty() ? null : running.remove(random.nextInt(running.size()));
        }

        private static boolean startsWith(PromptBlocks prompt, PromptBlocks other) {
            return prompt.hash(other.count() - 1) == other.hash(other.count() - 1);
        }
    }
}
