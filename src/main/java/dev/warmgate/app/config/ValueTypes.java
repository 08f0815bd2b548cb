package dev.warmgate.app.config;

import dev.warmgate.proxy.Subnet;
import dev.warmgate.router.tenancy.ApiKey;
import dev.warmgate.router.tenancy.TextPattern;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.DoublePredicate;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The kinds of scalar values that a configuration holds. */
final class ValueTypes {
    private static final Pattern DURATION = Pattern.compile("([0-9]{1,9})(ms|s|m|h)");
    private static final Pattern SIZE = Pattern.compile("([0-9]{1,15})(B|KiB|MiB|GiB|KB|MB|GB)?");
    private static final Pattern HOST_PORT = Pattern.compile("(\\[[0-9A-Fa-f:.]+]|[A-Za-z0-9._-]+):([0-9]{1,5})");
    private static final Pattern INTEGER = Pattern.compile("-?[0-9]{1,15}");
    private static final Pattern NUMBER = Pattern.compile("[+-]?([0-9]+\\.?[0-9]*|\\.[0-9]+)([eE][+-]?[0-9]+)?");

    /** Whole numbers up to this are exact. */
    private static final double EXACT = 1L << 53;

    private static final int HTTP_PORT = 80;
    private static final int HTTPS_PORT = 443;
    private static final int MAX_PORT = 65_535;
    private static final int SHORTEST_SECRET = 16;

    private ValueTypes() {}

    static ValueType<Duration> duration(Duration min, Duration max) {
        return new ValueType<>(
                "duration",
                "a duration from " + write(min) + " to " + write(max) + " such as 500ms, 10s or 2m",
                false,
                text -> {
                    var match = DURATION.matcher(text);
                    if (!match.matches()) {
                        return null;
                    }
                    long count = Long.parseLong(match.group(1));
                    var value = switch (match.group(2)) {
                        case "ms" -> Duration.ofMillis(count);
                        case "s" -> Duration.ofSeconds(count);
                        case "m" -> Duration.ofMinutes(count);
                        default -> Duration.ofHours(count);
                    };
                    return value.compareTo(min) < 0 || value.compareTo(max) > 0 ? null : value;
                },
                ValueTypes::write,
                Map.of("type", "string", "pattern", "^[0-9]+(ms|s|m|h)$"));
    }

    static String write(Duration value) {
        long millis = value.toMillis();
        if (millis % 1000 != 0) {
            return millis + "ms";
        }
        long seconds = millis / 1000;
        return seconds % 3600 == 0 && seconds > 0
                ? seconds / 3600 + "h"
                : seconds % 60 == 0 && seconds > 0 ? seconds / 60 + "m" : seconds + "s";
    }

    /** Bytes: {@code KiB}, {@code MiB} and {@code GiB} are powers of 1024, {@code KB}, {@code MB} and {@code GB} of 1000. */
    static ValueType<Long> size(long min, long max) {
        return new ValueType<>(
                "size",
                "a size from " + writeSize(min) + " to " + writeSize(max) + " such as 65536, 512KiB or 32MiB",
                false,
                text -> {
                    var match = SIZE.matcher(text);
                    if (!match.matches()) {
                        return null;
                    }
                    long unit = switch (match.group(2)) {
                        case "KiB" -> 1L << 10;
                        case "MiB" -> 1L << 20;
                        case "GiB" -> 1L << 30;
                        case "KB" -> 1_000L;
                        case "MB" -> 1_000_000L;
                        case "GB" -> 1_000_000_000L;
                        case null, default -> 1L;
                    };
                    long count = Long.parseLong(match.group(1));
                    return count > max / unit || count * unit < min ? null : (Long) (count * unit);
                },
                ValueTypes::writeSize,
                Map.of("type", List.of("string", "integer"), "pattern", "^[0-9]+(B|KiB|MiB|GiB|KB|MB|GB)?$"));
    }

    private static String writeSize(long value) {
        for (int i = 3; i > 0; i--) {
            if (value > 0 && value % (1L << (10 * i)) == 0) {
                return (value >> (10 * i)) + List.of("KiB", "MiB", "GiB").get(i - 1);
            }
        }
        return Long.toString(value);
    }

    static ValueType<Long> integer(long min, long max) {
        return new ValueType<>(
                "integer",
                "a whole number from " + min + " to " + max,
                false,
                text -> {
                    if (!INTEGER.matcher(text).matches()) {
                        return null;
                    }
                    long value = Long.parseLong(text);
                    return value < min || value > max ? null : (Long) value;
                },
                String::valueOf,
                Map.of("type", "integer", "minimum", min, "maximum", max));
    }

