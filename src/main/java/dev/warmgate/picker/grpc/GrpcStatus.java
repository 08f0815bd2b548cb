package dev.warmgate.picker.grpc;

/**
 * How a call ends.
 *
 * @param message what went wrong; empty if nothing did
 */
public record GrpcStatus(Code code, String message) {
    /** The end of a call that did what it should. */
    public static final GrpcStatus OK = new GrpcStatus(Code.OK, "");

    /** The codes that are used here, with their numbers on the wire (gRPC's {@code statuscodes.md}). */
    public enum Code {
        /** All is well. */
        OK(0),
        /** The caller's message means nothing. */
        INVALID_ARGUMENT(3),
        /** What is asked for is not there. */
        NOT_FOUND(5),
        /** More than a limit allows. */
        RESOURCE_EXHAUSTED(8),
        /** Ended in the middle, by a decision. */
        ABORTED(10),
        /** No such method, or a form of it that is not spoken here. */
        UNIMPLEMENTED(12),
        /** Our own fault, or bytes that cannot be read. */
        INTERNAL(13);

        private final int number;

        Code(int number) {
            this.number = number;
        }

        /** Returns the number on the wire. */
        public int number() {
            return number;
        }
    }
}
