package dev.warmgate.router.prefix;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The index against a model that keeps an exact LRU list of single blocks per endpoint in plain maps. */
class PrefixModelTest {
    private final PrefixMatch match = new PrefixMatch();

    @Test
    void agreesWithAnLruCacheOfBlocksThatAreInUseOrIdle() {
        for (int seed = 0; seed < 60; seed++) {
            run(seed, false);
        }
    }

    @Test
    void agreesWithItThroughRestartsContradictionsAndChangesOfCapacity() {
        for (int seed = 100; seed < 160; seed++) {
            run(seed, true);
        }
    }

    private void run(int seed, boolean disturbed) {
        var random = new Random(seed);
        int endpoints = 1 + random.nextInt(5);
        var index = new PrefixIndex(endpoints, 1, 4 << 20);
        var caches = new ArrayList<Cache>();
        for (int e = 0; e < endpoints; e++) {
            caches.add(new Cache());
            resize(index, e, caches.get(e), random);
        }
        var running = new ArrayList<Running>();
        int most = 1 + random.nextInt(12);
        for (int i = 0; i < 1500; i++) {
            var prompt = randomPrompt(random);
            index.find("m", prompt, i, match);
            String when = "seed " + seed + ", step " + i;
            compare(caches, prompt, when);
            int slot = random.nextInt(endpoints);
            var cache = caches.get(slot);
            long stamp = match.stamp(slot);
            running.add(new Running(prompt, slot, index.record(match, slot), cache.restarts));
            cache.place(prompt);
            if (disturbed && random.nextInt(20) == 0) {
                index.evicted(slot, stamp);
                cache.evicted(stamp);
            }
            if (disturbed && random.nextInt(100) == 0) {
                index.forget(slot);
                cache.restart();
            }
            if (disturbed && random.nextInt(100) == 0) {
                resize(index, slot, cache, random);
            }
            while (random.nextInt(most) < running.size()) {
                end(running.remove(random.nextInt(running.size())), index, caches, random);
            }
            for (int e = 0; e < endpoints; e++) {
                assertThat(index.pinnedTokens(e))
                        .as(when)
                        .isEqualTo(caches.get(e).pinnedTokens());
            }
            if (i % 50 == 0) {
                IndexChecks.check(index);
            }
        }
        while (!running.isEmpty()) {
            end(running.removeLast(), index, caches, random);
        }
        IndexChecks.check(index);
        IndexChecks.checkNothingPinned(index);
    }

    private static void resize(PrefixIndex index, int slot, Cache cache, Random random) {
        cache.capacity = 2_000 + random.nextInt(4_000);
        index.capacity(slot, cache.capacity);
        cache.evict();
    }

    private static void end(Running ended, PrefixIndex index, List<Cache> caches, Random random) {
        int output = random.nextInt(5) == 0 ? -1 : random.nextInt(300);
        index.released(ended.prompt, ended.slot, ended.pin, output);
        caches.get(ended.slot).settle(ended, Math.max(output, 0));
    }

    private void compare(List<Cache> caches, PromptBlocks prompt, String when) {
        for (int e = 0; e < caches.size(); e++) {
            var cache = caches.get(e);
            int held = cache.held(prompt);
            assertThat(wholeBlocks(prompt, match.cachedTokens(e)))
                    .as("%s, endpoint %d", when, e)
                    .isEqualTo(held);
            assertThat(match.formerTokens(e))
                    .as("%s, endpoint %d, history", when, e)
                    .isBetween(
                            prompt.tokens(cache.former(prompt, cache.ghosts)),
                            prompt.tokens(cache.former(prompt, cache.faintGhosts)));
            if (held > 0 && match.cachedTokens(e) == prompt.tokens(held)) {
                assertThat(match.stamp(e)).as(when).isEqualTo(cache.stamp(prompt.hash(held - 1)));
            } else if (match.cachedTokens(e) == 0) {
                assertThat(match.stamp(e)).as(when).isEqualTo(-1);
            }
        }
        for (int s = 0; s < match.segments(); s++) {
            Set<Integer> owners = new HashSet<>();
            for (int j = 0; j < match.owners(s); j++) {
                assertThat(owners.add(match.owner(s, j))).as(when).isTrue();
            }
            for (int e = 0; e < caches.size(); e++) {
                boolean owned = owners.contains(e);
                if (owned != (match.cachedTokens(e) >= match.endTokens(s)) || owned != (match.heldSegments(e) > s)) {
                    fail("%s, endpoint %d, segment %d: owned %s", when, e, s, owned);
                }
            }
        }
    }

    private static int wholeBlocks(PromptBlocks prompt, int tokens) {
        int k = 0;
        while (k < prompt.count() && prompt.tokens(k + 1) <= tokens) {
            k++;
        }
        return k;
    }

    /** A prompt of few blocks, 20 to 90 tokens each, as their names say. */
    private static PromptBlocks randomPrompt(Random random) {
        var prompt = PrefixIndexTest.randomPrompt(random, 3, 10);
        var hashes = new long[prompt.count()];
        var ends = new int[prompt.count()];
        int end = 0;
        for (int k = 0; k < hashes.length; k++) {
            hashes[k] = prompt.hash(k);
            end += Cache.tokens(hashes[k]);
            ends[k] = end;
        }
        return new PromptBlocks(hashes, ends);
    }