    /** A number above zero. */
    static ValueType<Double> weight() {
        return new ValueType<>(
                "number",
                "a number above 0 and at most 1000000 such as 1 or 2.5",
                false,
                text -> number(text, value -> value > 0 && value <= 1e6),
                ValueTypes::writeNumber,
                Map.of("type", "number", "exclusiveMinimum", 0, "maximum", 1_000_000));
    }

    /** A part of a whole. */
    static ValueType<Double> share() {
        return new ValueType<>(
                "share",
                "a share from 0 to 1 such as 0.05",
                false,
                text -> number(text, value -> value >= 0 && value <= 1),
                ValueTypes::writeNumber,
                Map.of("type", "number", "minimum", 0, "maximum", 1));
    }

    /** A number between two bounds. */
    static ValueType<Double> amount(double least, double most) {
        return new ValueType<>(
                "number",
                "a number from " + writeNumber(least) + " to " + writeNumber(most),
                false,
                text -> number(text, value -> value >= least && value <= most),
                ValueTypes::writeNumber,
                Map.of("type", "number", "minimum", least, "maximum", most));
    }

    /** A whole number between two bounds, which may be too large for an integer. */
    static ValueType<Double> wholeAmount(double least, double most) {
        return new ValueType<>(
                "integer",
                "a whole number from " + writeNumber(least) + " to " + writeNumber(most),
                false,
                text -> number(text, value -> value >= least && value <= most && value == Math.rint(value)),
                ValueTypes::writeNumber,
                Map.of("type", "integer", "minimum", (long) least, "maximum", (long) most));
    }

    private static @Nullable Double number(String text, DoublePredicate allowed) {
        if (!NUMBER.matcher(text).matches()) {
            return null;
        }
        double value = Double.parseDouble(text) + 0.0; // which makes zero of minus zero
        return allowed.test(value) ? (Double) value : null;
    }

    /** Writes a number without an exponent. Not by a BigDecimal where none is needed: its first use takes 40 ms of a start. */
    static String writeNumber(Double value) {
        if (value == Math.rint(value) && Math.abs(value) <= EXACT) {
            return Long.toString(value.longValue());
        }
        String text = value.toString();
        return text.contains("E") ? new BigDecimal(text).stripTrailingZeros().toPlainString() : text;
    }

    /** Returns a share without the digits in which sums of binary fractions are wrong. */
    static String writeShare(double share) {
        return BigDecimal.valueOf(share)
                .setScale(6, RoundingMode.HALF_UP)
                .stripTrailingZeros()
                .toPlainString();
    }

    static ValueType<Boolean> bool() {
        return new ValueType<>(
                "true, false",
                "true or false",
                false,
                text -> switch (text) {
                    case "true" -> Boolean.TRUE;
                    case "false" -> Boolean.FALSE;
                    default -> null;
                },
                String::valueOf,
                Map.of("type", "boolean"));
    }

    /** Unresolved: names are looked up when the listener starts. Port 0 means any free one. */
    static ValueType<InetSocketAddress> hostPort() {
        return new ValueType<>(
                "HOST:PORT",
                "HOST:PORT such as 127.0.0.1:8080, 0.0.0.0:8080 or [::1]:8080",
                false,
                ValueTypes::readHostPort,
                ValueTypes::write,
                Map.of("type", "string", "pattern", "^.+:[0-9]+$"));
    }

    private static @Nullable InetSocketAddress readHostPort(String text) {
        var match = HOST_PORT.matcher(text);
        if (!match.matches()) {
            return null;
        }
        int port = Integer.parseInt(match.group(2));
        String host = match.group(1);
        if (host.startsWith("[")) {
            host = host.substring(1, host.length() - 1);
        }
        return port > MAX_PORT ? null : InetSocketAddress.createUnresolved(host, port);
    }

    static String write(InetSocketAddress address) {
        String host = address.getHostString();
        return (host.contains(":") ? "[" + host + "]" : host) + ":" + address.getPort();
    }

    /** A range of addresses. */
    static ValueType<Subnet> subnet() {
        return new ValueType<>(
                "addresses",
                "an address or a range such as 10.0.0.0/8 or fd00::/8",
                false,
                Subnet::parse,
                Subnet::toString,
                Map.of("type", "string", "minLength", 1));
    }

    /** Scheme, host and port only; the port is always present in the result. */
    static ValueType<URI> httpUrl() {
        return new ValueType<>(
                "URL",
                "http or https URL such as http://10.0.0.7:8000",
                false,
                ValueTypes::readUrl,
                URI::toString,
                Map.of("type", "string", "pattern", "^https?://[^/]+/?$"));
    }

