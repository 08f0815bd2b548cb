package dev.warmgate.engine.discovery;

import dev.warmgate.engine.discovery.DnsClient.Answer;
import dev.warmgate.engine.discovery.SourceSpec.RecordType;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.xbill.DNS.AAAARecord;
import org.xbill.DNS.ARecord;
import org.xbill.DNS.Name;
import org.xbill.DNS.Record;
import org.xbill.DNS.SRVRecord;
import org.xbill.DNS.Type;

/**
 * Looks a name up, and again when the answer has lived its time.
 *
 * <p>An answer without addresses counts as a failure: a name server that has just started, or a headless service none of
 * whose pods is ready, says the same as one whose name is gone, and endpoints that are really gone are found out by their
 * health checks. IPv4 and IPv6 addresses are both needed: if either question fails, nothing is taken over.
 */
final class DnsLooker implements EndpointSource.Looker {
    private static final Duration RETRY = Duration.ofSeconds(5);

    private final SourceSpec.OfDns spec;

    /** The least time to live of what the present look is made of. */
    private long ttlSeconds;

    DnsLooker(SourceSpec.OfDns spec) {
        this.spec = spec;
    }

    @Override
    public void run(EndpointSource.Readings readings) throws InterruptedException {
        var client = new DnsClient(spec.servers());
        while (true) {
            ttlSeconds = Long.MAX_VALUE;
            Reading reading;
            try {
                reading = look(client);
            } catch (IOException e) {
                String message = e.getMessage();
                reading = new Reading.Failed(message == null ? e.toString() : message);
            }
            readings.accept(reading);
            boolean failed = reading instanceof Reading.Failed;
            Thread.sleep(within(failed ? RETRY : Duration.ofSeconds(Math.min(ttlSeconds, Integer.MAX_VALUE))));
            if (failed) {
                client = new DnsClient(spec.servers());
            }
        }
    }

    private Duration within(Duration wanted) {
        var floored = wanted.compareTo(spec.minTtl()) < 0 ? spec.minTtl() : wanted;
        return floored.compareTo(spec.maxTtl()) > 0 ? spec.maxTtl() : floored;
    }

    private Reading look(DnsClient client) throws IOException {
        var problems = new ArrayList<String>();
        // By address: two targets may be the same server.
        var found = new LinkedHashMap<String, FoundEndpoint>();
        if (spec.type() == RecordType.ADDRESS) {
            for (String address : addresses(
                    counted(client.ask(spec.domain(), Type.A)), counted(client.ask(spec.domain(), Type.AAAA)))) {
                add(found, address, spec.port(), 1);
            }
        } else {
            for (var target : targets(client)) {
                addTarget(client, target, found, problems);
            }
        }
        if (found.isEmpty()) {
            return new Reading.Failed(problems.isEmpty() ? "has no addresses" : String.join("; ", problems));
        }
        return new Reading.Good(List.copyOf(found.values()), problems);
    }

    private void addTarget(DnsClient client, SRVRecord target, Map<String, FoundEndpoint> found, List<String> problems)
            throws IOException {
        var name = target.getTarget();
        if (name.equals(Name.root)) {
            return; // RFC 2782: the service is decidedly not available here
        }
        var addresses = addresses(counted(client.ask(name, Type.A)), counted(client.ask(name, Type.AAAA)));
        if (addresses.isEmpty()) {
            problems.add(name.toString(true) + ": has no addresses");
        }
        for (String address : addresses) {
            add(found, address, target.getPort(), Math.max(1, target.getWeight()));
        }
    }

    private void add(Map<String, FoundEndpoint> found, String address, int port, double weight) {
        found.putIfAbsent(address + " " + port, FoundEndpoint.at(address, port, weight, spec));
    }

    /**
     * Returns the targets of the lowest-numbered priority. RFC 2782: a client must try these first; others are for when none
     * of them can be reached, which is not known here.
     */
    private List<SRVRecord> targets(DnsClient client) throws IOException {
        var records = counted(client.ask(spec.domain(), Type.SRV)).records().stream()
                .map(SRVRecord.class::cast)
                .sorted(Comparator.comparing((SRVRecord record) -> record.getTarget())
                        .thenComparingInt(SRVRecord::getPort))
                .toList();
        int first = records.stream().mapToInt(SRVRecord::getPriority).min().orElse(0);
        return records.stream().filter(record -> record.getPriority() == first).toList();
    }

    private Answer counted(Answer answer) {
        ttlSeconds = Math.min(ttlSeconds, answer.ttlSeconds());
        return answer;
    }

    private static List<String> addresses(Answer v4, Answer v6) {
        var addresses = new ArrayList<String>();
        for (Record record : v4.records()) {
            addresses.add(((ARecord) record).getAddress().getHostAddress());
        }
        for (Record record : v6.records()) {
            addresses.add(((AAAARecord) record).getAddress().getHostAddress());
        }
        addresses.sort(Comparator.naturalOrder());
        return addresses;
    }
}
