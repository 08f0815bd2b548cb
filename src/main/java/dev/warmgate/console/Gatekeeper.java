package dev.warmgate.console;

import static java.util.Locale.ROOT;

import dev.warmgate.router.tenancy.ApiKey;
import java.net.InetAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Set;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * Who may use the admin door. Any thread.
 *
 * <p>With a token: whoever presents it as {@code Authorization: Bearer} (RFC 6750, 2.1).
 *
 * <p>Without one the door is on loopback, and whoever runs programs on this machine may use it. A web page that a
 * browser on this machine shows must not: it can make the browser send requests here, and, with a host name of its own
 * that resolves to 127.0.0.1, even read the answers ("DNS rebinding"). Hence the {@code Host} must be a name of this
 * machine's loopback.
 *
 * <p>Requests that change something must in both cases not come from a page of another site. Browsers say so in
 * {@code Sec-Fetch-Site} (W3C Fetch Metadata) and, for every POST, in {@code Origin} (Fetch standard, 3.2); programs
 * send neither.
 */
final class Gatekeeper {
    private static final String BEARER = "bearer ";
    private static final Set<String> OWN_SITE = Set.of("same-origin", "none");

    private final LongAdder refused = new LongAdder();

    /** Replaced when the configuration is; null lets everybody on this machine in. */
    private volatile @Nullable ApiKey token;

    Gatekeeper(@Nullable ApiKey token) {
        this.token = token;
    }

    void token(@Nullable ApiKey replacement) {
        token = replacement;
    }

    long refused() {
        return refused.sum();
    }

    /**
     * Returns why a request may not go on, or null if it may.
     *
     * @param changes whether it asks for more than to read
     */
    @Nullable
    Page refuse(Asked asked, boolean changes) {
        var page = stranger(asked);
        if (page == null && changes && fromAnotherSite(asked)) {
            page = Page.text(403, "Refused: a web page of another site may not do this.\n");
        }
        if (page != null) {
            refused.increment();
        }
        return page;
    }

    private @Nullable Page stranger(Asked asked) {
        var expected = token;
        if (expected != null) {
            if (expected.equals(presented(asked))) {
                return null;
            }
            return Page.text(401, "A token is needed: send \"Authorization: Bearer …\" (listeners.adminToken).\n")
                    .with("WWW-Authenticate", "Bearer realm=\"warmgate-admin\"");
        }
        String host = asked.header("Host");
        return host == null || ofLoopback(host)
                ? null
                : Page.text(
                        421,
                        "Refused: without a token this port answers only to localhost, 127.0.0.1 and [::1], not to the"
                                + " host name of this request (set listeners.adminToken).\n");
    }

    private static @Nullable ApiKey presented(Asked asked) {
        String credentials = asked.header("Authorization");
        return credentials != null && credentials.toLowerCase(ROOT).startsWith(BEARER)
                ? ApiKey.presented(credentials.substring(BEARER.length()).strip())
                : null;
    }

    private static boolean ofLoopback(String host) {
        try {
            String name = new URI("http://" + host).getHost();
            if (name == null) {
                return false;
            }
            String lower = name.toLowerCase(ROOT);
            return lower.equals("localhost")
                    || lower.endsWith(".localhost") // RFC 6761, 6.3: never anything but loopback
                    || InetAddress.ofLiteral(lower).isLoopbackAddress();
        } catch (URISyntaxException | IllegalArgumentException _) {
            return false;
        }
    }

    private static boolean fromAnotherSite(Asked asked) {
        String site = asked.header("Sec-Fetch-Site");
        if (site != null && !OWN_SITE.contains(site.toLowerCase(ROOT))) {
            return true;
        }
        String origin = asked.header("Origin");
        return origin != null && !origin.equalsIgnoreCase("http://" + asked.header("Host"));
    }
}
