package dev.warmgate.app.config;

import dev.warmgate.engine.discovery.SourceSpec;
import dev.warmgate.engine.discovery.SourceSpec.RecordType;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads where else a pool's endpoints come from. */
final class DiscoveryParser {
    private final Problems problems;

    DiscoveryParser(Problems problems) {
        this.problems = problems;
    }

    /** Returns a pool's sources; none if there is no section. */
    List<SourceSpec> parse(Section discovery) {
        var sources = new ArrayList<SourceSpec>();
        var file = discovery.section("file");
        if (file.written()) {
            var path = file.require(DiscoveryKeys.FILE) == null ? null : file.file(DiscoveryKeys.FILE);
            var interval = file.get(DiscoveryKeys.FILE_INTERVAL);
            if (path != null) {
                sources.add(new SourceSpec.OfFile(path, interval));
            }
        }
        for (var section : discovery.sections("dns", "names in DNS")) {
            var source = dns(section);
            if (source != null) {
                sources.add(source);
            }
        }
        if (discovery.written() && !file.written() && discovery.isEmptyList("dns")) {
            problems.add(discovery.origin(), discovery.path(), "empty (expected: file or dns)");
        }
        return sources;
    }

    private @Nullable SourceSpec dns(Section section) {
        var name = section.require(DiscoveryKeys.DNS_NAME);
        var type = section.get(DiscoveryKeys.DNS_TYPE);
        var port = section.find(DiscoveryKeys.DNS_PORT);
        if (type == RecordType.ADDRESS && !section.has(DiscoveryKeys.DNS_PORT)) {
            problems.add(
                    section.origin(),
                    section.path(DiscoveryKeys.DNS_PORT),
                    "missing (expected: " + DiscoveryKeys.DNS_PORT.type().expected() + ", or type: srv)");
        }
        if (type == RecordType.SRV && port != null) {
            problems.add(
                    section.origin(DiscoveryKeys.DNS_PORT),
                    section.path(DiscoveryKeys.DNS_PORT),
                    Section.quote(port.toString()) + " (expected: none, SRV records say the port)");
        }
        var least = section.get(DiscoveryKeys.DNS_MIN_TTL);
        var most = section.get(DiscoveryKeys.DNS_MAX_TTL);
        if (most.compareTo(least) < 0) {
            problems.add(
                    section.origin(DiscoveryKeys.DNS_MAX_TTL),
                    section.path(DiscoveryKeys.DNS_MAX_TTL),
                    Section.quote(ValueTypes.write(most)) + " (expected: at least minTtl, " + ValueTypes.write(least)
                            + ")");
            most = least;
        }
        var engine = section.get(DiscoveryKeys.DNS_ENGINE);
        var servers = section.findAll(DiscoveryKeys.DNS_SERVER);
        return name == null
                ? null
                : new SourceSpec.OfDns(
                        name,
                        type,
                        type == RecordType.SRV || port == null ? 0 : Math.toIntExact(port),
                        section.get(DiscoveryKeys.DNS_SCHEME),
                        engine,
                        servers,
                        least,
                        most);
    }
}
