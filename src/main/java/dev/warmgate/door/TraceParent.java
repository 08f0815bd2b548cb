package dev.warmgate.door;

import dev.warmgate.router.Trace;

/** The text of the field {@code traceparent} (W3C Trace Context, Recommendation of 23 November 2021, section 3.2). */
public final class TraceParent {
    // 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01
    private static final int VERSION_END = 2;
    private static final int TRACE_END = 35;
    private static final int SPAN_END = 52;
    private static final int LENGTH = 55;

    private TraceParent() {}

    /** Returns the text that names a request as the parent of what is sent on because of it. */
    public static String of(Trace trace) {
        return "00-" + trace.traceId() + "-" + trace.spanId() + (trace.sampled() ? "-01" : "-00");
    }

    /** Returns whether a text is a trace parent of version 00, or of a later version that begins like it. */
    public static boolean valid(String parent) {
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
