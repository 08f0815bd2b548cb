package dev.warmgate.telemetry;

import dev.warmgate.router.RequestReport;
import dev.warmgate.router.Router;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The label of a request's model, from a bounded set, because clients choose the names.
 *
 * <p>A name gets a label of its own once it proved to be a model: an endpoint lists it, or answered for it. What names
 * no model is {@link #UNKNOWN}, and models beyond the bound are {@link #OTHER}. First come, first served, for the life
 * of the process.
 *
 * <p>Any thread; locks only to add a label.
 */
final class ModelLabels {
    static final String UNKNOWN = "unknown";
    static final String OTHER = "other";

    private final Router router;
    private final int limit;
    private final ConcurrentHashMap<String, String> labels = new ConcurrentHashMap<>();

    ModelLabels(Router router, int limit) {
        this.router = router;
        this.limit = limit;
    }

    String of(RequestReport report) {
        var model = report.model();
        if (model == null || report.pool() == null) {
            return UNKNOWN;
        }
        String label = labels.get(model);
        if (label != null) {
            return label;
        }
        if (!proven(report, model)) {
            return UNKNOWN;
        }
        return labels.size() < limit ? add(model) : OTHER;
    }

    private boolean proven(RequestReport report, String model) {
        return switch (report.outcome()) {
            case OK -> true;
            case CLIENT_ERROR, CLIENT_GONE, REFUSED, NO_ENDPOINT, ENDPOINT_ERROR, GATEWAY_ERROR ->
                router.models().contains(model);
        };
    }

    private synchronized String add(String model) {
        if (labels.size() >= limit && !labels.containsKey(model)) {
            return OTHER;
        }
        labels.put(model, model);
        return model;
    }
}
