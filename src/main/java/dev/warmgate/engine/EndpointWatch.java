package dev.warmgate.engine;

import dev.warmgate.engine.link.EngineLinks;
import dev.warmgate.router.CheckResult;
import dev.warmgate.router.Endpoint;
import dev.warmgate.router.Pool;
import dev.warmgate.router.quarantine.Quarantine;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.ConnectException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import javax.net.ssl.SSLException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The loop that watches one endpoint, on a virtual thread of its own. */
final class EndpointWatch {
    /** What an endpoint is asked. */
    enum Question {
        CHECK,
        METRICS,
        MODELS
    }

    private enum Health {
        ALIVE,
        SICK,
        TIMED_OUT,
        REFUSED,
        /** The page is well, but no token comes. */
        MUTE
    }

    private enum Reading {
        GOOD,
        /** May succeed next time. */
        FAILED,
        /** The endpoint does not have this. */
        ABSENT
    }

    private static final Logger LOG = LoggerFactory.getLogger(EndpointWatch.class);
    private static final int MAX_BYTES = 4 << 20;

    private final Pool pool;
    private final Endpoint endpoint;
    private final Supplier<MonitorSettings> settings;
    private final EngineLinks links;
    private final ModelCatalog catalog;
    private final Quarantine quarantine;
    private final LongSupplier nanoTime;
    private final RandomGenerator jitter;
    private final Consumer<Question> failed;
    private final EndpointHttp http;
    private final EngineKind configured;
    private final RestartDetector restarts = new RestartDetector();
    private final GenerationCheck generation;
    private final Thread thread;
    private final CountDownLatch firstRound = new CountDownLatch(1);

    // Confined to the watch's thread.
    private Health health = Health.ALIVE;
    private long nextCheck;
    private long nextMetrics;
    private long nextModels;
    private long nextGeneration;

    /** Written by the watch's thread. */
    private volatile EngineKind engine;

    /** When the question under way was asked; 0 between questions. Written by the watch's thread, read by the guard. */
    private volatile long askedAt;

    /** Written by whoever closes. */
    private volatile boolean stopped;

    EndpointWatch(
            Pool pool,
            Endpoint endpoint,
            EngineKind configured,
            Supplier<MonitorSettings> settings,
            EngineLinks links,
            ModelCatalog catalog,
            Quarantine quarantine,
            LongSupplier nanoTime,
            RandomGenerator jitter,
            Consumer<Question> failed) {
        this.pool = pool;
        this.endpoint = endpoint;
        this.configured = configured;
        this.engine = configured;
        this.settings = settings;
        this.links = links;
        this.catalog = catalog;
        this.quarantine = quarantine;
        this.nanoTime = nanoTime;
        this.jitter = jitter;
        this.failed = failed;
        this.http = new EndpointHttp(endpoint, () -> links.of(pool.name(), endpoint.name()));
        this.generation = new GenerationCheck(pool, endpoint, this::askToGenerate);
        this.thread = Thread.ofVirtual().name("monitor-" + endpoint.name()).unstarted(this::run);
    }

    void start() {
        thread.start();
    }

    /** Waits until everything was asked once, or the watch was stopped; false if the limit passed before. */
    boolean awaitFirstRound(Duration limit) throws InterruptedException {
        return firstRound.await(limit.toNanos(), TimeUnit.NANOSECONDS);
    }

    /** Returns the engine that configuration says. */
    EngineKind configured() {
        return configured;
    }

    EngineKind engine() {
        return engine;
    }

    void stop() {
        stopped = true;
        thread.interrupt();
    }

    boolean running() {
        return thread.isAlive();
    }

    void join(Duration limit) throws InterruptedException {
        thread.join(limit);
    }

    void interruptIfAskingFor(Duration limit) {
        long since = askedAt;
        if (since != 0 && System.nanoTime() - since > limit.toNanos()) {
            thread.interrupt();
        }
    }

