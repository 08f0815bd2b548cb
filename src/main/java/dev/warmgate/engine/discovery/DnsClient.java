package dev.warmgate.engine.discovery;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.xbill.DNS.CNAMERecord;
import org.xbill.DNS.DClass;
import org.xbill.DNS.ExtendedResolver;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.Resolver;
import org.xbill.DNS.ResolverConfig;
import org.xbill.DNS.Section;
import org.xbill.DNS.SimpleResolver;

/**
 * Asks name servers and keeps the times to live, which the JDK's resolver hides. Truncated answers are asked for again
 * over TCP (RFC 7766, 5) by the library. Confined to one thread; blocks.
 */
final class DnsClient {
    /** Aliases of aliases that are followed. */
    private static final int MOST_ALIASES = 8;

    private static final Duration TIMEOUT = Duration.ofSeconds(2);

    /**
     * An answer.
     *
     * @param records those asked for; empty if the name has none or does not exist
     * @param ttlSeconds how long it may be believed: the least of the records and the aliases that led to them; meaningless
     *     if there are no records
     */
    record Answer(List<Record> records, long ttlSeconds) {
        static final Answer NOTHING = new Answer(List.of(), Long.MAX_VALUE);

        Answer {
            records = List.copyOf(records);
        }
    }

    private final Resolver resolver;
    private final List<Name> searchPath;
    private final int ndots;

    /**
     * Creates a client.
     *
     * @param servers to be asked; empty for the system's, with its search path
     */
    DnsClient(List<InetSocketAddress> servers) {
        ExtendedResolver extended;
        if (servers.isEmpty()) {
            ResolverConfig.refresh(); // it reads the system's settings once, and these change
            extended = new ExtendedResolver();
            searchPath = ResolverConfig.getCurrentConfig().searchPath();
            ndots = ResolverConfig.getCurrentConfig().ndots();
        } else {
            extended = new ExtendedResolver(servers.stream()
                    .<Resolver>map(server ->
                            new SimpleResolver(new InetSocketAddress(server.getHostString(), server.getPort())))
                    .toList());
            searchPath = List.of();
            ndots = 0;
        }
        extended.setTimeout(TIMEOUT);
        extended.setRetries(2);
        resolver = extended;
    }

    /**
     * Returns the records of a name, as written or below a name of the search path, in the order of resolv.conf(5).
     *
     * @throws IOException if no server answered, or only that it failed
     */
    Answer ask(String domain, int type) throws IOException {
        for (var name : candidates(domain)) {
            var answer = ask(name, type);
            if (!answer.records().isEmpty()) {
                return answer;
            }
        }
        return Answer.NOTHING;
    }

    /** Returns the records of an absolute name. */
    Answer ask(Name name, int type) throws IOException {
        var current = name;
        long ttl = Long.MAX_VALUE;
        int aliases = 0;
        Message response = null;
        while (aliases <= MOST_ALIASES) {
            if (response == null) {
                response = send(current, type);
            }
            var found = new ArrayList<Record>();
            Name alias = null;
            for (var record : response.getSection(Section.ANSWER)) {
                if (record.getName().equals(current) && record.getType() == type) {
                    found.add(record);
                } else if (record.getName().equals(current) && record instanceof CNAMERecord cname) {
                    alias = cname.getTarget();
                    ttl = Math.min(ttl, record.getTTL());
                }
            }
            if (!found.isEmpty()) {
                for (var record : found) {
                    ttl = Math.min(ttl, record.getTTL());
                }
                return new Answer(found, ttl);
            }
            if (alias == null) {
                if (response.getQuestion().getName().equals(current)) {
                    return Answer.NOTHING;
                }
                response = null; // the server knew the alias and not what it stands for
                continue;
            }
            current = alias;
            aliases++;
        }
        throw new IOException("more than " + MOST_ALIASES + " aliases");
    }

    private Message send(Name name, int type) throws IOException {
        var response = resolver.send(Message.newQuery(Record.newRecord(name, type, DClass.IN)));
        int rcode = response.getRcode();
        if (rcode != Rcode.NOERROR && rcode != Rcode.NXDOMAIN) {
            throw new IOException("the name server answered " + Rcode.string(rcode));
        }
        return response;
    }

    private List<Name> candidates(String domain) throws IOException {
        var written = Name.fromString(domain);
        if (written.isAbsolute()) {
            return List.of(written);
        }
        var absolute = Name.concatenate(written, Name.root);
        var names = new ArrayList<Name>();
        for (var suffix : searchPath) {
            names.add(Name.concatenate(written, suffix));
        }
        names.add(written.labels() > ndots ? 0 : names.size(), absolute);
        return names;
    }
}
