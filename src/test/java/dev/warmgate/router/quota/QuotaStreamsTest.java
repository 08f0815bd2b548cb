package dev.warmgate.router.quota;

import static org.assertj.core.api.Assertions.assertThat;

import dev.warmgate.router.Usage;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/**
 * 200 streams at once on one budget, whose lengths nobody knows before: what they use together passes the budget by one
 * percent at most, and leaves not much of it.
 */
class QuotaStreamsTest {
    private static final int STREAMS = 200;
    private static final int BUDGET = 400_000;

    /** Tokens in one event of a stream, at most. */
    private static final int EVENT_TOKENS = 4;

    /** Events that an engine still sends when it is told to stop, at most. */
    private static final int LATE_EVENTS = 2;

    private final Clocks clocks = new Clocks();

    /** One answer as it is generated. */
    private static final class Stream {
        private final QuotaLease lease;
        private final Random random;
        private final int prompt;
        private final int wished;
        private int output;
        private boolean cut;

        Stream(QuotaLease lease, int prompt, int wished, Random random) {
            this.lease = lease;
            this.prompt = prompt;
            this.wished = wished;
            this.random = random;
        }

        /** Generates one event; returns false after the end. */
        boolean next() {
            int left = wished - output;
            output += Math.min(left, 1 + random.nextInt(EVENT_TOKENS));
            if (lease.progress(output) != null) {
                cut = true;
                for (int i = random.nextInt(LATE_EVENTS + 1); i > 0; i--) {
                    output = Math.min(wished, output + 1 + random.nextInt(EVENT_TOKENS));
                }
            } else if (output < wished) {
                return true;
            }
            assertThat(lease.settle(new Usage(prompt, 0, output))).isTrue();
            return false;
        }

        long tokens() {
            return (long) prompt + output;
        }
    }

    /** Answers of 500 to 6,000 tokens, which together would use about twice the budget. */
    private static List<Stream> streams(Quotas quotas, Random random, int count, boolean withMaximum) {
        var streams = new ArrayList<Stream>();
        for (int i = 0; i < count; i++) {
            int prompt = 200 + random.nextInt(1_000);
            int wished = 500 + random.nextInt(5_500);
            int maximum = withMaximum && random.nextBoolean() ? 30_000 : -1;
            var request = new QuotaRequest("acme", "qwen", prompt, 0, maximum, 300, true, 0, 0);
            if (quotas.reserve(request) instanceof QuotaResult.Granted(var lease)) {
                streams.add(new Stream(lease, prompt, wished, random));
            }
        }
        return streams;
    }

    private static QuotaState state(Quotas quotas) {
        return quotas.usage().getFirst().state();
    }

    private static void runInAnyOrder(List<Stream> streams, Random random, Runnable afterEach) {
        var running = new ArrayList<>(streams);
        while (!running.isEmpty()) {
            int i = random.nextInt(running.size());
            if (!running.get(i).next()) {
                running.set(i, running.getLast());
                running.removeLast();
            }
            afterEach.run();
        }
    }

    @Test
    void aBudgetOfADay() {
        for (long seed = 1; seed <= 20; seed++) {
            var random = new Random(seed);
            var quotas = clocks.quotas(QuotaKind.TOKENS_PER_DAY, BUDGET);
            var streams = streams(quotas, random, STREAMS, false);
            assertThat(streams).as("seed %s", seed).hasSize(STREAMS);
            assertThat(streams.stream().mapToLong(s -> s.prompt + s.wished).sum())
                    .as("seed %s: without a limit", seed)
                    .isGreaterThan(BUDGET * 3L / 2);
            runInAnyOrder(streams, random, () -> {});
            long tokens = streams.stream().mapToLong(Stream::tokens).sum();
            assertThat(tokens).as("seed %s", seed).isBetween(BUDGET * 99L / 100, BUDGET * 101L / 100);
            long cut = streams.stream().filter(s -> s.cut).count();
            assertThat(quotas.usage().getFirst().exhausted())
                    .as("seed %s", seed)
                    .isEqualTo(cut);
            var state = state(quotas);
            assertThat(state.used()).as("seed %s", seed).isEqualTo((double) tokens);
            assertThat(state.held()).as("seed %s", seed).isZero();
            assertThat(state.reservedTotal())
                    .as("seed %s", seed)
                    .isEqualTo(state.settledTotal() + state.refundedTotal());
        }
    }

