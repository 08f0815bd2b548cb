package dev.warmgate.router.policy;

import dev.warmgate.router.Candidates;
import dev.warmgate.router.RoutingPolicy;

/**
 * Always the same endpoint for the same session, by rendezvous hashing (Thaler and Ravishankar, 1998): when an endpoint
 * leaves, only its own sessions move. The session is the client's own name for it, else the prompt's first block;
 * without either, any endpoint.
 */
public final class SessionHash implements RoutingPolicy {
    @Override
    public String name() {
        return "session-hash";
    }

    @Override
    public int choose(Candidates candidates) {
        var request = candidates.request();
        long session;
        if (request.session() != null) {
            session = request.session().hashCode() * 0x9E3779B97F4A7C15L;
        } else if (request.prompt().count() > 0) {
            session = request.prompt().hash(0);
        } else {
            return candidates.random().nextInt(candidates.size());
        }
        int best = 0;
        long bestHash = Long.MIN_VALUE;
        for (int i = 0; i < candidates.size(); i++) {
            long hash = mix(session ^ mix(candidates.endpoint(i).name().hashCode()));
            if (hash > bestHash) {
                best = i;
                bestHash = hash;
            }
        }
        return best;
    }

    /** The finalizer of SplitMix64 (Steele, Lea and Flood, 2014). */
    private static long mix(long value) {
        long z = value + 0x9E3779B97F4A7C15L;
        z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }
}
