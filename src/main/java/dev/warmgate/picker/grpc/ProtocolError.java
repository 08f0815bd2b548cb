package dev.warmgate.picker.grpc;

/** A mistake of the other side's that ends its connection (RFC 9113, section 5.4.1). */
final class ProtocolError extends Exception {
    static final int NO_ERROR = 0;
    static final int PROTOCOL = 1;
    static final int FLOW_CONTROL = 3;
    static final int STREAM_CLOSED = 5;
    static final int FRAME_SIZE = 6;
    static final int REFUSED_STREAM = 7;
    static final int COMPRESSION = 9;
    static final int ENHANCE_YOUR_CALM = 11;

    private static final long serialVersionUID = 1;

    private final int code;
    private final String why;

    ProtocolError(int code, String why) {
        super(why, null, false, false);
        this.code = code;
        this.why = why;
    }

    String why() {
        return why;
    }

    int code() {
        return code;
    }
}