    private void run() {
        long now = System.nanoTime();
        nextCheck = now;
        nextMetrics = now;
        nextModels = now;
        try {
            round();
        } finally {
            firstRound.countDown();
        }
        try (http) {
            while (!stopped) {
                pause();
                round();
            }
        }
    }

    private void round() {
        try {
            if (due(nextCheck)) {
                check();
                nextCheck = after(settings.get().checkInterval());
            }
            if (health == Health.ALIVE && due(nextMetrics)) {
                var reading = readMetrics();
                nextMetrics = after(
                        reading == Reading.ABSENT
                                ? settings.get().modelsInterval()
                                : settings.get().metricsInterval());
            }
            if (health == Health.ALIVE && due(nextModels)) {
                var reading = readModels();
                nextModels = after(
                        reading == Reading.FAILED
                                ? settings.get().checkInterval()
                                : settings.get().modelsInterval());
            }
        } catch (RuntimeException e) {
            // Our own mistake; without this the endpoint would never be looked at again.
            LOG.error("Watching endpoint {} failed; it goes on", endpoint.name(), e);
            nextCheck = after(settings.get().checkInterval());
        }
    }

    private void pause() {
        long next = health == Health.ALIVE ? earlier(nextCheck, earlier(nextMetrics, nextModels)) : nextCheck;
        try {
            Thread.sleep(Duration.ofNanos(Math.max(0, next - System.nanoTime())));
        } catch (InterruptedException e) {
            return; // stopped, or a late interrupt of the guard: then nothing is due and the loop pauses again
        }
    }

    private static long earlier(long a, long b) {
        return a - b < 0 ? a : b;
    }

    private boolean due(long time) {
        return !stopped && System.nanoTime() - time >= 0;
    }

    /** A fleet that started together spreads over one interval at once, and stays spread. */
    private long after(Duration interval) {
        double factor = firstRound.getCount() > 0 ? jitter.nextDouble() : jitter.nextDouble(0.9, 1.1);
        return System.nanoTime() + (long) (interval.toNanos() * factor);
    }

    private EndpointHttp.Answer ask(String path, String accept, Duration limit, EndpointHttp.Body body)
            throws IOException {
        Thread.interrupted(); // what the guard meant for an earlier question
        if (stopped) {
            throw new IOException("stopped");
        }
        askedAt = System.nanoTime() | 1;
        try {
            return http.get(path, accept, limit, MAX_BYTES, body);
        } finally {
            askedAt = 0;
        }
    }

    private EndpointHttp.Answer askToGenerate(String path, byte[] json, EndpointHttp.Body body) throws IOException {
        Thread.interrupted(); // what the guard meant for an earlier question
        if (stopped) {
            throw new IOException("stopped");
        }
        askedAt = System.nanoTime() | 1;
        try {
            return http.post(path, json, "text/event-stream", MonitorSettings.GENERATE_TIMEOUT, MAX_BYTES, body);
        } finally {
            askedAt = 0;
        }
    }

    /**
     * Returns whether the endpoint has to give a token now: before it gets requests again, and from time to time if it
     * answered none, which would be proof enough.
     */
    private boolean hasToGenerate() {
        var interval = settings.get().generateInterval();
        if (interval == null || stopped) {
            return false;
        }
        if (health != Health.ALIVE || !endpoint.available()) {
            return true;
        }
        if (firstRound.getCount() > 0 || endpoint.answeredWithin(interval)) {
            nextGeneration = after(interval);
        }
        return due(nextGeneration);
    }

