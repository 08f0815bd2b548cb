package dev.warmgate.twin.workload;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;
import java.util.zip.GZIPInputStream;

/**
 * The conversation trace that Mooncake published (FAST 2025): an hour of a chat service, 12,031 requests.
 *
 * <p>It comes with Warmgate as lines of {@code milliseconds input output blocks}, where blocks that count up are written as
 * ranges ({@code 0 14-27}): the same facts as the published file in about a twentieth of its size.
 */
final class ConversationTrace {
    /** The recording clock's tick: requests carry the time of the tick before. */
    static final double TICK_SECONDS = 3;

    private static final String RESOURCE = "conversation.txt.gz";

    private static final long SLICE_FROM_MILLIS = 600_000;
    private static final long SLICE_TO_MILLIS = 1_200_000;
    private static final int SLICE_SHARE = 5;

    private ConversationTrace() {}

    /** Returns all requests, in order of their timestamps. */
    static List<TraceRequest> whole() {
        var in = ConversationTrace.class.getResourceAsStream(RESOURCE);
        if (in == null) {
            throw new IllegalStateException(RESOURCE + " is missing in this build");
        }
        try (var reader =
                new BufferedReader(new InputStreamReader(new GZIPInputStream(in), StandardCharsets.US_ASCII))) {
            return reader.lines().map(ConversationTrace::request).toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Returns the second ten minutes, every fifth conversation of them: 366 requests, timed from the slice's start.
     *
     * <p>Requests whose second block is equal count as one conversation.
     */
    static List<TraceRequest> slice() {
        var md5 = md5();
        return whole().stream()
                .filter(request -> request.timestampMillis() >= SLICE_FROM_MILLIS
                        && request.timestampMillis() < SLICE_TO_MILLIS
                        && Byte.toUnsignedInt(md5.digest(Integer.toString(conversation(request))
                                                .getBytes(StandardCharsets.US_ASCII))[0])
                                        % SLICE_SHARE
                                == 0)
                .map(request -> new TraceRequest(
                        request.timestampMillis() - SLICE_FROM_MILLIS,
                        request.inputTokens(),
                        request.outputTokens(),
                        request.blocks()))
                .toList();
    }

    /**
     * Returns all requests as a plan.
     *
     * @param spread whether arrivals are spread uniformly over their tick, or come in bursts as recorded
     * @param timeScale factor of all times
     */
    static Plan plan(String name, boolean spread, long seed, double timeScale) {
        var random = new SplittableRandom(seed);
        var arrivals = new ArrayList<Arrival>();
        for (var request : whole()) {
            double at = request.timestampMillis() / 1e3 + (spread ? random.nextDouble() * TICK_SECONDS : 0);
            arrivals.add(new Arrival(at * timeScale, request));
        }
        arrivals.sort(Comparator.comparingDouble(Arrival::seconds));
        var requests = new ArrayList<PlannedRequest>();
        for (var arrival : arrivals) {
            var request = arrival.request();
            requests.add(PlannedRequest.alone(
                    "c-" + conversation(request),
                    null,
                    arrival.seconds(),
                    List.of(request.message(TraceWorkload.BLOCK_STREAM)),
                    Plan.answer(requests.size(), request.outputTokens())));
        }
        return new Plan(name, requests);
    }

    /** Returns what tells conversations apart: the second block, because all of them share the first. */
    private static int conversation(TraceRequest request) {
        return request.blocks().get(1);
    }

    private static TraceRequest request(String line) {
        var fields = line.split(" ", -1);
        var blocks = new ArrayList<Integer>();
        for (int i = 3; i < fields.length; i++) {
            int dash = fields[i].indexOf('-');
            int first = Integer.parseInt(dash < 0 ? fields[i] : fields[i].substring(0, dash));
            int last = dash < 0 ? first : Integer.parseInt(fields[i].substring(dash + 1));
            for (int block = first; block <= last; block++) {
                blocks.add(block);
            }
        }
        return new TraceRequest(
                Long.parseLong(fields[0]), Integer.parseInt(fields[1]), Integer.parseInt(fields[2]), blocks);
    }

    private static MessageDigest md5() {
        try {
            return MessageDigest.getInstance("MD5");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private record Arrival(double seconds, TraceRequest request) {}
}
