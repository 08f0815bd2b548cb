package dev.warmgate.twin.workload;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;

/**
 * A recorded trace, replayed: open loop, every request a session of one turn.
 *
 * <p>The published traces tick in steps of a few seconds; within a tick, arrivals are spread uniformly. When a run is
 * longer than the trace it starts over with other text, so that a repetition is not a cache hit.
 *
 * @param name name that its sessions carry
 * @param requests in order of their timestamps; not empty
 * @param tickSeconds length of the recording clock's tick
 */
public record TraceWorkload(String name, List<TraceRequest> requests, double tickSeconds) implements Workload {
    /** Streams of a trace's blocks begin here. */
    static final long BLOCK_STREAM = 1L << 40;

    private static final long LAP_STREAMS = 1L << 32;

    public TraceWorkload {
        requests = List.copyOf(requests);
        if (requests.isEmpty()) {
            throw new IllegalArgumentException("requests: empty (expected: at least one)");
        }
    }

    /** Returns a slice of the conversation trace that Mooncake published, 366 requests in ten minutes. */
    public static TraceWorkload conversationSlice() {
        return new TraceWorkload("conversation", ConversationTrace.slice(), ConversationTrace.TICK_SECONDS);
    }

    @Override
    public List<Session> sessions(long seed, double seconds) {
        var random = new SplittableRandom(seed);
        double lapSeconds = requests.getLast().timestampMillis() / 1e3 + tickSeconds;
        var sessions = new ArrayList<Session>();
        for (long lap = 0; lap * lapSeconds < seconds; lap++) {
            for (var request : requests) {
                double at = lap * lapSeconds + request.timestampMillis() / 1e3 + random.nextDouble() * tickSeconds;
                if (at < seconds) {
                    sessions.add(new Session(name, at, List.of(turn(request, lap))));
                }
            }
        }
        sessions.sort(Comparator.comparingDouble(Session::startSeconds));
        return List.copyOf(sessions);
    }

    private static Turn turn(TraceRequest request, long lap) {
        return new Turn(0, List.of(request.message(BLOCK_STREAM + lap * LAP_STREAMS)), request.outputTokens());
    }
}
