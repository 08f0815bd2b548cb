package dev.warmgate.engine.discovery;

import dev.warmgate.engine.EngineKind;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** What is configured about a source of endpoints. Immutable; equal ones are the same source. */
public sealed interface SourceSpec {
    /** Returns the source in words, for logs, metrics and the admin port. */
    String name();

    /**
     * A file that something else writes.
     *
     * @param interval how often it is looked at
     */
    record OfFile(Path file, Duration interval) implements SourceSpec {
        @Override
        public String name() {
            return "file " + file;
        }
    }

    /** Which records a name has. */
    enum RecordType {
        /** A and AAAA: the addresses; the port is configured. */
        ADDRESS,
        /** SRV (RFC 2782): hosts and ports. */
        SRV
    }

    /**
     * A name in DNS.
     *
     * @param domain the name that is asked for
     * @param port of the endpoints; 0 for SRV, which says it
     * @param scheme what they speak
     * @param engine what serves there
     * @param servers name servers; empty for those of the system, with its search path
     * @param minTtl asked at most so often, whatever the answer's time to live says
     * @param maxTtl asked at least so often
     */
    record OfDns(
            String domain,
            RecordType type,
            int port,
            Scheme scheme,
            EngineKind engine,
            List<InetSocketAddress> servers,
            Duration minTtl,
            Duration maxTtl)
            implements SourceSpec {
        public static final Duration DEFAULT_MIN_TTL = Duration.ofSeconds(1);
        public static final Duration DEFAULT_MAX_TTL = Duration.ofMinutes(1);

        public OfDns {
            servers = List.copyOf(servers);
        }

        /**
         * Returns the host that is meant, for whom certificates of its endpoints are: that of the service, if the domain
         * begins with one and its protocol (RFC 6125 section 6.2.1: not what an answer named, which anybody may have given).
         */
        public String hostName() {
            String name = domain.endsWith(".") ? domain.substring(0, domain.length() - 1) : domain;
            while (name.startsWith("_") && name.indexOf('.') > 0) {
                name = name.substring(name.indexOf('.') + 1);
            }
            return name;
        }

        @Override
        public String name() {
            return "dns " + domain + (type == RecordType.SRV ? " SRV" : ":" + port);
        }
    }
}
