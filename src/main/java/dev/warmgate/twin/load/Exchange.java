package dev.warmgate.twin.load;

import dev.warmgate.twin.workload.RequestOutcome.Ending;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.util.concurrent.Future;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * One request and its answer; ends exactly once.
 *
 * <p>Confined to the event loop. Times are {@link System#nanoTime} values.
 */
final class Exchange {
    private static final int OK = 200;
    private static final int TOO_MANY_REQUESTS = 429;
    private static final int UNAVAILABLE = 503;

    /** What a reason to drop a request looks like: a short word, since reports count by it. */
    private static final Pattern REASON = Pattern.compile("[A-Za-z0-9][A-Za-z0-9_.-]{0,39}");

    /** Told once about each thing that happens. */
    interface Listener {
        void firstToken(Exchange exchange);

        /** Another event with text, so long after the one before. */
        void gap(long nanos);

        void ended(Exchange exchange);
    }

    private final ByteBuf body;
    private final HttpHeaders standing;
    private final Listener listener;
    private final ChatStream answer = new ChatStream();
    private final long startNanos;

    private @Nullable Channel channel;
    private @Nullable Future<?> timeout;
    private @Nullable String dropReason;
    private @Nullable String failure;
    private Ending ending = Ending.FAILED;
    private int status;
    private boolean ended;
    private long sentNanos;
    private long firstNanos;
    private long lastNanos;
    private long endNanos;

    /**
     * Creates an exchange that has not begun.
     *
     * @param body owned by the exchange until {@link #dispatch} takes it
     * @param standing headers that say whose request it is and how important
     */
    Exchange(ByteBuf body, HttpHeaders standing, Listener listener, long nowNanos) {
        this.body = body;
        this.standing = standing;
        this.listener = listener;
        this.startNanos = nowNanos;
        this.sentNanos = nowNanos;
    }

    void timeout(Future<?> timer) {
        timeout = timer;
    }

    /** Binds the exchange to the connection that will carry it and returns the body to send. */
    ByteBuf dispatch(Channel carrier) {
        channel = carrier;
        return body;
    }

    HttpHeaders standing() {
        return standing;
    }

    /** The last byte of the request is with the operating system. */
    void sent(long nowNanos) {
        if (firstNanos == 0 && !ended) {
            sentNanos = nowNanos;
        }
    }

    /** The response begins; {@code why} is the reason to drop the request that it names, if it does. */
    void head(int responseStatus, @Nullable String why) {
        status = responseStatus;
        dropReason = why;
    }

    void content(ByteBuf bytes, long nowNanos) {
        if (status != OK || ended) {
            return;
        }
        int before = answer.events();
        answer.read(bytes);
        for (int i = before; i < answer.events(); i++) {
            if (i == 0) {
                firstNanos = nowNanos;
                listener.firstToken(this);
            } else {
                listener.gap(nowNanos - lastNanos);
            }
            lastNanos = nowNanos;
        }
    }

    /** The whole response has come. */
    void finished(long nowNanos) {
        String reason = null;
        var how = Ending.FAILED;
        if (status == TOO_MANY_REQUESTS || status == UNAVAILABLE) {
            how = Ending.REFUSED;
            reason = dropReason != null && REASON.matcher(dropReason).matches() ? dropReason : "status " + status;
        } else if (status != OK) {
            reason = "status " + status;
        } else if (answer.error()) {
            reason = "error event";
        } else if (answer.malformed()) {
            reason = "malformed event";
        } else if (!answer.done()) {
            reason = "truncated";
        } else {
            how = Ending.COMPLETED;
        }
        end(how, reason, nowNanos);
    }

    /** Ends the exchange early and closes its connection. */
    void fail(String reason, long nowNanos) {
        var carrier = channel;
        if (carrier == null && !ended) {
            body.release();
        }
        end(Ending.FAILED, reason, nowNanos);
        if (carrier != null) {
            var _ = carrier.close();
        }
    }

    boolean ended() {
        return ended;
    }

    /** Returns how it ended, once it has. */
    Ending ending() {
        return ending;
    }

    @Nullable
    String failure() {
        return failure;
    }

    ChatStream answer() {
        return answer;
    }

    long startNanos() {
        return startNanos;
    }

    long endNanos() {
        return endNanos;
    }

    /** Returns the time to first token, or -1 if none came. */
    long ttftNanos() {
        return firstNanos == 0 ? -1 : firstNanos - sentNanos;
    }

    /** Returns the mean time per token after the first, or -1 with fewer than two. */
    long tpotNanos() {
        int tokens = answer.outputTokens();
        return firstNanos == 0 || tokens < 2 ? -1 : (endNanos - firstNanos) / (tokens - 1);
    }

    private void end(Ending how, @Nullable String reason, long nowNanos) {
        if (ended) {
            return;
        }
        ended = true;
        ending = how;
        failure = reason;
        endNanos = nowNanos;
        channel = null;
        if (timeout != null) {
            timeout.cancel(false);
        }
        listener.ended(this);
    }
}
