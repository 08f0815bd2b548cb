package dev.warmgate.picker;

import dev.warmgate.picker.proto.BodySendMode;
import dev.warmgate.picker.proto.ProtocolConfiguration;

/**
 * How the gateway passes bodies on, which it says in its first message.
 *
 * @param request how it passes the body of the request on
 * @param response how it passes the body of the answer on
 * @param told false for a gateway that does not say: then its answers and requests come like {@code FULL_DUPLEX_STREAMED}
 *     ones, or no bodies come at all, and only time tells
 */
record BodyModes(BodySendMode request, BodySendMode response, boolean told) {
    static final BodyModes UNTOLD =
            new BodyModes(BodySendMode.FULL_DUPLEX_STREAMED, BodySendMode.FULL_DUPLEX_STREAMED, false);

    static BodyModes of(ProtocolConfiguration told) {
        return new BodyModes(told.getRequestBodyMode(), told.getResponseBodyMode(), true);
    }

    /** Returns whether bodies are sent without waiting for answers, and answered piece by piece with their bytes. */
    static boolean duplex(BodySendMode mode) {
        return mode == BodySendMode.FULL_DUPLEX_STREAMED;
    }

    /** Returns whether the whole body comes in one message, or as much of it as the gateway keeps. */
    static boolean buffered(BodySendMode mode) {
        return mode == BodySendMode.BUFFERED || mode == BodySendMode.BUFFERED_PARTIAL;
    }
}
