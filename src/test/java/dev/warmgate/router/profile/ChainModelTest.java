package dev.warmgate.router.profile;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.warmgate.router.EngineLoad;
import dev.warmgate.router.RefusalReason;
import dev.warmgate.router.Reservation;
import dev.warmgate.router.RouteResult;
import dev.warmgate.router.Usage;
import dev.warmgate.router.prefix.PromptBlocks;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.assertj.core.data.Offset;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Chains drawn at random decide as {@link PlainChain} says, over random fleets, while requests come and go. */
class ChainModelTest {
    private static final int REQUESTS = 300;

    private static ChainSpec chain(Random random) {
        List<Filter> filters = new ArrayList<>(List.of(
                new Filter.Label("tier", Set.of("gold", "tin"), random.nextBoolean()),
                new ConcurrencyDetector(1 + random.nextInt(4), 0, ConcurrencyDetector.Mode.REQUESTS, 1_000_000),
                new Filter.Utilization(
                        List.of(
                                new Filter.Condition(Filter.LoadMetric.WAITING_QUEUE, random.nextInt(6)),
                                new Filter.Condition(Filter.LoadMetric.KV_CACHE_UTILIZATION, random.nextDouble())),
                        random.nextBoolean()),
                new Filter.PrefixAffinity(random.nextInt(3) * 0.4, 0, random.nextInt(2) * 300, 4000)));
        List<Scorer> scorers = new ArrayList<>(List.of(
                new Scorer.Queue(),
                new Scorer.RunningRequests(),
                new Scorer.KvCacheUtilization(),
                new Scorer.LoadAware(1 + random.nextInt(10)),
                new Scorer.PrefixCache(random.nextDouble(), 1 + random.nextInt(2000)),
                new Scorer.ActiveRequests(random.nextInt(3), random.nextDouble()),
                new Scorer.TokenLoad(1 + random.nextInt(5000))));
        Collections.shuffle(filters, random);
        Collections.shuffle(scorers, random);
        var weighted = new ArrayList<Scorer.Weighted>();
        for (var scorer : scorers.subList(0, 1 + random.nextInt(scorers.size()))) {
            weighted.add(new Scorer.Weighted("s" + weighted.size(), scorer, random.nextInt(9) * 0.5));
        }
        var some = filters.subList(0, random.nextInt(filters.size() + 1)).toArray(Filter[]::new);
        return Bench.chain(Filter.numbered(some), weighted.toArray(Scorer.Weighted[]::new));
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16})
    void decidesAsThePlainFormulasSay(long seed) {
        var random = new Random(seed);
        int count = 2 + random.nextInt(12);
        var labels = new ArrayList<Map<String, String>>();
        for (int i = 0; i < count; i++) {
            var tier = List.of("gold", "tin", "lead", "").get(random.nextInt(4));
            labels.add(tier.isEmpty() ? Map.of() : Map.of("tier", tier));
        }
        var bench = new Bench(chain(random), labels);
        var open = new ArrayDeque<Reservation>();
        for (int n = 0; n < REQUESTS; n++) {
            bench.now += random.nextInt(50_000_000);
            change(bench, open, random);
            var prompt = prompt(random);
            var result = bench.route(Bench.request(prompt).explained());
            var left = check(bench, prompt, result);
            if (result instanceof RouteResult.Routed(var reservation)) {
                open.add(reservation);
                assertThat(left).contains(reservation.endpoint().name());
            }
        }
        open.forEach(reservation -> reservation.settle(Usage.UNKNOWN));
        assertThat(bench.pool.openReservations()).isZero();
    }

    /** Messages of conversations that go on: prompts share their beginnings and end within blocks. */
    private static PromptBlocks prompt(Random random) {
        int count = random.nextInt(6);
        long conversation = 1L + random.nextInt(6);
        var hashes = new long[count];
        var ends = new int[count];
        for (int k = 0; k < count; k++) {
            hashes[k] = conversation * 1_000_003 + k;
            ends[k] = (k == 0 ? 0 : ends[k - 1]) + 50 + (int) conversation * 40;
        }
        return new PromptBlocks(hashes, ends);
    }

    private static void change(Bench bench, ArrayDeque<Reservation> open, Random random) {
        while (!open.isEmpty() && random.nextInt(3) > 0) {
            var first = open.remove();
            first.firstToken();
            if (random.nextBoolean()) {
                first.settle(Usage.UNKNOWN);
            } else {
                open.add(first);
                break;
            }
        }
        int i = random.nextInt(bench.pool.endpoints().size());
        double kv = random.nextInt(8) == 0 ? Double.NaN : random.nextDouble();
        bench.load(i, random.nextInt(9), random.nextInt(9), kv);
    }

    /** Compares what was decided with what the formulas say, and returns who is left. */
    private static Set<String> check(Bench bench, PromptBlocks prompt, RouteResult result) {
        var profile = bench.chain.spec().profiles().getFirst();
        if (result instanceof RouteResult.Refused refused) {
            assertThat(refused.reason()).isEqualTo(RefusalReason.FILTERED);
            // Nothing was booked; matches are not known, but labels and loads are enough where nobody is left.
            var left = facts(bench, null);
            for (var filter : profile.filters()) {
                if (!(filter.filter() instanceof Filter.PrefixAffinity)) {
                    left = PlainChain.filter(filter.filter(), left, prompt.tokens());
                }
            }
            boolean all =
                    profile.filters().stream().noneMatch(filter -> filter.filter() instanceof Filter.PrefixAffinity);
            assertThat(left.size()).isLessThan(all ? 1 : bench.pool.endpoints().size());
            return Set.of();
        }
        var reservation = ((RouteResult.Routed) result).reservation();
        var left = facts(bench, reservation);
        for (var filter : profile.filters()) {
            left = PlainChain.filter(filter.filter(), left, prompt.tokens());
        }
        var expected = PlainChain.totals(profile.scorers(), left, prompt.tokens());
        var explanation = requireNonNull(reservation.decision().explanation());
        double best =
                expected.values().stream().mapToDouble(total -> total).max().orElseThrow();
        for (var candidate : explanation.candidates()) {
            assertThat(candidate.rated())
                    .as(candidate.endpoint())
                    .isEqualTo(expected.containsKey(candidate.endpoint()));
            if (candidate.rated()) {
                assertThat(requireNonNull(candidate.score()).total())
                        .as(candidate.endpoint() + " of " + bench.chain.spec())
                        .isCloseTo(expected.get(candidate.endpoint()), Offset.offset(1e-9));
            }
        }
        assertThat(expected.get(reservation.endpoint().name())).isCloseTo(best, Offset.offset(1e-9));
        checkAlternatives(reservation, expected);
        return expected.keySet();
    }

    private static void checkAlternatives(Reservation reservation, Map<String, Double> expected) {
        var others = new ArrayList<Double>();
        for (var other : requireNonNull(reservation.alternatives())) {
            assertThat(other).isNotSameAs(reservation.endpoint());
            others.add(expected.get(other.name()));
        }
        var best = expected.entrySet().stream()
                .filter(entry -> !entry.getKey().equals(reservation.endpoint().name()))
                .map(Map.Entry::getValue)
                .sorted(Comparator.reverseOrder())
                .limit(Reservation.MOST_ALTERNATIVES)
                .toList();
        assertThat(others).hasSameSizeAs(best);
        for (int i = 0; i < best.size(); i++) {
            assertThat(others.get(i)).isCloseTo(best.get(i), Offset.offset(1e-9));
        }
    }

    /** What endpoints were like before a request was booked. */
    private static List<PlainChain.Facts> facts(Bench bench, @Nullable Reservation booked) {
        var all = new ArrayList<PlainChain.Facts>();
        for (var endpoint : bench.pool.endpoints()) {
            EngineLoad load = endpoint.engineLoad();
            int inFlight = endpoint.inFlight();
            long tokens = endpoint.pendingPrefillTokens();
            int cached = 0;
            if (booked != null) {
                for (var candidate :
                        requireNonNull(booked.decision().explanation()).candidates()) {
                    if (candidate.endpoint().equals(endpoint.name())) {
                        cached = Math.max(0, candidate.facts().cachedTokens());
                        inFlight = candidate.facts().inFlight();
                        tokens = candidate.facts().pendingPrefillTokens();
                    }
                }
            }
            all.add(new PlainChain.Facts(endpoint.name(), endpoint.spec().labels(), load, inFlight, tokens, cached));
        }
        return all;
    }
}
