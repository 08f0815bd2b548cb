package dev.warmgate.proxy;

import io.netty.handler.codec.http.HttpHeaders;
import io.netty.util.AsciiString;

/** The trace that a request belongs to, in the fields of W3C Trace Context (Recommendation, 23 November 2021). */
final class TraceContext {
    static final AsciiString PARENT = AsciiString.cached("traceparent");
    static final AsciiString STATE = AsciiString.cached("tracestate");

    // 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01
    private static final int VERSION_END = 2;
    private static final int TRACE_END = 35;
    private static final int SPAN_END = 52;
    private static final int LENGTH = 55;

    private TraceContext() {}

    /** Keeps a valid trace as it is, and removes one that is not, whose state means nothing then (sections 3.2, 3.3.1.2). */
    static void check(HttpHeaders headers) {
        String parent = headers.get(PARENT);
        if (parent == null) {
            headers.remove(STATE);
        } else if (!valid(parent) || headers.getAll(PARENT).size() > 1) {
            headers.remove(PARENT);
            headers.remove(STATE);
        }
    }

    /** Returns whether a text is a trace parent of version 00, or of a later version that begins like it. */
    static boolean valid(String parent) {
        if (parent.length() < LENGTH
                || parent.charAt(VERSION_END) != '-'
                || parent.charAt(TRACE_END) != '-'
                || parent.charAt(SPAN_END) != '-'
                || parent.startsWith("ff")) {
            return false;
        }
        boolean first = parent.startsWith("00");
        return (first ? parent.length() == LENGTH : parent.length() == LENGTH || parent.charAt(LENGTH) == '-')
                && hex(parent, 0, VERSION_END) >= 0
                && hex(parent, VERSION_END + 1, TRACE_END) > 0
                && hex(parent, TRACE_END + 1, SPAN_END) > 0
                && hex(parent, SPAN_END + 1, LENGTH) >= 0;
    }

    /** Returns how many digits other than 0 there are, or -1 if not all are lower-case hexadecimal digits. */
    private static int hex(String text, int from, int to) {
        int others = 0;
        for (int i = from; i < to; i++) {
            char c = text.charAt(i);
            if ((c < '0' || c > '9') && (c < 'a' || c > 'f')) {
                return -1;
            }
            others += c == '0' ? 0 : 1;
        }
        return others;
    }
}
