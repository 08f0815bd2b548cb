package dev.warmgate.twin.simulation;

import dev.warmgate.twin.engine.ReplicaEngine;
import java.util.List;
import java.util.PriorityQueue;
import java.util.function.BooleanSupplier;

/**
 * Virtual time: what was planned happens in order, and so do the engines' steps.
 *
 * <p>Of two things at one moment the planned one comes first, so that simultaneous requests share an engine step; of two
 * planned ones, the one planned first. Times are nanoseconds of model time. Confined to one thread.
 */
final class Timeline {
    private final List<ReplicaEngine> engines;
    private final PriorityQueue<Event> queue = new PriorityQueue<>();
    private long now;
    private long planned;

    Timeline(List<ReplicaEngine> engines) {
        this.engines = List.copyOf(engines);
    }

    /** Returns the time. */
    long now() {
        return now;
    }

    /** Lets {@code action} happen at that time, or now if that has passed. */
    void at(long nanos, Runnable action) {
        queue.add(new Event(Math.max(nanos, now), planned++, action));
    }

    /** Lets everything happen until {@code ended} or until nothing is left. */
    void run(BooleanSupplier ended) {
        while (!ended.getAsBoolean()) {
            var next = engines.getFirst();
            for (int i = 1; i < engines.size(); i++) {
                if (engines.get(i).nextEventAt() < next.nextEventAt()) {
                    next = engines.get(i);
                }
            }
            long engineAt = next.nextEventAt();
            var event = queue.peek();
            if (event != null && event.at <= engineAt) {
                queue.remove();
                now = event.at;
                event.action.run();
            } else if (engineAt != ReplicaEngine.NEVER) {
                now = engineAt;
                next.advance(engineAt);
            } else {
                return;
            }
        }
    }

    private record Event(long at, long number, Runnable action) implements Comparable<Event> {
        @Override
        public int compareTo(Event other) {
            int byTime = Long.compare(at, other.at);
            return byTime != 0 ? byTime : Long.compare(number, other.number);
        }
    }
}
