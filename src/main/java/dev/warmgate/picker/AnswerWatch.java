package dev.warmgate.picker;

import com.google.protobuf.ByteString;
import dev.warmgate.dialect.ApiError;
import dev.warmgate.dialect.ResponseReader;
import dev.warmgate.door.Entry;
import dev.warmgate.door.HeldObjects;
import dev.warmgate.door.RequestLog;
import dev.warmgate.router.RequestReport.Outcome;
import dev.warmgate.router.Reservation;
import dev.warmgate.router.Usage;
import org.jspecify.annotations.Nullable;

/** An engine's answer as it passes: its status, first token, usage, and how it ended. */
final class AnswerWatch {
    private static final Usage NOTHING = new Usage(0, 0, 0);
    private static final int UNREADABLE = 502;

    /** What Envoy says in an answer of its own, with status 503, when a connection on which a request was sent ended. */
    private static final String BROKE_OFF = "reset reason: connection termination";

    private static final int MOST_TOLD = 256;

    private final int status;
    private final boolean events;
    private final @Nullable ResponseReader reader;
    private boolean prefillOver;

    /** Line feeds at the end of what has passed, carriage returns apart: two of them end an event. */
    private int lineFeeds = 2;

    /** The beginning of a gateway's own answer about an engine that it could not reach, or that left. */
    private String told = "";

    /** Who looks for the id of what the engine keeps; null once it is found, and where there is none. */
    private @Nullable ResponseReader ids;

    AnswerWatch(Fields head, RequestHead request) {
        int told = UNREADABLE;
        String type = "";
        boolean encoded = false;
        for (int i = 0; i < head.size(); i++) {
            switch (head.name(i)) {
                case ":status" -> told = status(head.value(i));
                case "content-type" -> type = head.value(i);
                case "content-encoding" -> encoded = !head.value(i).equals("identity");
                default -> {}
            }
        }
        status = told;
        events = type.startsWith("text/event-stream");
        boolean readable = status < 400 && !encoded;
        reader = request.understood() && readable ? ResponseReader.of(request.dialect(), events) : null;
        boolean tells = readable && (events || type.startsWith("application/json"));
        ids = !tells || !HeldObjects.mayComeOf(request.dialect(), request.method(), request.path())
                ? null
                : reader == null ? ResponseReader.of(request.dialect(), false) : reader;
        // An answer that is not streamed begins when all of it is generated: its reservation ends a moment later.
        prefillOver = !events;
    }

    private static int status(String text) {
        try {
            return Integer.parseInt(text);
        } catch (NumberFormatException _) {
            return UNREADABLE;
        }
    }

    int status() {
        return status;
    }

    /** Returns whether the answer is a stream of events. */
    boolean isStream() {
        return events;
    }

    /** Returns whether the gateway says itself that the endpoint broke the connection before it answered. */
    boolean brokeOff() {
        return told.contains(BROKE_OFF);
    }

    /** Returns the event by which the stream can end now with an error, or null if it stands inside an event or is none. */
    byte @Nullable [] ending(ApiError error) {
        return reader != null && events && lineFeeds >= 2 ? reader.ending(error) : null;
    }

    /**
     * Reads a piece that passes.
     *
     * @return null while the answer may go on; else why it has to end
     */
    @Nullable
    ApiError read(ByteString piece, @Nullable Reservation reservation, Entry entry, RequestLog log, long now) {
        if (piece.isEmpty()) {
            return null;
        }
        if (events) {
            noteEnd(piece);
        } else if (status >= 500 && told.length() < MOST_TOLD) {
            told += piece.substring(0, Math.min(piece.size(), MOST_TOLD)).toStringUtf8();
        }
        var by = reader == null ? ids : reader;
        if (by != null) {
            by.read(piece.asReadOnlyByteBuffer());
        }
        String id = ids == null ? null : ids.objectId();
        if (id != null && reservation != null) {
            entry.keeps(reservation.endpoint(), id);
            ids = null;
        }
        if (reader == null) {
            return null;
        }
        if (reader.firstToken()) {
            log.output(reader.outputEvents(), now);
            if (!prefillOver) {
                prefillOver = true;
                if (reservation != null) {
                    reservation.firstToken();
                }
            }
        }
        return events ? entry.progress(reader.outputTokens()) : null;
    }

    private void noteEnd(ByteString piece) {
        int feeds = 0;
        for (int i = piece.size() - 1; i >= 0 && feeds < 2; i--) {
            byte b = piece.byteAt(i);
            if (b == '\n') {
                feeds++;
            } else if (b != '\r') {
                lineFeeds = feeds;
                return;
            }
        }
        lineFeeds += feeds;
    }

    /** Returns what the engine counted so far. */
    Usage usage() {
        return reader == null ? Usage.UNKNOWN : reader.usage();
    }

    /** Returns what is to be counted for the answer, which may have been cut off. */
    Usage used() {
        if (status >= 400) {
            return NOTHING;
        }
        return reader == null ? Usage.UNKNOWN : reader.used();
    }

    /** Returns how a request ended whose answer came to its end. */
    Outcome outcome() {
        if (status >= 500 || (reader != null && reader.failed())) {
            return Outcome.ENDPOINT_ERROR;
        }
        return status >= 400 ? Outcome.CLIENT_ERROR : Outcome.OK;
    }
}