    private void check() {
        var now = askHealth();
        if (now == Health.TIMED_OUT && !stopped) {
            // An engine at full load may miss one; being wrong would move its whole load elsewhere.
            now = askHealth();
        }
        if (now == Health.ALIVE && hasToGenerate()) {
            now = generation.passes() ? Health.ALIVE : Health.MUTE; // once mute, it is asked at every check
            var interval = settings.get().generateInterval();
            nextGeneration = interval == null ? nextGeneration : after(interval);
        }
        if (stopped) {
            return;
        }
        endpoint.reportCheck(
                switch (now) {
                    case ALIVE -> CheckResult.ALIVE;
                    case SICK, TIMED_OUT, MUTE -> CheckResult.SICK;
                    case REFUSED -> CheckResult.REFUSED;
                });
        if (now != Health.ALIVE) {
            failed.accept(Question.CHECK);
        }
        if (now == health) {
            return;
        }
        if (now == Health.ALIVE) {
            LOG.info("Endpoint {} is alive again", endpoint.name());
            if (health == Health.REFUSED && !restarts.informed()) {
                // Its process was gone, and it has no metrics that would tell.
                pool.forgetPrefixes(endpoint);
            }
            nextMetrics = System.nanoTime();
            nextModels = nextMetrics;
        } else if (health == Health.ALIVE) {
            LOG.warn("Endpoint {} failed its health check: {}", endpoint.name(), now);
            if (now != Health.TIMED_OUT) {
                int requests = quarantine.failedCheck(endpoint.name()); // silence may be load
                if (requests > 0) {
                    LOG.info("Endpoint {} died under {} requests; see /admin/quarantine", endpoint.name(), requests);
                }
            }
        }
        health = now;
    }

    /**
     * Asks the page that vLLM, SGLang and llama.cpp have. Any answer below 500 counts as alive, because some servers do
     * not have the page or want a key for it; so does 501, which says that much and no more.
     */
    private Health askHealth() {
        try {
            var answer = ask("/health", "*/*", settings.get().checkTimeout(), EndpointHttp.Body.NONE);
            if (configured == EngineKind.OTHER && Objects.equals(answer.server(), "llama.cpp")) {
                engine = EngineKind.LLAMA_CPP;
            }
            return answer.status() < 500 || answer.status() == 501 ? Health.ALIVE : Health.SICK;
        } catch (SocketTimeoutException e) {
            return Health.TIMED_OUT;
        } catch (ConnectException e) {
            return Health.REFUSED;
        } catch (SSLException e) {
            links.of(pool.name(), endpoint.name()).failed(endpoint.name(), e);
            return Health.SICK;
        } catch (IOException e) {
            return Health.SICK;
        }
    }

    private Reading readMetrics() {
        var metrics = new EngineMetrics(configured);
        var text = new PrometheusText(metrics);
        try {
            var answer =
                    ask("/metrics", "text/plain;version=0.0.4", settings.get().readTimeout(), text::read);
            text.end();
            var load = metrics.load(nanoTime.getAsLong());
            if (answer.status() == 200 && load != null) {
                if (metrics.engine() != EngineKind.OTHER) {
                    engine = metrics.engine();
                }
                if (restarts.restarted(load.promptTokens(), metrics.processStart())) {
                    LOG.info("The engine of endpoint {} restarted", endpoint.name());
                    pool.forgetPrefixes(endpoint);
                }
                endpoint.engineLoad(load);
                return Reading.GOOD;
            }
            failed.accept(Question.METRICS);
            return answer.status() < 500 ? Reading.ABSENT : Reading.FAILED;
        } catch (IOException e) {
            failed.accept(Question.METRICS);
            return Reading.FAILED;
        }
    }

    private Reading readModels() {
        var body = new ByteArrayOutputStream();
        try {
            var answer = ask("/v1/models", "application/json", settings.get().readTimeout(), body::write);
            if (answer.status() != 200) {
                failed.accept(Question.MODELS);
                return answer.status() < 500 ? Reading.ABSENT : Reading.FAILED;
            }
            var models = ModelList.parse(body.toByteArray());
            endpoint.models(models.keySet());
            catalog.report(endpoint, models);
            return Reading.GOOD;
        } catch (IOException e) {
            failed.accept(Question.MODELS);
            return Reading.FAILED;
        }
    }
}
