package dev.warmgate.proxy;

import dev.warmgate.router.Endpoint;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Asks whether an endpoint that broke a connection has died: then it takes no new one. Sends nothing. Confined to the
 * worker's event loop; answers once, never from within the call that asks.
 */
final class EndpointProbe implements UpstreamListener {
    /** No answer within this time is no sign of death: a dead process refuses at once. */
    private static final long LIMIT_MILLIS = 500;

    /** One that accepts and resets at once looks like one that refuses, but not twice in a row. */
    private static final long AGAIN_MILLIS = 20;

    private final Worker worker;
    private final Endpoint endpoint;
    private final Consumer<Boolean> answer;
    private boolean again;
    private boolean told;
    private @Nullable Upstream connection;
    private @Nullable Future<?> limit;

    private EndpointProbe(Worker worker, Endpoint endpoint, Consumer<Boolean> answer) {
        this.worker = worker;
        this.endpoint = endpoint;
        this.answer = answer;
    }

    /** Asks; {@code dead} is told true if the endpoint refuses connections. */
    static void ask(Worker worker, Endpoint endpoint, Consumer<Boolean> dead) {
        var probe = new EndpointProbe(worker, endpoint, dead);
        probe.connect();
        probe.limit = worker.loop().schedule(probe::connected, LIMIT_MILLIS, TimeUnit.MILLISECONDS);
    }

    private void connect() {
        if (!told) {
            connection = worker.pool().connect(endpoint, this);
        }
    }

    private void tell(boolean dead) {
        if (told) {
            return;
        }
        told = true;
        if (limit != null) {
            limit.cancel(false);
        }
        answer.accept(dead);
    }

    /** There is a connection, or no answer in time. */
    @Override
    public void connected() {
        if (connection != null) {
            connection.abort();
        }
        tell(false);
    }

    @Override
    public void connectFailed() {
        connection = null;
        if (again) {
            tell(true);
        } else {
            again = true;
            var _ = worker.loop().schedule(this::connect, AGAIN_MILLIS, TimeUnit.MILLISECONDS);
        }
    }

    @Override
    public void connectionLost(boolean stale) {
        tell(false);
    }

    @Override
    public void failed(Throwable cause) {
        tell(false);
    }

    @Override
    public void responseHead(HttpResponse head) {}

    @Override
    public void responseContent(HttpContent content) {
        content.release();
    }

    @Override
    public void responseReadComplete() {}

    @Override
    public void upstreamWritable(boolean writable) {}
}
