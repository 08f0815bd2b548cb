package dev.warmgate.proxy;

import dev.warmgate.door.TraceParent;
import dev.warmgate.router.RequestObserver;
import dev.warmgate.router.Trace;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.util.AsciiString;
import org.jspecify.annotations.Nullable;

/** The trace that a request belongs to, in the fields of W3C Trace Context (Recommendation, 23 November 2021). */
final class TraceContext {
    static final AsciiString PARENT = AsciiString.cached("traceparent");
    static final AsciiString STATE = AsciiString.cached("tracestate");

    private TraceContext() {}

    /**
     * Gives a request its place in a trace, if requests are traced, and makes the engine's work a child of it. Two parents
     * are none; the state goes on with the trace that it belongs to only (section 3.3).
     */
    static @Nullable Trace begin(HttpHeaders headers, RequestObserver observer) {
        if (!observer.traces()) {
            return null;
        }
        var parents = headers.getAll(PARENT);
        boolean valid = parents.size() == 1 && TraceParent.valid(parents.getFirst());
        var trace = observer.begun(valid ? parents.getFirst() : null);
        if (trace != null) {
            headers.set(PARENT, TraceParent.of(trace));
            if (!valid) {
                headers.remove(STATE);
            }
        }
        return trace;
    }

    /** Keeps a valid trace as it is, and removes one that is not, whose state means nothing then (sections 3.2, 3.3.1.2). */
    static void check(HttpHeaders headers) {
        String parent = headers.get(PARENT);
        if (parent == null) {
            headers.remove(STATE);
        } else if (!TraceParent.valid(parent) || headers.getAll(PARENT).size() > 1) {
            headers.remove(PARENT);
            headers.remove(STATE);
        }
    }
}
