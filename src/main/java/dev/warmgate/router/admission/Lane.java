package dev.warmgate.router.admission;

import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Waiting requests of one band that are of a kind, by flows: the flow that received least goes first. Owned by the pool's
 * lock.
 */
final class Lane {
    /** What makes requests of a kind. */
    enum Kind {
        TURNS(false),
        NEW(false),
        LATE_TURNS(true),
        LATE_NEW(true);

        private final boolean late;

        Kind(boolean late) {
            this.late = late;
        }

        /** Whether their targets cannot be reached any more. */
        boolean late() {
            return late;
        }
    }

    private static final Heap.Place<Line> PLACE = new Heap.Place<>() {
        @Override
        public int get(Line line) {
            return line.inLane;
        }

        @Override
        public void set(Line line, int index) {
            line.inLane = index;
        }
    };

    /** Flows that are asked whether they may go, at a time. */
    private static final int FEW = 31;

    private final Kind kind;
    private final Heap<Line> lines = new Heap<>(Comparator.comparingDouble(line -> line.key), PLACE);
    private final Map<Flow, Line> byFlow = new HashMap<>();

    Lane(Kind kind) {
        this.kind = kind;
    }

    Kind kind() {
        return kind;
    }

    void add(QueuedRequest request) {
        var line = byFlow.get(request.flow());
        if (line == null) {
            line = new Line(request.flow(), this);
            byFlow.put(line.flow, line);
            line.key = line.flow.received;
            line.add(request);
            lines.add(line);
        } else {
            line.add(request);
        }
    }

    /** Removes a request that waits in a line here. */
    void remove(QueuedRequest request, Line line) {
        line.remove(request);
        if (line.isEmpty()) {
            lines.remove(line);
            byFlow.remove(line.flow);
        }
    }

    /**
     * Returns the line that goes first, or null if none may go.
     *
     * @param mayGo whether requests of a flow may go at all
     */
    @Nullable
    Line first(Predicate<Flow> mayGo) {
        while (!lines.isEmpty()) {
            var line = lines.first();
            if (line.key == line.flow.received) {
                // Seldom has the first flow to make way for the next ones.
                return mayGo.test(line.flow) ? line : lines.first(other -> mayGo.test(other.flow), FEW);
            }
            // What flows received changes while they are here.
            line.key = line.flow.received;
            lines.moved(line);
        }
        return null;
    }
}
