package dev.warmgate.twin.load;

import java.net.URI;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How a plan is sent.
 *
 * @param target where to, {@code http://host:port} or {@code https://host}; a path comes before {@code /v1}
 * @param model the model asked for
 * @param apiKey sent as bearer token, or null for none
 * @param speedUp model seconds per real second; above 0
 * @param textSeed seed of the prompts' words
 * @param warmup share of the requests that is not measured; 0 to less than 1
 * @param ignoreEos whether answers are asked for with {@code ignore_eos}, so that they have the planned length; servers
 *     that are no engine may refuse it ({@link Target#takesIgnoreEos})
 * @param mostInFlight requests in flight at most: others are sent late, and their times count from then
 * @param requestTimeout real time after which a request is given up; above 0
 */
public record LoadSettings(
        URI target,
        String model,
        @Nullable String apiKey,
        double speedUp,
        long textSeed,
        double warmup,
        boolean ignoreEos,
        int mostInFlight,
        Duration requestTimeout) {
    /** A client that sends everything in time. */
    public static final int UNLIMITED = Integer.MAX_VALUE;

    private static final int HTTP_PORT = 80;
    private static final int HTTPS_PORT = 443;

    public LoadSettings {
        boolean web = "http".equals(target.getScheme()) || "https".equals(target.getScheme());
        if (!web || target.getHost() == null || target.getQuery() != null || target.getFragment() != null) {
            throw new IllegalArgumentException("target: " + target + " (expected: an http or https URL with a host)");
        }
        if (!(speedUp > 0 && speedUp < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException("speed-up: " + speedUp + " (expected: above 0)");
        }
        if (mostInFlight < 1) {
            throw new IllegalArgumentException("max-in-flight: " + mostInFlight + " (expected: at least 1)");
        }
        if (requestTimeout.isNegative() || requestTimeout.isZero()) {
            throw new IllegalArgumentException("timeout: " + requestTimeout + " (expected: above 0)");
        }
    }

    /** Creates settings for an engine that measure every request, without a key and a limit. */
    public LoadSettings(URI target, String model, double speedUp, long textSeed, Duration requestTimeout) {
        this(target, model, null, speedUp, textSeed, 0, true, UNLIMITED, requestTimeout);
    }

    /** Returns whether connections are encrypted. */
    boolean encrypted() {
        return "https".equals(target.getScheme());
    }

    /** Returns the port to connect to. */
    int port() {
        return target.getPort() >= 0 ? target.getPort() : encrypted() ? HTTPS_PORT : HTTP_PORT;
    }

    /** Returns the path of one of the target's own addresses, such as {@code /v1/models}. */
    String path(String own) {
        var path = target.getRawPath();
        return (path == null ? "" : path.replaceFirst("/+$", "")) + own;
    }
}
