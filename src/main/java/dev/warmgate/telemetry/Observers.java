package dev.warmgate.telemetry;

import dev.warmgate.router.FailureKind;
import dev.warmgate.router.RequestObserver;
import dev.warmgate.router.RequestReport;
import java.util.List;

/** Combinations of request observers. */
public final class Observers {
    private Observers() {}

    /** Returns an observer that tells each of these in turn. */
    public static RequestObserver all(RequestObserver... observers) {
        var list = List.of(observers);
        return list.size() == 1 ? list.getFirst() : new All(list);
    }

    private record All(List<RequestObserver> observers) implements RequestObserver {
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
