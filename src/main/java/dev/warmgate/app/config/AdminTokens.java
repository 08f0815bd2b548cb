package dev.warmgate.app.config;

import dev.warmgate.files.FileContent;
import dev.warmgate.router.tenancy.ApiKey;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Finds the token of the admin door, and refuses a door that is open to others without one. */
final class AdminTokens {
    /** Where the token is if the configuration does not say. */
    static final String VARIABLE = "WARMGATE_ADMIN_TOKEN";

    private final Map<String, String> environment;
    private final Problems problems;

    AdminTokens(Map<String, String> environment, Problems problems) {
        this.environment = environment;
        this.problems = problems;
    }

    /**
     * Returns the token, or null if none is needed; what is wrong is among the problems.
     *
     * @param admin where the door shall be
     */
    @Nullable
    ApiKey parse(Section listeners, InetSocketAddress admin) {
        int before = problems.count();
        var token = find(listeners);
        if (token == null && problems.count() == before && !loopback(admin.getHostString())) {
            problems.add(
                    listeners.origin(Settings.ADMIN),
                    listeners.path(Settings.ADMIN),
                    Section.quote(ValueTypes.write(admin))
                            + " is open to other machines and needs a token (expected: 127.0.0.1:PORT, or"
                            + " listeners.adminToken, listeners.adminTokenFile or the environment variable "
                            + VARIABLE + ")");
        }
        return token;
    }

    private @Nullable ApiKey find(Section listeners) {
        var written = listeners.find(Settings.ADMIN_TOKEN);
        var file = listeners.file(Settings.ADMIN_TOKEN_FILE);
        if (file == null) {
            return written != null ? written : ofEnvironment(listeners);
        }
        if (listeners.has(Settings.ADMIN_TOKEN)) {
            problem(listeners, "both this and adminToken (expected: one of them)");
            return null;
        }
        return switch (FileContent.read(file)) {
            case FileContent.Unreadable(var reason) -> {
                problem(listeners, file + " cannot be read: " + reason);
                yield null;
            }
            case FileContent.Text(var text) -> {
                var token = ApiKey.parse(text.strip());
                if (token == null) {
                    problem(listeners, file + " holds no token (expected: " + expected() + ")");
                }
                yield token;
            }
        };
    }

    private @Nullable ApiKey ofEnvironment(Section listeners) {
        String value = environment.get(VARIABLE);
        if (value == null || listeners.has(Settings.ADMIN_TOKEN)) {
            return null;
        }
        var token = ApiKey.parse(value);
        if (token == null) {
            problems.add(
                    listeners.origin(),
                    listeners.path(Settings.ADMIN_TOKEN),
                    "environment variable " + VARIABLE + ", value hidden (expected: " + expected() + ")");
        }
        return token;
    }

    private void problem(Section listeners, String message) {
        problems.add(listeners.origin(Settings.ADMIN_TOKEN_FILE), listeners.path(Settings.ADMIN_TOKEN_FILE), message);
    }

    private static String expected() {
        return Settings.ADMIN_TOKEN.type().expected();
    }

    /** Names are not looked up: only what can be nothing else is loopback. */
    private static boolean loopback(String host) {
        try {
            return host.equalsIgnoreCase("localhost")
                    || InetAddress.ofLiteral(host).isLoopbackAddress();
        } catch (IllegalArgumentException _) {
            return false;
        }
    }
}
