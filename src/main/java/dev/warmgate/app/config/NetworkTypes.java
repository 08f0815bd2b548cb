package dev.warmgate.app.config;

import java.net.InetAddress;
import java.util.Map;
import java.util.function.Function;
import java.util.regex.Pattern;

/** The kinds of values that name something in a network. */
final class NetworkTypes {
    private static final Pattern HOST_NAME = Pattern.compile(
            "(?=.{1,253}$)[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?(\\.[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*");
    private static final Pattern DOMAIN =
            Pattern.compile("(?=.{1,254}$)[A-Za-z0-9_-]{1,63}(\\.[A-Za-z0-9_-]{1,63})*\\.?");

    private NetworkTypes() {}

    /** An IP address or a host name (RFC 1123, 2.1). */
    static ValueType<String> host() {
        return new ValueType<>(
                "host",
                "an IP address or a host name such as 10.0.0.7 or vllm-0.vllm",
                false,
                text -> HOST_NAME.matcher(text).matches() || isAddress(text) ? text : null,
                Function.identity(),
                Map.of("type", "string", "minLength", 1));
    }

    private static boolean isAddress(String text) {
        try {
            return text.indexOf('%') < 0 && InetAddress.ofLiteral(text) != null;
        } catch (IllegalArgumentException _) {
            return false;
        }
    }

    /** Also with labels that begin with an underscore, as those of services do (RFC 2782). */
    static ValueType<String> domain() {
        return new ValueType<>(
                "DNS name",
                "a DNS name such as vllm.default.svc.cluster.local",
                false,
                text -> DOMAIN.matcher(text).matches() ? text : null,
                Function.identity(),
                Map.of("type", "string", "minLength", 1, "maxLength", 254));
    }
}
