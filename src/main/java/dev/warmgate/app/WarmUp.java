package dev.warmgate.app;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.util.Objects.requireNonNull;

import dev.warmgate.door.Access;
import dev.warmgate.engine.ModelCatalog;
import dev.warmgate.proxy.ProxyServer;
import dev.warmgate.proxy.ProxySettings;
import dev.warmgate.router.EndpointSpec;
import dev.warmgate.router.HealthPolicy;
import dev.warmgate.router.Pool;
import dev.warmgate.router.PoolSpec;
import dev.warmgate.router.Router;
import dev.warmgate.router.policy.Policies;
import dev.warmgate.telemetry.Telemetry;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Requests that the gateway sends itself before it is ready, so that no client's request has to wait until all that is
 * needed for one is loaded and linked.
 *
 * <p>They go through a front door, a router and metrics of their own, on loopback ports that nobody is told, to an engine
 * that is part of this: nothing of them is seen in what the real ones count, keep or log. A failure costs nothing but the
 * head start.
 */
final class WarmUp {
    private static final Logger LOG = LoggerFactory.getLogger(WarmUp.class);

    /** By then most of what there is to gain is gained. */
    private static final int MOST = 24;

    /** Each kind twice, however long that takes. */
    private static final int LEAST = 6;

    /** The time it takes, where that is enough for the least. */
    private static final Duration LIMIT = Duration.ofMillis(150);

    /** An end to waiting for what does not come. */
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private static final String EVENT = "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"a\"}}]}\n\n";
    private static final String WHOLE = "{\"choices\":[{\"index\":0,\"message\":{\"content\":\"a\"}}],"
            + "\"usage\":{\"prompt_tokens\":9,\"completion_tokens\":1,\"total_tokens\":10}}";
    private static final String STREAM_END = "0\r\n\r\n";
    private static final byte[] STREAM_ANSWER = ascii("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
            + "Transfer-Encoding: chunked\r\n\r\n" + chunk(EVENT) + chunk(EVENT + "data: [DONE]\n\n") + STREAM_END);
    private static final byte[] WHOLE_ANSWER =
            ascii("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: " + WHOLE.length() + "\r\n\r\n"
                    + WHOLE);

    private static final String MESSAGES = "\"max_tokens\":1,\"messages\":[{\"role\":\"user\",\"content\":\""
            + "One line of a prompt,\\nand another one. ".repeat(100) + "\"}]}";

    private record Request(String text, String answerEnds) {}

    private static final List<Request> REQUESTS = List.of(
            request("/v1/chat/completions", "{\"model\":\"m\",\"stream\":true," + MESSAGES, STREAM_END),
            request("/v1/chat/completions", "{\"model\":\"m\"," + MESSAGES, WHOLE),
            request("/v1/messages", "{\"model\":\"m\",\"stream\":true," + MESSAGES, STREAM_END));

    private final FutureTask<Integer> requests = new FutureTask<>(WarmUp::run);

    /** Begins on a thread of its own, while the command line and the configuration are read. */
    void begin() {
        Thread.ofPlatform().name("warm-up").daemon().start(requests);
    }

    /** Waits for what was begun, or does it now, and returns how many requests were answered well. */
    int finish() {
        requests.run();
        try {
            return requests.get();
        } catch (ExecutionException e) {
            throw new IllegalStateException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return 0;
        }
    }

    /** Sends requests until it has taken long enough, and returns how many were answered well. */
    private static int run() {
        var loopback = InetAddress.getLoopbackAddress();
        try (var engine = new ServerSocket(0, 8, loopback)) {
            Thread.ofPlatform().name("warm-up-engine").daemon().start(() -> answer(engine));
            var address = URI.create("http://" + loopback.getHostAddress() + ":" + engine.getLocalPort());
            var pool = new Pool(
                    new PoolSpec(
                            "warm-up",
                            List.of(EndpointSpec.of(address)),
                            Set.of("m"),
                            HealthPolicy.DEFAULT,
                            PoolSpec.DEFAULT_KV_CAPACITY_TOKENS,
                            PoolSpec.DEFAULT_INDEX_BYTES),
                    requireNonNull(Policies.create(Policies.WARM), "warm"),
                    System::nanoTime,
                    new SplittableRandom());
            var router = new Router(List.of(pool));
            var telemetry = new Telemetry(router, VersionCommand.version());
            var models = new ServedModels(new ModelCatalog(router));
            var settings = ProxySettings.defaults(new InetSocketAddress(loopback, 0));
            try (var proxy = ProxyServer.start(settings, router, Access.OPEN, 1, models, telemetry);
                    var client = new Socket(loopback, proxy.address().getPort())) {
                client.setTcpNoDelay(true);
                client.setSoTimeout((int) PATIENCE.toMillis());
                return send(client);
            }
        } catch (IOException | RuntimeException e) {
            LOG.debug("No warm-up", e);
            return 0;
        }
    }

    private static int send(Socket client) throws IOException {
        long until = System.nanoTime() + LIMIT.toNanos();
        var in = new BufferedInputStream(client.getInputStream());
        int answered = 0;
        while (answered < MOST && (answered < LEAST || System.nanoTime() - until < 0)) {
            var request = REQUESTS.get(answered % REQUESTS.size());
            client.getOutputStream().write(ascii(request.text));
            if (!await(in, request.answerEnds).startsWith("HTTP/1.1 200")) {
                break;
            }
            answered++;
        }
        return answered;
    }

    /** The engine: one connection after the other, one request after the other. */
    private static void answer(ServerSocket engine) {
        while (!engine.isClosed()) {
            try (var connection = engine.accept()) {
                connection.setTcpNoDelay(true);
                var in = new BufferedInputStream(connection.getInputStream());
                while (true) {
                    boolean stream = await(in, MESSAGES).contains("\"stream\":true");
                    connection.getOutputStream().write(stream ? STREAM_ANSWER : WHOLE_ANSWER);
                }
            } catch (IOException _) {
                // The connection or the engine was closed.
            }
        }
    }

    /** Reads until what was read ends with {@code end}, and returns it. */
    private static String await(InputStream in, String end) throws IOException {
        var read = new StringBuilder();
        byte[] piece = new byte[8 << 10];
        do {
            int count = in.read(piece);
            if (count < 0) {
                throw new IOException("closed");
            }
            read.append(new String(piece, 0, count, US_ASCII));
        } while (read.lastIndexOf(end) != read.length() - end.length());
        return read.toString();
    }

    private static Request request(String path, String body, String answerEnds) {
        return new Request(
                "POST " + path + " HTTP/1.1\r\nHost: warm-up\r\nUser-Agent: warm-up\r\nAccept: */*\r\n"
                        + "Content-Type: application/json\r\nContent-Length: " + body.length() + "\r\n\r\n" + body,
                answerEnds);
    }

    private static String chunk(String text) {
        return Integer.toHexString(text.length()) + "\r\n" + text + "\r\n";
    }

    private static byte[] ascii(String text) {
        return text.getBytes(US_ASCII);
    }
}