    /** One event in 50 µs: 200 streams of 250 tokens a second, 50,000 tokens a second, against 6,667. */
    @Test
    void aBudgetThatRefills() {
        for (long seed = 1; seed <= 20; seed++) {
            var random = new Random(seed);
            var quotas = clocks.quotas(QuotaKind.TOKENS_PER_MINUTE, BUDGET);
            var streams = streams(quotas, random, STREAMS, false);
            assertThat(streams).as("seed %s", seed).hasSize(STREAMS);
            var events = new long[1];
            runInAnyOrder(streams, random, () -> {
                events[0]++;
                clocks.advance(Duration.ofNanos(50_000));
            });
            double minutes = events[0] * 50e-6 / 60;
            long tokens = streams.stream().mapToLong(Stream::tokens).sum();
            assertThat((double) tokens).as("seed %s", seed).isLessThanOrEqualTo(BUDGET * (1 + minutes) * 1.01);
            assertThat(streams.stream().filter(s -> s.cut).count())
                    .as("seed %s", seed)
                    .isPositive();
        }
    }

    @Test
    void fromManyThreads() throws Exception {
        int threads = 8;
        long seed = 77;
        var quotas = clocks.quotas(QuotaKind.TOKENS_PER_DAY, BUDGET);
        var start = new CyclicBarrier(threads);
        long tokens = 0;
        try (var executor = Executors.newFixedThreadPool(threads)) {
            var futures = new ArrayList<Future<Long>>();
            for (int t = 0; t < threads; t++) {
                var random = new Random(seed + t);
                Callable<Long> client = () -> {
                    start.await();
                    var streams = streams(quotas, random, STREAMS / threads, true);
                    runInAnyOrder(streams, random, () -> {});
                    return streams.stream().mapToLong(Stream::tokens).sum();
                };
                futures.add(executor.submit(client));
            }
            for (var future : futures) {
                tokens += future.get();
            }
        }
        assertThat(tokens).as("seed %s", seed).isLessThanOrEqualTo(BUDGET * 101L / 100);
        assertThat(state(quotas).used()).as("seed %s", seed).isEqualTo((double) tokens);
        assertThat(state(quotas).held()).as("seed %s", seed).isZero();
    }

    @Test
    void anAnswerThatIsReservedInWholeIsNeverCut() {
        var quotas = clocks.quotas(QuotaKind.TOKENS_PER_DAY, 10_000);
        var request = new QuotaRequest("acme", "qwen", 1_000, 4_000, true);
        var one = ((QuotaResult.Granted) quotas.reserve(request)).lease();
        var two = ((QuotaResult.Granted) quotas.reserve(request)).lease();
        assertThat(quotas.reserve(request)).isInstanceOf(QuotaResult.Exceeded.class);
        for (int i = 1; i <= 4_000; i++) {
            assertThat(one.progress(i)).isNull();
            assertThat(two.progress(i)).isNull();
        }
        assertThat(state(quotas).remaining()).isZero();
    }

    @Test
    void aCutAnswerSaysWhyAndStaysCut() {
        var quotas = clocks.quotas(QuotaKind.TOKENS_PER_MINUTE, 500);
        var request = new QuotaRequest("acme", "qwen", 100, -1, true);
        var lease = ((QuotaResult.Granted) quotas.reserve(request)).lease();
        QuotaRefusal refusal = null;
        int output = 0;
        while (refusal == null && output < 1_000) {
            refusal = lease.progress(++output);
        }
        assertThat(output).isEqualTo(400);
        assertThat(refusal).isNotNull();
        assertThat(refusal.limit().kind()).isEqualTo(QuotaKind.TOKENS_PER_MINUTE);
        assertThat(refusal.left()).isZero();
        clocks.advance(Duration.ofSeconds(60));
        assertThat(lease.progress(output)).isEqualTo(refusal);
        assertThat(lease.progress(output + 1)).isEqualTo(refusal);
    }
}
