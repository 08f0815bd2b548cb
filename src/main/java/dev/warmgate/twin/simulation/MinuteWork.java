package dev.warmgate.twin.simulation;

import dev.warmgate.twin.engine.EngineRequest;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What the requests of each tenant took of the endpoints in each minute of a run, whether they ended in it or not.
 *
 * <p>Engines book a step when it begins, so a minute may have a part of a step of the next one. Confined to the simulation's
 * thread.
 */
final class MinuteWork {
    private static final long MINUTE_NANOS = 60_000_000_000L;

    /** Whose a request is, and what was counted of it. */
    private static final class Counted {
        final String tenant;
        double seconds;

        Counted(String tenant) {
            this.tenant = tenant;
        }
    }

    private final Timeline timeline;

    /** In the order in which they were sent: sums of equal runs are equal to the last bit. */
    private final Map<EngineRequest, Counted> running = new LinkedHashMap<>();

    private final Map<String, List<Double>> minutes = new TreeMap<>();

    MinuteWork(Timeline timeline) {
        this.timeline = timeline;
        timeline.at(timeline.now() + MINUTE_NANOS, this::look);
    }

    void begins(EngineRequest request, String tenant) {
        running.put(request, new Counted(tenant));
    }

    void ends(EngineRequest request) {
        var counted = running.remove(request);
        if (counted != null) {
            count(request, counted, minute(timeline.now()));
        }
    }

    /** Returns the seconds of each tenant by minute, from the run's beginning. */
    Map<String, List<Double>> seconds() {
        return minutes;
    }

    private void look() {
        int minute = minute(timeline.now() - 1);
        running.forEach((request, counted) -> count(request, counted, minute));
        timeline.at(timeline.now() + MINUTE_NANOS, this::look);
    }

    private void count(EngineRequest request, Counted counted, int minute) {
        var seconds = minutes.computeIfAbsent(counted.tenant, _ -> new ArrayList<>());
        while (seconds.size() <= minute) {
            seconds.add(0.0);
        }
        seconds.set(minute, seconds.get(minute) + request.workSeconds() - counted.seconds);
        counted.seconds = request.workSeconds();
    }

    private static int minute(long nanos) {
        return (int) (nanos / MINUTE_NANOS);
    }
}
