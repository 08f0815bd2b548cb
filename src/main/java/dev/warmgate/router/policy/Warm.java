package dev.warmgate.router.policy;

import dev.warmgate.router.Candidates;
import dev.warmgate.router.Explanation.Price;
import dev.warmgate.router.Explanation.Term;
import dev.warmgate.router.PrefillSpeeds;
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
     * For endpoint i, with B_i requests in flight and P_i seconds of prefill dispatched whose first token has not come:
     *
     *   cost_i = ( u_i  +  a_i·B_i  +  0.3·P_i·(B_i + 1) ) · ( 1 + 0.1·(P_i − min P) / τ )
     *
     * that is: what i must compute for us, what our computing costs the requests that decode there meanwhile, what the
     * queue there costs us; the factor prices queues against the TTFT target τ.
     *
     * u_i is the time to prefill U of n prompt tokens, those not held: each costs its own arithmetic and attention over what
     * is before it, u = t_i·U·(1 + κ·(n − U/2)), with t_i learned from its answers (PrefillSpeeds). What i held not long
     * ago counts half as held: were it forgotten, a conversation whose blocks were evicted would scatter over the fleet.
     *
     * a_i is u_i at the candidates' mean speed t: an endpoint that computes faster does not decode faster by as much, nor
     * has it as much more memory; with its own speed here, fast endpoints take on more than they can decode. There is a
     * discount for popular prefixes: computing one at a second home is an investment shared with the requests to come,
     * but only while its present homes are busier than the average endpoint (heat):
     *
     *   heat(s) = max(0, (1 + min B over owners(s)) / (1 + mean B) − 1)
     *   a_i     = t/t_i · u_i/U · Σ over segments s not held by i:
     *             tokens(s) / (1 + 3·heat(s)·popularity(s) / (owners(s) + 1))
     *
     * popularity(s) counts the recent prompts that parted from this one at s or later, hence shared s. Each term and
     * what happens without it: docs/routing.md.
     */
    private static final double QUEUE = 0.3;
    private static final double BACKLOG = 0.1;
    private static final double INVESTMENT = 3;

    /** What a token is worth that was held and is believed to be evicted, as a share of one that is held. */
    private static final double HISTORY = 0.5;

    /** TTFT target, in seconds, while objectives do not set one. */
    private static final double TTFT_TARGET_SECONDS = 2;

    /** By leading segments held: what the rest of the known part counts, in tokens. */
    private double[] discounted = new double[16];

    private double[] inFlightBySlot = new double[16];

    /** Least backlog of a candidate in the choice at hand, in seconds. */
    private double leastPending;

    /** Prefill at the mean speed of the candidates in the choice at hand. */
    private double meanSecondsPerToken;

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
        double speeds = 0;
        leastPending = Double.POSITIVE_INFINITY;
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
            speeds += 1 / endpoint.prefillSecondsPerToken();
            inFlightBySlot[endpoint.slot()] = inFlight;
            leastPending = Math.min(leastPending, endpoint.pendingPrefillSeconds());
        }
        meanSecondsPerToken = n / speeds;
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
        candidates.costSeconds(bestCost);
        candidates.prefillSeconds(prefillSeconds(candidates, best));
        return best;
    }

    @Override
    public Price price(Candidates candidates, int i) {
        var terms = new ArrayList<Term>();
        double cost = cost(candidates, i, terms);
        var endpoint = candidates.endpoint(i);
        return new Price(cost, terms, endpoint.pendingPrefillSeconds() + prefillSeconds(candidates, i));
    }

    private static double prefillSeconds(Candidates candidates, int i) {
        int tokens = candidates.request().prompt().tokens();
        double uncached =
                tokens - presumed(candidates.match(), candidates.endpoint(i).slot());
        return candidates.endpoint(i).prefillSecondsPerToken() * PrefillSpeeds.effectiveTokens(tokens, uncached);
    }

    /** Returns how many tokens an endpoint holds, as far as one can count on it. */
    private static double presumed(PrefixMatch match, int slot) {
        int held = match.cachedTokens(slot);
        return held + HISTORY * (match.formerTokens(slot) - held);
    }

    /** Returns the cost of candidate {@code i} in seconds, and adds what it is made of to {@code terms} if somebody asks. */
    private double cost(Candidates candidates, int i, @Nullable List<Term> terms) {
        var match = candidates.match();
        var endpoint = candidates.endpoint(i);
        int promptTokens = candidates.request().prompt().tokens();
        int cached = match.cachedTokens(endpoint.slot());
        int known = match.segments() == 0 ? 0 : match.endTokens(match.segments() - 1);
        double adjusted = discounted[match.heldSegments(endpoint.slot())] + promptTokens - known;
        int inFlight = endpoint.inFlight();
        double pending = endpoint.pendingPrefillSeconds();
        double prefill = prefillSeconds(candidates, i);
        double atMeanSpeed = prefill * (meanSecondsPerToken / endpoint.prefillSecondsPerToken());
        double decode = atMeanSpeed * inFlight * (adjusted / Math.max(1, promptTokens - cached));
        double queue = QUEUE * pending * (inFlight + 1.0);
        double factor = 1 + BACKLOG * (pending - leastPending) / TTFT_TARGET_SECONDS;
        double sum = prefill + decode + queue;
        if (terms != null) {
            terms.add(new Term("prefill", prefill));
            terms.add(new Term("decode", decode));
            terms.add(new Term("queue", queue));
            terms.add(new Term("backlog", sum * (factor - 1)));
        }
        return sum * factor;
    }

    /** Fills {@link #discounted}. */
    private void discount(PrefixMatch match, double meanInFlight) {
        int segments = match.segments();
        if (discounted.length <= segments) {
            discounted = new double[(segments + 1) * 2];
        }
        discounted[segments] = 0;
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
            discounted[s] = discounted[s + 1] + tokens / (1 + INVESTMENT * heat * popularity / (match.owners(s) + 1));
        }
    }
}
