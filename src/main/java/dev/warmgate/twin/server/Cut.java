package dev.warmgate.twin.server;

import dev.warmgate.twin.fault.Fault;
import java.time.Duration;

/**
 * A fault of one request, and how it is done on the wire.
 *
 * @param afterEvents output events of a streamed answer after which a fault inside it happens; a shorter answer has it
 *     in place of its end
 */
record Cut(Fault fault, int afterEvents) {
    /** A fault inside a stream happens after at most this many events. */
    static final int MOST_EVENTS = 8;

    private static final String JSON = "application/json";
    private static final String HTML = "<html><body><h1>It works!</h1></body></html>\n";

    boolean insideAnswer() {
        return fault.insideAnswer();
    }

    /** Does what happens in place of an answer. */
    void instead(TwinReplica replica, HttpCall call, boolean stream, ReplicaConnection connection) {
        switch (fault) {
            case RESET_BEFORE -> connection.reset();
            case STALL_BEFORE -> connection.fallSilent(replica.faults().plan().stallTime());
            case GARBAGE_HTTP -> connection.sendLast("220 mail.example ESMTP ready\r\n\r\n");
            case GARBAGE_JSON ->
                garbage(stream, "{\"id\":\"x\",\"object\":\"chat.completion\",\"choices\":[{", connection);
            case GARBAGE_EVENTS -> garbage(stream, HTML, connection);
            case STATUS_500 -> Inference.refuse(VllmError.ordered(500), call, connection);
            case STATUS_503 -> Inference.refuse(VllmError.ordered(503), call, connection);
            case VANISH -> replica.vanish();
            case SLAM, SLOW_ACCEPT, RESET_MID, STALL_MID, TRUNCATE, END_EARLY, IDLE_CLOSE ->
                throw new IllegalStateException(this + " does not replace an answer");
        }
    }

    private void garbage(boolean stream, String text, ReplicaConnection connection) {
        if (!stream) {
            connection.respond(200, JSON, "", new ByteBuilder().add(text));
            return;
        }
        connection.startStream();
        connection.events().add(fault == Fault.GARBAGE_JSON ? "data: " + text + "\n\n" : text);
        connection.endStream();
    }

    /** Does what happens inside an answer that is not streamed. */
    void insideBody(ReplicaConnection connection, ByteBuilder body, Duration stallTime) {
        if (fault == Fault.END_EARLY) {
            connection.respond(200, JSON, "", new ByteBuilder().add(body.array(), 0, body.length() / 2));
            return;
        }
        connection.respondHalf(JSON, body);
        end(connection, stallTime);
    }

    /** Does what happens inside a stream. */
    void insideStream(ReplicaConnection connection, Duration stallTime) {
        switch (fault) {
            case END_EARLY -> connection.endStream();
            case TRUNCATE -> connection.closeInsideChunk();
            default -> end(connection, stallTime);
        }
    }

    private void end(ReplicaConnection connection, Duration stallTime) {
        switch (fault) {
            case RESET_MID -> {
                connection.flush();
                connection.reset();
            }
            case STALL_MID -> connection.fallSilent(stallTime);
            case TRUNCATE -> connection.sendLast("");
            default -> throw new IllegalStateException(this + " does not happen inside an answer");
        }
    }
}
