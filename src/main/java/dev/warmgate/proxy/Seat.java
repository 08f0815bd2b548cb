package dev.warmgate.proxy;

import dev.warmgate.dialect.ApiError;
import dev.warmgate.dialect.ApiError.Kind;
import dev.warmgate.door.Answer;
import dev.warmgate.door.Refusals;
import dev.warmgate.door.RequestLog;
import dev.warmgate.proxy.front.ClientAddress;
import dev.warmgate.proxy.front.ClientLimits;
import dev.warmgate.proxy.front.ClientStream;
import dev.warmgate.proxy.front.Clients;
import io.netty.channel.Channel;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** One request's place among those of its client, from its header to its end. Confined to its event loop. */
final class Seat {
    private static final String GATEWAY_REQUESTS = "gateway_requests";
    private static final String CLIENT_REQUESTS = "client_requests";

    /** Among so many requests some end all the time. */
    private static final Duration SOON = Duration.ofSeconds(1);

    private final Worker worker;
    private final ClientStream stream;
    private Clients.@Nullable Client client;

    /** Whether the client is held for this request alone, because its connection is that of a proxy. */
    private boolean held;

    Seat(Worker worker, ClientStream stream) {
        this.worker = worker;
        this.stream = stream;
    }

    /** Returns the answer if there are too many requests in all. */
    static Answer none(ClientLimits limits, ClientRequest request, RequestLog log) {
        log.refused = GATEWAY_REQUESTS;
        return refused(
                new ApiError(
                        Kind.OVERLOADED,
                        "The gateway has as many requests in flight as it may, " + limits.requests()
                                + ". Try again soon; the operator can raise limits.maxRequests.",
                        null),
                log.refused,
                request);
    }

    /** Takes the place, or returns the answer if there is none. */
    @Nullable
    Answer take(ClientRequest request, RequestLog log) {
        var limits = worker.settings().front().limits();
        var whose = client(request);
        if (whose == null) {
            return null;
        }
        client = whose;
        if (whose.begin(limits.requestsPerClient())) {
            return null;
        }
        forget();
        log.refused = CLIENT_REQUESTS;
        return refused(
                new ApiError(
                        Kind.TOO_MANY_REQUESTS,
                        "Your address has as many requests in flight as one may, " + limits.requestsPerClient()
                                + ". Wait for one to end; the operator can raise limits.maxRequestsPerClient.",
                        null),
                log.refused,
                request);
    }

    /** Gives the place back, if there is one. */
    void leave() {
        if (client != null) {
            client.end();
            forget();
        }
    }

    private void forget() {
        if (held && client != null) {
            worker.clients().letGo(client);
        }
        held = false;
        client = null;
    }

    private Clients.@Nullable Client client(ClientRequest request) {
        var outbound = worker.outbound();
        if (Peer.of(stream.channel(), outbound).trusted()) {
            var named = Hops.client(request.head().headers(), outbound.trustedProxies());
            var address = named == null ? own(Peer.connection(stream.channel())) : named;
            held = address != null;
            return address == null ? null : worker.clients().hold(address);
        }
        return Clients.of(stream.channel());
    }

    private static @Nullable InetAddress own(Channel connection) {
        return ClientAddress.of(connection) instanceof InetSocketAddress remote ? remote.getAddress() : null;
    }

    private static Answer refused(ApiError error, String why, ClientRequest request) {
        return Answer.of(error, request.path()).retryAfter(SOON).with(Refusals.DROP_REASON, why);
    }
}
