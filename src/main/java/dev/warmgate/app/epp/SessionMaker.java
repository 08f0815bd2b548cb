package dev.warmgate.app.epp;

import dev.warmgate.app.text.Quoted;
import dev.warmgate.router.profile.SessionAffinity;
import dev.warmgate.router.profile.SessionAffinity.EncodedEndpointHeader;
import dev.warmgate.router.profile.SessionAffinity.SessionId;
import dev.warmgate.router.profile.SessionAffinity.Source;
import dev.warmgate.router.profile.SessionAffinity.Strategy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Makes what binds a session to an endpoint. Confined to one thread. */
final class SessionMaker {
    private static final int MOST_SECONDS = 366 * 24 * 3600;

    /** What {@code session-id-producer}s read, by their names. */
    private final Map<String, Source> producers = new HashMap<>();

    /** Returns where a {@code session-id-producer} finds the name of a session. */
    Made producer(String name, Parameters p) {
        String header = p.text("headerName", "");
        String cookie = p.text("cookieName", "");
        if (header.isEmpty() == cookie.isEmpty()) {
            p.problem(
                    "headerName",
                    (header.isEmpty() ? "missing" : "beside cookieName")
                            + " (expected: either headerName or cookieName)");
            return Made.NOTHING;
        }
        Source source = header.isEmpty() ? new SessionAffinity.Cookie(cookie) : new SessionAffinity.Header(header);
        producers.put(name, source);
        return Made.of(new Made.Part.OfSession(source));
    }

    /** Returns what the parameters of a filter or scorer say, or null if they are wrong. */
    @Nullable
    SessionAffinity affinity(Parameters p) {
        String which = p.choice("strategy", List.of("encoded_endpoint_header", "session_id"));
        String profile = p.text("profileName", "");
        var encoded = p.object("encodedEndpointHeaderConfig");
        var byId = p.object("sessionIdConfig");
        String header = encoded.text("header", EncodedEndpointHeader.DEFAULT.header());
        var sources = new ArrayList<Source>();
        for (var source : byId.objects("sources")) {
            add(sources, source);
        }
        var ttl = seconds(byId, "evictionTtlSeconds", SessionId.DEFAULT_EVICTION_TTL);
        var sweep = seconds(byId, "evictionSweepSeconds", SessionId.DEFAULT_EVICTION_SWEEP);
        boolean remembers = which.equals("session_id");
        if (remembers && !byId.has("sources")) {
            byId.problem("sources", "missing (expected: at least one of {header: …} or {attribute: …, producer: …})");
            return null;
        }
        if (remembers && (sources.isEmpty() || ttl == null || sweep == null)) {
            return null;
        }
        var strategy = PluginSet.<Strategy>attempt(
                remembers ? byId : encoded,
                () -> remembers && ttl != null && sweep != null
                        ? new SessionId(sources, ttl, sweep)
                        : new EncodedEndpointHeader(header));
        return strategy == null ? null : new SessionAffinity(strategy, profile);
    }

    private void add(List<Source> sources, Parameters p) {
        String header = p.text("header", "");
        String attribute = p.text("attribute", "");
        String producer = p.text("producer", PluginTypes.SESSION_ID);
        if (header.isEmpty() == attribute.isEmpty()) {
            p.problem("header", "expected: either header or attribute");
        } else if (!header.isEmpty()) {
            var source = PluginSet.attempt(p, () -> new SessionAffinity.Header(header));
            if (source != null) {
                sources.add(source);
            }
        } else {
            var source = producers.get(producer);
            if (source == null) {
                p.problem(
                        "producer",
                        Quoted.of(producer) + " is no session-id-producer among plugins (expected: the name of one)");
            } else {
                sources.add(source);
            }
        }
    }

    private static @Nullable Duration seconds(Parameters p, String name, Duration otherwise) {
        int seconds = p.integer(name, Math.toIntExact(otherwise.toSeconds()));
        if (seconds < 1 || seconds > MOST_SECONDS) {
            p.unexpected(name, "1 to " + MOST_SECONDS);
            return null;
        }
        return Duration.ofSeconds(seconds);
    }
}
