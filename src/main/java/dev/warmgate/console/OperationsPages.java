package dev.warmgate.console;

import dev.warmgate.console.Operations.Reload;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** What changes something, by POST, and what tells about it, as JSON. Any thread. */
final class OperationsPages {
    static final String RELOAD = "/admin/reload";

    private static final Pattern ENDPOINT = Pattern.compile("/admin/endpoints/([^/]+)/(drain|undrain)");
    private static final Pattern WAIT = Pattern.compile("(?:.*&)?wait=([0-9]{1,7})(ms|s|m|h)(?:&.*)?");
    private static final Duration LONGEST_WAIT = Duration.ofHours(24);

    private final Operations operations;

    OperationsPages(Operations operations) {
        this.operations = operations;
    }

    /** Returns whether a path is one that is posted to. */
    static boolean isPostedTo(String path) {
        return path.equals(RELOAD) || ENDPOINT.matcher(path).matches();
    }

    Page post(Asked asked) throws InterruptedException {
        String path = asked.path();
        var endpoint = ENDPOINT.matcher(path);
        if (!endpoint.matches()) {
            return reload();
        }
        String name = endpoint.group(1);
        return endpoint.group(2).equals("undrain")
                ? undrain(name)
                : drain(name, asked.uri().getQuery());
    }

    private Page reload() {
        var reload = operations.reload();
        int status = switch (reload.result()) {
            case APPLIED, UNCHANGED -> 200;
            case REJECTED -> 422;
            case NO_FILE -> 409;
        };
        return Page.json(status, describe(object(), reload));
    }

    private Page drain(String name, @Nullable String query) throws InterruptedException {
        var wait = wait(query);
        if (wait == null) {
            return Page.text(400, "wait: not a duration (expected: for example ?wait=30s, at most 24h)\n");
        }
        var drain = operations.drain(name, wait);
        if (drain == null) {
            return unknown(name);
        }
        // A script asks with --fail whether the endpoint may be killed: only 200 may say so once it has waited.
        int status = switch (drain.result()) {
            case EMPTY -> 200;
            case DRAINING -> wait.isZero() ? 202 : 504;
            case TAKEN_BACK -> 409;
        };
        return Page.json(
                status,
                object().put("endpoint", name)
                        .put("state", label(drain.result()))
                        .put("inFlight", drain.inFlight()));
    }

    private static @Nullable Duration wait(@Nullable String query) {
        if (query == null || query.isEmpty()) {
            return Duration.ZERO;
        }
        var match = WAIT.matcher(query);
        if (!match.matches()) {
            return query.contains("wait=") ? null : Duration.ZERO;
        }
        var wait = duration(match);
        return wait.compareTo(LONGEST_WAIT) > 0 ? null : wait;
    }

    private static Duration duration(Matcher match) {
        long count = Long.parseLong(match.group(1));
        return switch (match.group(2)) {
            case "ms" -> Duration.ofMillis(count);
            case "s" -> Duration.ofSeconds(count);
            case "m" -> Duration.ofMinutes(count);
            default -> Duration.ofHours(count);
        };
    }

    private Page undrain(String name) {
        var active = operations.undrain(name);
        if (active == null) {
            return unknown(name);
        }
        return Page.json(
                active ? 200 : 409, object().put("endpoint", name).put("state", active ? "active" : "leaving"));
    }

    private static Page unknown(String name) {
        return Page.json(404, object().put("endpoint", name).put("error", "no endpoint of this name; see /endpoints"));
    }

    /** Returns the page about the configuration in force. */
    Page configuration() {
        var config = operations.configuration();
        var page = object();
        page.put("file", config.file())
                .put("version", config.version())
                .put("hash", config.hash())
                .put("since", config.since().toString());
        if (config.last() == null) {
            page.putNull("lastReload");
        } else {
            describe(page.putObject("lastReload"), config.last());
        }
        var sources = page.putArray("sources");
        for (var source : config.sources()) {
            var node = sources.addObject()
                    .put("pool", source.pool())
                    .put("source", source.name())
                    .put("endpoints", source.endpoints())
                    .put("failure", source.failure());
            list(node, "problems", source.problems());
        }
        list(page, "leftOut", config.leftOut());
        return Page.json(200, page);
    }

    private static ObjectNode describe(ObjectNode node, Reload reload) {
        node.put("result", label(reload.result()))
                .put("at", reload.at().toString())
                .put("trigger", reload.trigger());
        list(node, "changes", reload.changes());
        list(node, "problems", reload.problems());
        return node;
    }

    private static void list(ObjectNode node, String name, List<String> lines) {
        lines.forEach(node.putArray(name)::add);
    }

    private static ObjectNode object() {
        return JsonNodeFactory.instance.objectNode();
    }

    private static String label(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
