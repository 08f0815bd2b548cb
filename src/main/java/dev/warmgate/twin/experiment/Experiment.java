package dev.warmgate.twin.experiment;

import dev.warmgate.twin.comparator.Contender;
import dev.warmgate.twin.report.Figures;
import dev.warmgate.twin.report.PolicyRun;
import dev.warmgate.twin.report.ProgressView.Bar;
import dev.warmgate.twin.report.Sweep;
import dev.warmgate.twin.simulation.Simulation;
import dev.warmgate.twin.workload.Plan;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiFunction;

/**
 * Runs policies on one workload in the simulator, side by side on several threads.
 *
 * <p>One thread calls {@link #compare} and {@link #sweep}; when it is interrupted the runs are given up.
 */
public final class Experiment {
    private static final int PERIOD_MILLIS = 100;

    private final ExperimentSettings settings;
    private final Progress progress;

    /** Creates an experiment that tells {@code progress} how far it is. */
    public Experiment(ExperimentSettings settings, Progress progress) {
        this.settings = settings;
        this.progress = progress;
    }

    /**
     * Returns a run of {@code plan} under each policy, in their order; outcomes are in the plan's order.
     *
     * @param explain indexes of the requests whose decisions are kept
     * @throws IllegalArgumentException if a request does not fit into an endpoint's KV cache
     * @throws InterruptedException if the thread is interrupted
     */
    public List<PolicyRun> compare(Plan plan, Set<Integer> explain) throws InterruptedException {
        return forEach((contender, board) -> run(plan, contender, explain, board, ""));
    }

    /**
     * Returns the loads that each policy was tried under, in the policies' order.
     *
     * @throws IllegalArgumentException if a request does not fit into an endpoint's KV cache
     * @throws InterruptedException if the thread is interrupted
     */
    public Sweep sweep() throws InterruptedException {
        return new Sweep(forEach((contender, board) -> {
            var rungs = new AtomicInteger();
            return KneeSearch.search(contender.name(), settings.timeScale(), scale -> {
                var plan = settings.offer().plan(scale);
                double load = Offer.load(plan);
                var run = run(
                        plan, contender, Set.of(), board, "load %d, %.3g/s".formatted(rungs.incrementAndGet(), load));
                return new Sweep.Point(scale, load, Figures.of(run, settings.target()));
            });
        }));
    }

    private PolicyRun run(Plan plan, Contender contender, Set<Integer> explain, Board board, String note) {
        board.begin(plan.requests().size(), note);
        return Simulation.run(
                plan, settings.fleet().with(settings.target()), contender, settings.warmup(), explain, ended -> {
                    if (Thread.currentThread().isInterrupted()) {
                        throw new CancellationException();
                    }
                    board.done = ended;
                });
    }

    private <T> List<T> forEach(BiFunction<Contender, Board, T> task) throws InterruptedException {
        var boards = settings.contenders().stream()
                .map(contender -> new Board(contender.name()))
                .toList();
        try (var threads = new Threads(Math.min(settings.threads(), boards.size()))) {
            var futures = new ArrayList<Future<T>>();
            for (int i = 0; i < boards.size(); i++) {
                var contender = settings.contenders().get(i);
                var board = boards.get(i);
                futures.add(threads.submit(() -> task.apply(contender, board)));
            }
            var results = new ArrayList<T>();
            for (var future : futures) {
                results.add(await(future, boards));
            }
            return results;
        }
    }

    private <T> T await(Future<T> future, List<Board> boards) throws InterruptedException {
        while (true) {
            try {
                return future.get(PERIOD_MILLIS, TimeUnit.MILLISECONDS);
            } catch (TimeoutException _) {
                progress.show(boards.stream().map(Board::bar).toList());
            } catch (ExecutionException e) {
                if (e.getCause() instanceof RuntimeException cause) {
                    throw cause;
                }
                throw new IllegalStateException(e.getCause());
            }
        }
    }

    /** What one policy has reached: written by the thread that runs it, read by the one that shows. */
    private static final class Board {
        private final String policy;
        private volatile int done;
        private volatile int total = 1;
        private volatile String note = "";

        Board(String policy) {
            this.policy = policy;
        }

        void begin(int requests, String newNote) {
            done = 0;
            total = requests;
            note = newNote;
        }

        Bar bar() {
            return new Bar(policy, done, total, note);
        }
    }

    /** The threads that simulate; closing interrupts what still runs. */
    private static final class Threads implements AutoCloseable {
        private final ExecutorService executor;

        Threads(int count) {
            executor = Executors.newFixedThreadPool(
                    count, Thread.ofPlatform().name("simulation-", 0).daemon().factory());
        }

        <T> Future<T> submit(Callable<T> task) {
            return executor.submit(task);
        }

        @Override
        public void close() {
            executor.shutdownNow();
        }
    }
}