    private static @Nullable URI readUrl(String text) {
        try {
            var url = new URI(text);
            boolean bare = ("".equals(url.getRawPath()) || "/".equals(url.getRawPath()))
                    && url.getRawQuery() == null
                    && url.getRawFragment() == null
                    && url.getRawUserInfo() == null;
            boolean secure = "https".equals(url.getScheme());
            int port = url.getPort() >= 0 ? url.getPort() : secure ? HTTPS_PORT : HTTP_PORT;
            boolean known = secure || "http".equals(url.getScheme());
            return known && url.getHost() != null && bare && port > 0 && port <= MAX_PORT
                    ? new URI(url.getScheme() + "://" + url.getHost() + ":" + port)
                    : null;
        } catch (URISyntaxException e) {
            return null;
        }
    }

    /** Returns one of some names. */
    static ValueType<String> name(List<String> allowed) {
        return choice(allowed, Function.identity());
    }

    /** The name of a policy, or {@code epp:FILE}. */
    static ValueType<String> policy(List<String> names) {
        String all = String.join(", ", names);
        return new ValueType<>(
                all + ", epp:FILE",
                "one of " + all + ", or epp:FILE",
                false,
                text -> names.contains(text) || PoolConfig.pickerFile(text) != null ? text : null,
                Function.identity(),
                Map.of("anyOf", List.of(Map.of("enum", names), Map.of("pattern", "^epp:.+"))));
    }

    /** Returns one of some values, written by their names. */
    static <T> ValueType<T> choice(List<T> values, Function<T, String> name) {
        var byName = new LinkedHashMap<String, T>(); // no streams, which are slow to begin with
        values.forEach(value -> byName.put(name.apply(value), value));
        var names = List.copyOf(byName.keySet());
        return new ValueType<>(
                String.join(", ", names),
                "one of " + String.join(", ", names),
                false,
                byName::get,
                name,
                Map.of("enum", names));
    }

    /** Letters, digits and a few signs: safe in metrics, logs and headers. */
    static ValueType<String> label() {
        var allowed = Pattern.compile("[A-Za-z0-9_.:\\[\\]-]{1,100}");
        return new ValueType<>(
                "name",
                "1 to 100 letters, digits or signs among . _ : -",
                false,
                text -> allowed.matcher(text).matches() ? text : null,
                Function.identity(),
                Map.of("type", "string", "maxLength", 100));
    }

    static ValueType<String> text(String what) {
        return new ValueType<>(
                "text",
                what,
                false,
                text -> text.isBlank() ? null : text,
                Function.identity(),
                Map.of("type", "string", "minLength", 1));
    }

    /** As written; see {@link Section#file} for what it is relative to. */
    static ValueType<Path> path() {
        return new ValueType<>(
                "path",
                "the path of a file",
                false,
                text -> {
                    try {
                        return text.isBlank() ? null : Path.of(text);
                    } catch (InvalidPathException _) {
                        return null;
                    }
                },
                Path::toString,
                Map.of("type", "string", "minLength", 1));
    }

    /** A text, or the beginning of one and a {@code *}. */
    static ValueType<TextPattern> pattern() {
        return new ValueType<>(
                "pattern",
                "a text, or its beginning and *",
                false,
                TextPattern::parse,
                TextPattern::toString,
                Map.of("type", "string", "pattern", "^[^*]*[^*]$|^[^*]*\\*$"));
    }

    /** In lower case, as headers are compared. */
    static ValueType<String> headerName() {
        var token = Pattern.compile("[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}"); // RFC 9110, 5.6.2
        return new ValueType<>(
                "header name",
                "a header name such as x-app",
                false,
                text -> token.matcher(text).matches() ? text.toLowerCase(Locale.ROOT) : null,
                Function.identity(),
                Map.of("type", "string", "minLength", 1, "maxLength", 100));
    }

    static ValueType<ApiKey> apiKey() {
        return new ValueType<>(
                "API key",
                "sha256: and 64 hexadecimal digits, or a key of " + ApiKey.SHORTEST
                        + " to 4096 visible ASCII characters",
                true,
                ApiKey::parse,
                ApiKey::toString,
                Map.of("type", "string", "minLength", ApiKey.SHORTEST));
    }

    static ValueType<PromptSecret> secret() {
        return new ValueType<>(
                "secret",
                "at least " + SHORTEST_SECRET + " characters, such as the output of: openssl rand -hex 16",
                true,
                text -> text.length() < SHORTEST_SECRET ? null : PromptSecret.of(text),
                PromptSecret::toString,
                Map.of("type", "string", "minLength", SHORTEST_SECRET));
    }
}
