package dev.warmgate.twin.comparator;

import dev.warmgate.router.Candidates;
import dev.warmgate.router.RoutingPolicy;
import dev.warmgate.router.prefix.XxHash64;
import java.util.Arrays;

/** KubeAI's prefix hash: consistent hashing with bounded loads. */
final class Chwbl implements RoutingPolicy {
    /*
     * A ring with 256 points per endpoint. From the hash of the prompt's first 100 characters on, the first point whose
     * endpoint has B_i + 1 ≤ 1.25·(Σ B + 1)/N; if there is none, the first one. Here the key is the prompt's first block.
     *
     * Sources: kubeai internal/loadbalancer/balance_chwbl.go; Mirrokni, Thorup and Zadimoghaddam, "Consistent Hashing with
     * Bounded Loads", 2016.
     */
    private static final int POINTS = 256;
    private static final double LOAD_FACTOR = 1.25;

    private int[] slots = new int[0];
    private long[] ring = new long[0];

    @Override
    public String name() {
        return "chwbl";
    }

    @Override
    public int choose(Candidates candidates) {
        int n = candidates.size();
        update(candidates);
        double total = 0;
        for (int i = 0; i < n; i++) {
            total += candidates.endpoint(i).inFlight();
        }
        double limit = total == 0 ? Double.POSITIVE_INFINITY : LOAD_FACTOR * (total + 1) / n;
        var prompt = candidates.request().prompt();
        // A point is a hash whose low bits are the candidate's number.
        long key = prompt.count() == 0 ? 0 : XxHash64.mix(prompt.hash(0));
        int at = Arrays.binarySearch(ring, key);
        int start = at < 0 ? -at - 1 : at;
        for (int i = 0; i < ring.length; i++) {
            int candidate = candidate(start + i);
            if (candidates.endpoint(candidate).inFlight() + 1 <= limit) {
                return candidate;
            }
        }
        return candidate(start);
    }

    private int candidate(int point) {
        return (int) (ring[point % ring.length] & 0xFFFF);
    }

    private void update(Candidates candidates) {
        int n = candidates.size();
        boolean same = slots.length == n;
        for (int i = 0; same && i < n; i++) {
            same = slots[i] == candidates.endpoint(i).slot();
        }
        if (same) {
            return;
        }
        slots = new int[n];
        ring = new long[n * POINTS];
        for (int i = 0; i < n; i++) {
            slots[i] = candidates.endpoint(i).slot();
            long name = candidates.endpoint(i).name().hashCode();
            for (int p = 0; p < POINTS; p++) {
                ring[i * POINTS + p] = (XxHash64.mix(name * 31 * POINTS + p) & ~0xFFFFL) | i;
            }
        }
        Arrays.sort(ring);
    }
}
