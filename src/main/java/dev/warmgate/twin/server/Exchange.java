package dev.warmgate.twin.server;

import dev.warmgate.twin.engine.EngineRequest;
import dev.warmgate.twin.engine.ReplicaEngine;
import dev.warmgate.twin.engine.TokenBlocks;
import dev.warmgate.twin.engine.TokenListener;
import org.jspecify.annotations.Nullable;

/**
 * One inference request between its connection and the engine: turns generated tokens into bytes.
 *
 * <p>Tokens are only counted when the engine reports them and rendered once per wake. Nothing is rendered for a reader
 * that does not keep up: when it reads on it gets one event with all tokens it missed. Event-loop confined.
 */
final class Exchange implements TokenListener {
    private final TwinReplica replica;
    private final ReplicaConnection connection;
    private final Answer answer;
    private final WholeFormat whole;

    /** Null if the answer is not streamed. */
    private final @Nullable AnswerFormat events;

    private final int interval;
    private final @Nullable Cut cut;
    private final ReplicaEngine engine;
    private final EngineRequest request;

    private int sent;
    private int eventsSent;
    private boolean behind;
    private boolean dirty;
    private boolean over;

    /**
     * Creates an exchange.
     *
     * @param whole the answer's format
     * @param events the same if the answer is to be streamed, else null
     * @param cut what goes wrong inside the answer, or null
     * @param sequence the tokens of prompt and answer
     */
    Exchange(
            TwinReplica replica,
            ReplicaConnection connection,
            Answer answer,
            WholeFormat whole,
            @Nullable AnswerFormat events,
            @Nullable Cut cut,
            TokenBlocks sequence) {
        this.replica = replica;
        this.connection = connection;
        this.answer = answer;
        this.whole = whole;
        this.events = events;
        this.cut = cut;
        interval = replica.settings().streamInterval();
        engine = replica.engine();
        request = new EngineRequest(0, sequence, answer.promptTokens(), this);
    }

    /** Hands the request to the engine, and opens the stream. */
    void start() {
        connection.serve(this);
        if (events != null) {
            connection.startStream();
            events.begin(connection.events());
        }
        engine.submit(request, replica.modelNow());
        replica.changed();
    }

    /** The client has left: its place in the engine is free at once. */
    void abort() {
        over = true;
        // The engine of a replica that was killed is gone, and its time with it.
        if (engine == replica.engine()) {
            engine.abort(request, replica.modelNow());
            replica.changed();
        }
    }

    @Override
    public void onToken(EngineRequest same, long at) {
        if (!dirty && (events != null || same.finished())) {
            dirty = true;
            replica.dirty(this);
        }
    }

    /** Renders at the end of a wake what the engine generated in it, and sends it. */
    void renderDirty() {
        dirty = false;
        render();
        connection.flush();
    }

    /** Renders what was generated and not yet sent, if the reader keeps up. */
    void render() {
        if (over || request.generatedTokens() == 0) {
            return;
        }
        answer.cachedTokens(request.cachedTokens());
        if (events == null) {
            if (request.finished()) {
                over = true;
                replica.given().ended(answer, whole);
                var body = new ByteBuilder();
                whole.whole(body);
                if (cut == null) {
                    connection.respond(200, "application/json", "", body);
                } else {
                    cut.insideBody(connection, body, replica.faults().plan().stallTime());
                }
            }
        } else if (connection.writable()) {
            renderEvents(events);
        } else {
            behind = true;
        }
    }

    private void renderEvents(AnswerFormat format) {
        int generated = request.generatedTokens();
        while (sent < generated) {
            int next = sent == 0 ? 1 : sent + interval;
            if (next > generated || behind) {
                if (next > generated && !request.finished() && !behind) {
                    return;
                }
                next = generated;
            }
            behind = false;
            format.delta(connection.events(), sent, next);
            sent = next;
            eventsSent++;
            if (cut != null && eventsSent >= cut.afterEvents()) {
                cut(cut);
                return;
            }
        }
        if (request.finished()) {
            if (cut != null) {
                cut(cut);
                return;
            }
            over = true;
            replica.given().ended(answer, whole);
            format.end(connection.events());
            connection.endStream();
        }
    }

    private void cut(Cut how) {
        abort();
        how.insideStream(connection, replica.faults().plan().stallTime());
    }

    @Override
    public String toString() {
        return "Exchange[" + request + ", " + sent + " tokens sent" + (behind ? ", reader is behind" : "") + "]";
    }
}
