package dev.warmgate.benchmarks;

import dev.warmgate.router.admission.AdmissionQueue;
import dev.warmgate.router.admission.AdmissionSettings;
import dev.warmgate.router.admission.Charge;
import dev.warmgate.router.admission.Flow;
import dev.warmgate.router.admission.QueuedRequest;
import dev.warmgate.router.admission.Standing;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** The queue alone: 100,000 requests of 1,000 flows and three priorities, most of which wait for a certain endpoint. */
@State(Scope.Thread)
@BenchmarkMode({Mode.AverageTime, Mode.SampleTime})
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(value = 1, jvmArgsAppend = "-XX:+UseZGC")
@Warmup(iterations = 4, time = 1)
@Measurement(iterations = 5, time = 1)
public class QueueBenchmark {
    private static final AdmissionQueue.Gate OPEN = _ -> true;
    private static final AdmissionQueue.Room ROOM = _ -> true;

    @Param({"8", "100"})
    int endpoints;

    private final Random random = new Random(1);
    private final List<Standing> standings = new ArrayList<>();
    private final ArrayDeque<Waiting> leaving = new ArrayDeque<>();
    private final List<QueuedRequest> shed = new ArrayList<>();
    private AdmissionQueue queue;
    private long now;

    private static final class Waiting extends QueuedRequest {
        Waiting(Flow flow, boolean running, double seconds, long now, long targetAt) {
            super(
                    flow,
                    running,
                    seconds,
                    1_000,
                    new Times(now, now + 3_600_000_000_000L, targetAt, now + (long) (seconds * 5e9)));
        }
    }

    @Setup
    public void fill() {
        var settings = new AdmissionSettings(true, Duration.ofHours(1), 1_000_000, 1L << 40, List.of(), 1_000_000);
        queue = new AdmissionQueue(settings, endpoints);
        for (int i = 0; i < AdmissionBenchmark.FLOWS; i++) {
            standings.add(AdmissionBenchmark.standing(i));
        }
        while (queue.size() < AdmissionBenchmark.WAITING) {
            enqueue();
        }
    }

    private Waiting enqueue() {
        now += 10_000;
        var flow = queue.flow(standings.get(random.nextInt(standings.size())));
        if (queue.makeRoom(flow, 1_000, shed) != AdmissionQueue.Fit.FITS) {
            throw new IllegalStateException("full");
        }
        long target = random.nextInt(4) == 0 ? now + random.nextInt(1_000_000_000) : QueuedRequest.NO_TARGET;
        var request = new Waiting(flow, random.nextBoolean(), 0.1 + random.nextDouble(), now, target);
        queue.add(request, random.nextInt(20) == 0 ? AdmissionQueue.ANY : random.nextInt(endpoints));
        return request;
    }

    /** One comes, and one that came a thousand requests ago leaves from where it is. */
    @Benchmark
    public int enqueueAndLeave() {
        leaving.add(enqueue());
        if (leaving.size() > 1_000) {
            queue.take(leaving.remove());
        }
        return queue.size();
    }

    /** One comes, and one goes to some endpoint and ends. */
    @Benchmark
    public QueuedRequest enqueueAndDispatch() {
        enqueue();
        var next = Objects.requireNonNull(queue.next(random.nextInt(endpoints), OPEN, ROOM, now));
        var charge = new Charge(next.seconds(), next.seconds(), 0);
        queue.dispatched(next.flow(), charge, now);
        queue.take(next);
        queue.ended(next.flow(), charge, next.seconds() - 0.1, 200);
        return next;
    }
}
