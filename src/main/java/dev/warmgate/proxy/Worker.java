package dev.warmgate.proxy;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.warmgate.dialect.RequestReader;
import dev.warmgate.door.Access;
import dev.warmgate.door.HeldObjects;
import dev.warmgate.door.Host;
import dev.warmgate.proxy.front.ClientListener;
import dev.warmgate.proxy.front.ClientStream;
import dev.warmgate.proxy.front.Clients;
import dev.warmgate.router.RequestObserver;
import dev.warmgate.router.RequestReport;
import dev.warmgate.router.Router;
import dev.warmgate.router.prefix.PromptHasher;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.HttpRequest;
import java.time.InstantSource;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the exchanges of one event loop share, and what makes them. Confined to that loop; {@link Traffic} is shared by
 * all loops.
 */
final class Worker implements Host, ClientListener.Factory {
    private static final Logger LOG = LoggerFactory.getLogger(Worker.class);

    private static final byte[] HEX = "0123456789abcdef".getBytes(ISO_8859_1);

    private final EventLoop loop;

    /** Replaced as one by any thread; a request reads it when it begins. */
    private volatile Rules rules;

    private final Router router;
    private final Models models;
    private final RequestObserver observer;
    private final Traffic traffic;
    private final Clients clients;
    private final DateField date = new DateField(InstantSource.system());
    private final UpstreamPool pool;
    private final RandomGenerator random;
    private final RequestReader reader = new RequestReader();
    private final PromptHasher hasher;
    private final SharedArray sharedArray = new SharedArray();

    /** What the configuration may change while requests go on. */
    private record Rules(ProxySettings settings, Access access, Outbound outbound) {}

    Worker(
            EventLoop loop,
            ProxySettings settings,
            Router router,
            Access access,
            long promptSecret,
            Models models,
            RequestObserver observer,
            Traffic traffic,
            Clients clients,
            Outbound outbound,
            UpstreamPool pool,
            RandomGenerator random) {
        this.loop = loop;
        this.rules = new Rules(settings, access, outbound);
        this.router = router;
        this.models = models;
        this.observer = observer;
        this.traffic = traffic;
        this.clients = clients;
        this.pool = pool;
        this.random = random;
        this.hasher = new PromptHasher(promptSecret);
    }

    @Override
    public Exchange create(ClientStream client, HttpRequest head) {
        return new Exchange(this, client, head);
    }

    EventLoop loop() {
        return loop;
    }

    ProxySettings settings() {
        return rules.settings();
    }

    @Override
    public Router router() {
        return router;
    }

    @Override
    public Access access() {
        return rules.access();
    }

    @Override
    public HeldObjects held() {
        return traffic.held();
    }

    RequestObserver observer() {
        return observer;
    }

    Outbound outbound() {
        return rules.outbound();
    }

    DateField date() {
        return date;
    }

    UpstreamPool pool() {
        return pool;
    }

    RequestReader reader() {
        return reader;
    }

    PromptHasher hasher() {
        return hasher;
    }

    SharedArray sharedArray() {
        return sharedArray;
    }

    /** Takes other rules for requests that begin from now on. Any thread. */
    void update(ProxySettings settings, Access access, Outbound outbound) {
        rules = new Rules(settings, access, outbound);
        loop.execute(() -> pool.idleTimeout(settings.upstreamIdleTimeout()));
    }

    Models models() {
        return models;
    }

    @Override
    public long nanoTime() {
        return loop.ticker().nanoTime();
    }

    @Override
    public void execute(Runnable task) {
        loop.execute(task);
    }

    /** Returns a request id that no other request has: 96 random bits. */
    String newRequestId() {
        byte[] digits = new byte[24];
        long bits = random.nextLong();
        for (int i = 0; i < digits.length; i++) {
            if (i == 16) {
                bits = random.nextLong();
            }
            digits[i] = HEX[(int) (bits >>> 60)];
            bits <<= 4;
        }
        return new String(digits, ISO_8859_1);
    }

    Clients clients() {
        return clients;
    }

    /** Returns requests begun and not ended, those of all event loops. */
    int inFlight() {
        return traffic.inFlight();
    }

    RetryBudget retries() {
        return traffic.retries();
    }

    boolean draining() {
        return traffic.draining();
    }

    void begun() {
        traffic.begin();
    }

    void ended(RequestReport report) {
        try {
            observer.ended(report);
        } catch (RuntimeException e) {
            LOG.warn("An observer of requests failed", e);
        } finally {
            traffic.end();
        }
    }
}
