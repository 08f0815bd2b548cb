package dev.warmgate.app.config;

import dev.warmgate.engine.link.EngineKey;
import dev.warmgate.engine.link.EngineLinks;
import dev.warmgate.engine.link.LinkSettings;
import dev.warmgate.engine.link.TlsSettings;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import org.jspecify.annotations.Nullable;

/** Reads how to get to endpoints, and tries the files that are named. Confined to one thread. */
final class LinkParser {
    private final Problems problems;

    LinkParser(Problems problems) {
        this.problems = problems;
    }

    /** Returns what holds for the endpoints of a pool. */
    LinkSettings pool(Section pool) {
        var key = key(pool, LinkKeys.API_KEY, LinkKeys.API_KEY_FILE);
        var settings = new LinkSettings(pool.get(LinkKeys.PROTOCOL), key, tls(pool.section("tls")));
        return checked(settings, pool.origin(), pool.path());
    }

    /** Returns what holds for one endpoint, or null if that is what holds for its pool. */
    @Nullable
    LinkSettings endpoint(Section endpoint, LinkSettings pool) {
        var protocol = endpoint.find(LinkKeys.ENDPOINT_PROTOCOL);
        var key = key(endpoint, LinkKeys.ENDPOINT_API_KEY, LinkKeys.ENDPOINT_API_KEY_FILE);
        String serverName = endpoint.find(LinkKeys.ENDPOINT_SERVER_NAME);
        if (protocol == null && key == null && serverName == null) {
            return null;
        }
        var settings = new LinkSettings(
                protocol == null ? pool.protocol() : protocol,
                key == null ? pool.key() : key,
                pool.tls().withServerName(serverName));
        return settings.equals(pool) ? null : checked(settings, endpoint.origin(), endpoint.path());
    }

    private TlsSettings tls(Section section) {
        var certificate = section.find(LinkKeys.CERTIFICATE_FILE);
        var key = section.find(LinkKeys.KEY_FILE_OF_CERTIFICATE);
        if ((certificate == null) != (key == null)) {
            var missing = certificate == null ? LinkKeys.CERTIFICATE_FILE : LinkKeys.KEY_FILE_OF_CERTIFICATE;
            problems.add(section.origin(), section.path(missing), "missing (expected: a certificate and its key)");
            certificate = null;
            key = null;
        }
        return new TlsSettings(
                section.find(LinkKeys.CA_FILE),
                section.find(LinkKeys.SERVER_NAME),
                certificate,
                key,
                section.get(LinkKeys.VERIFY));
    }

    private @Nullable EngineKey key(Section section, Setting<EngineKey> given, Setting<Path> file) {
        var key = section.find(given);
        var path = section.find(file);
        if (key != null && path != null) {
            problems.add(section.origin(file), section.path(file), "next to apiKey (expected: one of the two)");
        }
        return key != null ? key : path == null ? null : new EngineKey.InFile(path);
    }

    private LinkSettings checked(LinkSettings settings, Origin origin, String path) {
        try {
            EngineLinks.check(settings);
        } catch (GeneralSecurityException e) {
            problems.add(origin, path, String.valueOf(e.getMessage()));
        }
        return settings;
    }
}
