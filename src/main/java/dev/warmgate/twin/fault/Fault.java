package dev.warmgate.twin.fault;

import java.util.Locale;

/** What can go wrong at a simulated model server, and when it is decided. */
public enum Fault {
    /** The connection is accepted and reset at once. */
    SLAM(Moment.CONNECTION),
    /** The connection is accepted, and nothing is read from it for a while. */
    SLOW_ACCEPT(Moment.CONNECTION),

    /** The connection is reset before a byte of the answer. */
    RESET_BEFORE(Moment.REQUEST),
    /** The connection is reset inside the answer. */
    RESET_MID(Moment.REQUEST),
    /** No byte of an answer comes; after a while the connection is reset. */
    STALL_BEFORE(Moment.REQUEST),
    /** The answer begins and does not go on; after a while the connection is reset. */
    STALL_MID(Moment.REQUEST),
    /** The connection is closed inside the answer: before the promised length, or inside a chunk. */
    TRUNCATE(Moment.REQUEST),
    /** The answer's body ends too early, in an orderly way. */
    END_EARLY(Moment.REQUEST),
    /** The answer is not HTTP. */
    GARBAGE_HTTP(Moment.REQUEST),
    /** The answer, or an event of it, is not JSON. */
    GARBAGE_JSON(Moment.REQUEST),
    /** A page of HTML comes instead, under the content type that was asked for. */
    GARBAGE_EVENTS(Moment.REQUEST),
    /** An error 500. */
    STATUS_500(Moment.REQUEST),
    /** An error 503 as from an engine that is full or still loads its model. */
    STATUS_503(Moment.REQUEST),
    /** The whole server dies with all its connections, does not listen for a while, and comes back with an empty cache. */
    VANISH(Moment.REQUEST),

    /** The connection is closed soon after a good answer that promised to keep it. */
    IDLE_CLOSE(Moment.ANSWER);

    /** When it is decided whether a fault happens; of those of one moment at most one does. */
    public enum Moment {
        /** A connection was accepted. */
        CONNECTION,
        /** An inference request was read and is valid. */
        REQUEST,
        /** A whole answer was written. */
        ANSWER
    }

    private final Moment moment;
    private final String label;

    Fault(Moment moment) {
        this.moment = moment;
        this.label = name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** Returns when it is decided. */
    public Moment moment() {
        return moment;
    }

    /** Returns its name in options and on the page of faults, for example {@code reset-before}. */
    public String label() {
        return label;
    }

    /** Returns whether the fault shows inside an answer that begins well. */
    public boolean insideAnswer() {
        return switch (this) {
            case RESET_MID, STALL_MID, TRUNCATE, END_EARLY -> true;
            case SLAM,
                    SLOW_ACCEPT,
                    RESET_BEFORE,
                    STALL_BEFORE,
                    GARBAGE_HTTP,
                    GARBAGE_JSON,
                    GARBAGE_EVENTS,
                    STATUS_500,
                    STATUS_503,
                    VANISH,
                    IDLE_CLOSE -> false;
        };
    }
}
