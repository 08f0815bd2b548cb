package dev.warmgate.telemetry;

import dev.warmgate.router.admission.Standing;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The label of a priority, from a bounded set, because callers may lower theirs to any number: the ones that are
 * configured and 0 have their own, others are {@link #SHEDDABLE} or {@link #OTHER}. Any thread.
 */
final class PriorityLabels {
    static final String OTHER = "other";
    static final String SHEDDABLE = "sheddable";

    /** The label of requests that were refused before they had a priority. */
    static final String NONE = "none";

    private final int limit;

    /** Immutable; replaced as a whole. */
    private volatile Map<Integer, String> labels = Map.of();

    /** Creates labels for so many of the priorities at most, the highest ones. */
    PriorityLabels(Collection<Integer> priorities, int limit) {
        this.limit = limit;
        name(priorities);
    }

    /** Takes other priorities. Counters keep what was counted under the labels before. */
    void name(Collection<Integer> priorities) {
        var labels = new HashMap<Integer, String>();
        labels.put(0, "0");
        for (int priority : new TreeSet<>(priorities).descendingSet()) {
            if (labels.size() < limit) {
                labels.put(priority, Integer.toString(priority));
            }
        }
        this.labels = Map.copyOf(labels);
    }

    String of(int priority) {
        String label = labels.get(priority);
        return label != null ? label : priority < 0 ? SHEDDABLE : OTHER;
    }

    String of(@Nullable Standing standing) {
        return standing == null ? NONE : of(standing.priority());
    }

    /** Returns the labels that always have a series. */
    Collection<String> named() {
        return labels.values();
    }
}