    /** A request in flight, and how often its endpoint had restarted when it was placed. */
    private record Running(PromptBlocks prompt, int slot, int pin, int restarts) {}

    /** A block in use: by how many, and since when. */
    private static final class Use {
        private int count;
        private long stamp;
        private int restarts;
    }

    /** Evicted blocks, the last one last, and how many tokens they have together. */
    private static final class Ghosts {
        private final LinkedHashSet<Long> names = new LinkedHashSet<>();
        private long tokens;

        private void add(long name) {
            if (names.add(name)) {
                tokens += Cache.tokens(name);
            }
        }

        private void remove(long name) {
            if (names.remove(name)) {
                tokens -= Cache.tokens(name);
            }
        }

        private void trim(int capacity) {
            while (tokens > capacity) {
                tokens -= Cache.tokens(names.removeFirst());
            }
        }

        private void clear() {
            names.clear();
            tokens = 0;
        }
    }

    /** What one engine holds: blocks in use, idle ones oldest first, answers among them, and what was evicted. */
    private static final class Cache {
        /** Names for answers, which no block has. */
        private static final long ANSWERS = Long.MIN_VALUE;

        private static final int LONGEST_RUN = 10 * 90;

        private final Map<Long, Use> used = new HashMap<>();
        private final LinkedHashMap<Long, Long> idleStamps = new LinkedHashMap<>();
        private final Map<Long, Integer> answers = new HashMap<>();
        /** What must be remembered, and what may be, give or take a run. */
        private final Ghosts ghosts = new Ghosts();

        private final Ghosts faintGhosts = new Ghosts();

        private int capacity;
        private int answered;
        private long clock;
        private int restarts;

        private static int tokens(long hash) {
            return 20 + (int) Math.floorMod(hash, 71L);
        }

        private int idleTokens(long name) {
            return answers.containsKey(name) ? answers.get(name) : tokens(name);
        }

        private long pinnedTokens() {
            return used.keySet().stream().mapToLong(Cache::tokens).sum();
        }

        private boolean holds(long hash) {
            var use = used.get(hash);
            return use != null ? use.restarts == restarts : idleStamps.containsKey(hash);
        }

        private int held(PromptBlocks prompt) {
            int k = 0;
            while (k < prompt.count() && holds(prompt.hash(k))) {
                k++;
            }
            return k;
        }

        /** Returns blocks that must be remembered, or may be. */
        private int former(PromptBlocks prompt, Ghosts remembered) {
            int k = 0;
            while (k < prompt.count() && (holds(prompt.hash(k)) || remembered.names.contains(prompt.hash(k)))) {
                k++;
            }
            return k;
        }

        private long stamp(long hash) {
            var use = used.get(hash);
            return use != null ? use.stamp : idleStamps.getOrDefault(hash, -1L);
        }

        private void place(PromptBlocks prompt) {
            clock++;
            for (int k = 0; k < prompt.count(); k++) {
                idleStamps.remove(prompt.hash(k));
                ghosts.remove(prompt.hash(k));
                faintGhosts.remove(prompt.hash(k));
                var use = used.computeIfAbsent(prompt.hash(k), _ -> new Use());
                use.count++;
                use.stamp = clock;
                use.restarts = restarts;
            }
            evict();
        }

        private void settle(Running ended, int output) {
            clock++;
            long answer = ANSWERS + answered++;
            answers.put(answer, output);
            idleStamps.put(answer, clock);
            var prompt = ended.prompt;
            for (int k = prompt.count() - 1; k >= 0; k--) {
                var use = Objects.requireNonNull(used.get(prompt.hash(k)));
                if (--use.count == 0) {
                    used.remove(prompt.hash(k));
                    if (use.restarts == restarts) {
                        idleStamps.put(prompt.hash(k), clock);
                    }
                }
            }
            evict();
        }

        private void evict() {
            ghosts.trim(capacity - LONGEST_RUN);
            faintGhosts.trim(capacity + LONGEST_RUN);
            long excess = pinnedTokens() - capacity;
            for (long name : idleStamps.keySet()) {
                excess += idleTokens(name);
            }
            while (excess > 0 && !idleStamps.isEmpty()) {
                long name = idleStamps.keySet().iterator().next();
                if (answers.containsKey(name) && answers.get(name) > excess) {
                    // Without names, one token is as good as the other.
                    answers.put(name, (int) (answers.get(name) - excess));
                    return;
                }
                excess -= idleTokens(name);
                evict(name);
            }
        }

        private void evict(long name) {
            idleStamps.remove(name);
            if (answers.remove(name) == null) {
                ghosts.add(name);
                faintGhosts.add(name);
                ghosts.trim(capacity - LONGEST_RUN);
                faintGhosts.trim(capacity + LONGEST_RUN);
            }
        }

        private void evicted(long stamp) {
            for (long name : new ArrayList<>(idleStamps.keySet())) {
                if (idleStamps.getOrDefault(name, Long.MAX_VALUE) <= stamp) {
                    evict(name);
                }
            }
        }

        private void restart() {
            restarts++;
            idleStamps.clear();
            answers.clear();
            ghosts.clear();
            faintGhosts.clear();
        }
    }
}
