package dev.warmgate.router.policy;

import dev.warmgate.router.Candidates;
import dev.warmgate.router.Explanation.Price;
import dev.warmgate.router.Explanation.Term;
import dev.warmgate.router.RoutingPolicy;
import dev.warmgate.router.prefix.PrefixMatch;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The default: the endpoint where this request costs the fleet the least time.
 *
 * <p>Confined to its pool's lock.
 */
public final class Warm implements RoutingPolicy {
    /*
     * For endpoint i, with U_i prompt tokens to compute there, B_i requests in flight and P_i uncached tokens dispatched
     * whose first token has not come:
     *
     *   cost_i = ( 2·U_i  +  A_i·B_i  +  0.1·P_i·(B_i + 1) ) · ( 1 + 0.1·(backlog_i − min backlog) / τ )
     *
     * that is: what i must compute for us, what our computing costs the requests that decode there meanwhile, what the
     * queue there costs us; the factor prices queues against the TTFT target τ. A_i is U_i with a discount for popular
     * prefixes: computing one at a second home is an investment shared with the requests to come, but only while its
     * present homes are busier than the average endpoint (heat):
     *
     *   heat(s) = max(0, (1 + min B over owners(s)) / (1 + mean B) − 1)
     *   A_i     = Σ over segments s not held by i:  tokens(s) / (1 + 3·heat(s)·popularity(s) / (owners(s) + 1))
     *
     * popularity(s) counts the recent prompts that parted from this one at s or later, hence shared s. Each term and
     * what happens without it: docs/routing.md.
     */
    private static final double OWN = 2;

    private static final double QUEUE = 0.1;
    private static final double BACKLOG = 0.1;
    private static final double INVESTMENT = 3;

    /** TTFT target, in seconds, while objectives do not set one. */
    private static final double TTFT_TARGET_SECONDS = 2;

    /** Prefill time per token of a 32B model on two 80 GB GPUs; a common factor on a homogeneous fleet. */
    private static final double SECONDS_PER_TOKEN = 60e-6;

    private double[] discounted = new double[16];
    private double[] inFlightBySlot = new double[16];

    /** Least backlog of a candidate in the choice at hand, in tokens. */
    private long leastPending;

    @Override
    public String name() {
        return Policies.WARM;
    }

    @Override
    public boolean readsPrefixIndex() {
        return true;
    }

    @Override
    public int choose(Candidates candidates) {
        int n = candidates.size();
        double sum = 0;
        leastPending = Long.MAX_VALUE;
        int slots = 0;
        for (int i = 0; i < n; i++) {
            slots = Math.max(slots, candidates.endpoint(i).slot() + 1);
        }
        if (inFlightBySlot.length < slots) {
            inFlightBySlot = new double[slots * 2];
        }
        Arrays.fill(inFlightBySlot, Double.POSITIVE_INFINITY);
        for (int i = 0; i < n; i++) {
            var endpoint = candidates.endpoint(i);
            int inFlight = endpoint.inFlight();
            sum += inFlight;
            inFlightBySlot[endpoint.slot()] = inFlight;
            leastPending = Math.min(leastPending, endpoint.pendingPrefillTokens());
        }
        discount(candidates.match(), sum / n);

        int best = 0;
        double bestCost = Double.POSITIVE_INFINITY;
        int ties = 1;
        for (int i = 0; i < n; i++) {
            double cost = cost(candidates, i, null);
            if (cost < bestCost) {
                best = i;
                bestCost = cost;
                ties = 1;
            } else if (cost == bestCost && candidates.random().nextInt(++ties) == 0) {
                best = i;
            }
        }
        candidates.costSeconds(bestCost * SECONDS_PER_TOKEN);
        return best;
    }

    @Override
    public Price price(Candidates candidates, int i) {
        var terms = new ArrayList<Term>();
        double cost = cost(candidates, i, terms);
        var endpoint = candidates.endpoint(i);
        int uncached =
                candidates.request().prompt().tokens() - candidates.match().cachedTokens(endpoint.slot());
        return new Price(
                cost * SECONDS_PER_TOKEN, terms, (endpoint.pendingPrefillTokens() + uncached) * SECONDS_PER_TOKEN);
    }

    /** Returns the cost of candidate {@code i} in tokens, and adds what it is made of to {@code terms} if somebody asks. */
    private double cost(Candidates candidates, int i, @Nullable List<Term> terms) {
        var match = candidates.match();
        var endpoint = candidates.endpoint(i);
        int promptTokens = candidates.request().prompt().tokens();
        int cached = match.cachedTokens(endpoint.slot());
        int inFlight = endpoint.inFlight();
        long pending = endpoint.pendingPrefillTokens();
        double shared = 0;
        int known = 0;
        for (int s = match.segments() - 1; s >= 0 && match.endTokens(s) > cached; s--) {
            shared += discounted[s];
            known = Math.max(known, match.endTokens(s));
        }
        double adjusted = shared + (promptTokens - Math.max(known, cached));
        double backlog = (pending - leastPending) * SECONDS_PER_TOKEN;
        double prefill = OWN * (promptTokens - cached);
        double decode = adjusted * inFlight;
        double queue = QUEUE * pending * (inFlight + 1.0);
        double factor = 1 + BACKLOG * backlog / TTFT_TARGET_SECONDS;
        double sum = prefill + decode + queue;
        if (terms != null) {
            terms.add(new Term("prefill", prefill * SECONDS_PER_TOKEN));
            terms.add(new Term("decode", decode * SECONDS_PER_TOKEN));
            terms.add(new Term("queue", queue * SECONDS_PER_TOKEN));
            terms.add(new Term("backlog", sum * (factor - 1) * SECONDS_PER_TOKEN));
        }
        return sum * factor;
    }

    /** Fills {@link #discounted}: what each segment's tokens count where they must be computed. */
    private void discount(PrefixMatch match, double meanInFlight) {
        int segments = match.segments();
        if (discounted.length < segments) {
            discounted = new double[segments * 2];
        }
        double popularity = 0;
        for (int s = segments - 1; s >= 0; s--) {
            popularity += match.popularity(s);
            double leastBusy = Double.POSITIVE_INFINITY;
            for (int o = 0; o < match.owners(s); o++) {
                int slot = match.owner(s, o);
                if (slot < inFlightBySlot.length) {
                    leastBusy = Math.min(leastBusy, inFlightBySlot[slot]);
                }
            }
            double heat =
                    leastBusy == Double.POSITIVE_INFINITY ? 0 : Math.max(0, (1 + leastBusy) / (1 + meanInFlight) - 1);
            int tokens = match.endTokens(s) - (s == 0 ? 0 : match.endTokens(s - 1));
            discounted[s] = tokens / (1 + INVESTMENT * heat * popularity / (match.owners(s) + 1));
        }
    }
}
