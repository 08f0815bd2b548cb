package dev.warmgate.telemetry;

import dev.warmgate.router.FailureKind;
import dev.warmgate.router.RequestObserver;
import dev.warmgate.router.RequestReport;
import dev.warmgate.router.Trace;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Combinations of request observers. */
public final class Observers {
    private Observers() {}

    /** Returns an observer that tells each of these in turn; the first that traces gives requests their places. */
    public static RequestObserver all(RequestObserver... observers) {
        var list = List.of(observers);
        return list.size() == 1 ? list.getFirst() : new All(list);
    }

    private record All(List<RequestObserver> observers) implements RequestObserver {
        @Override
        public boolean traces() {
            for (RequestObserver observer : observers) {
                if (observer.traces()) {
                    return true;
                }
            }
            return false;
        }

        @Override
        public @Nullable Trace begun(@Nullable String traceParent) {
            for (RequestObserver observer : observers) {
                var trace = observer.begun(traceParent);
                if (trace != null) {
                    return trace;
                }
            }
            return null;
        }

        @Override
        public void ended(RequestReport report) {
            for (RequestObserver observer : observers) {
                observer.ended(report);
            }
        }

        @Override
        public void retried(String pool, String endpoint, FailureKind kind) {
            for (RequestObserver observer : observers) {
                observer.retried(pool, endpoint, kind);
            }
        }
    }
}
