package dev.warmgate.router.policy;

import dev.warmgate.router.Candidates;
import dev.warmgate.router.Explanation.Price;
import dev.warmgate.router.Explanation.Term;
import dev.warmgate.router.PrefillSpeeds;
import dev.warmgate.router.RoutingPolicy;
import dev.warmgate.router.prefix.PrefixMatch;
import java.util.Arrays;
import java.util.List;

/**
 * The default: the endpoint where this request costs the fleet the least time.
 *
 * <p>Confined to its pool's lock.
 */
public final class Warm implements RoutingPolicy {
    /*
     * For endpoint i, in seconds:
     *
     *   cost_i = W_i + 0.4·u_i + 3·a_i·L_i·(1 + mean W / 2) + t·(22 + 0.015·n)·B_i + 0.2·((x_i − 0.8) / 0.2)² + 0.5·h_i
     *
     * W_i: how long what is there already keeps us waiting. u_i: the prefill of the U of n prompt tokens that are not held,
     * each with its own arithmetic and attention over what is before it, u = t_i·U·(1 + κ·(n − U/2)), t_i learned from i's
     * answers. The other terms are what others pay.
     *
     * a_i·L_i: work delays those who come after us, the more so the longer the fleet's queues and the busier the endpoint
     * is, and evicts what it holds. Relative to the average candidate, with R_i the seconds of prefill dispatched to i per
     * second and B_i its requests, in flight or waiting in the gateway for it before us:
     *
     *   L_i = √( (B_i + 1) / (mean B + 1) ) · (R_i + 0.02) / (mean R + 0.02)
     *
     * a_i is u_i at the candidates' mean speed t: an endpoint that computes faster does not decode faster by as much, nor
     * has it as much more memory. There is a discount for popular prefixes: computing one at a second home is an
     * investment shared with the requests to come, but only while its present homes are busier than the average (heat):
     *
     *   heat(s) = max(0, (1 + min B over owners(s)) / (1 + mean B) − 1)
     *   a_i     = t/t_i · u_i/U · Σ over segments s not held by i:
     *             tokens(s) / (1 + 3·heat(s)·popularity(s) / (owners(s) + 1))
     *
     * popularity(s) counts the recent prompts that parted from this one at s or later, hence shared s. What i held not
     * long ago counts as held by 0.2: were it forgotten, a conversation whose blocks were evicted would scatter.
     *
     * The fourth term: each request that decodes there shares its steps with us, and reads memory more slowly for our
     * context. The fifth: x_i is the share of i's KV cache that its requests and we would use; near 1 somebody waits. The last
     * one: h_i of the answers there are to be expected to miss their target for the time per token because we stall them.
     *
     * An endpoint that came or came back a short while ago and should take a share of its usual work only looks as busy as if
     * it had all of it: W_i, B_i and R_i are divided by that share.
     *
     * Each term and what happens without it: docs/routing.md.
     */

    /** What sharing steps with us costs each request that decodes, in tokens of prefill. */
    private static final double STEP_TOKENS = 22;

    /** The same, for each token of our context, which every step reads. */
    private static final double CONTEXT_TOKENS = 0.015;

    /** Share of the KV cache from which on memory costs. */
    private static final double ROOMY = 0.8;

    /** The same, and a little less: saves the division. */
    private static final double SURELY_ROOMY = 0.79;

    /** Utilisation at which differences begin to count. */
    private static final double IDLE = 0.02;

    private final String name;
    private final Weights weights;

    /** By leading segments held: what the rest of the known part counts, in tokens. */
    private double[] discounted = new double[16];

    private double[] inFlightBySlot = new double[16];

    // By candidate, read once for all terms.

    /** How much busier it looks than it is, because it should take a share of its usual work only. */
    private double[] factors = new double[16];

    private double[] requests = new double[16];
    private double[] waits = new double[16];
    private double[] utilisations = new double[16];
    private double[] secondsPerToken = new double[16];

    // Of the choice at hand.
    private double meanInFlight;
    private double meanUtilisation;
    private double meanWait;

    /** Prefill at the mean speed of the candidates. */
    private double meanSecondsPerToken;

    /** Prompt tokens. */
    private int tokens;

    /** The same, with attention, where nothing is held. */
    private double coldTokens;

    /** What others pay at an endpoint that holds nothing and is as busy as the average. */
    private double coldOthers;

    /** What each request pays that decodes. */
    private double decodeSeconds;

    /** Creates the policy as it serves. */
    public Warm() {
        this(Policies.WARM, Weights.DEFAULT);
    }

    /** Creates the policy under another name and with other weights, to see what each does. */
    public Warm(String name, Weights weights) {
        this.name = name;
        this.weights = weights;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public boolean readsPrefixIndex() {
        return true;
    }

    @Override
    public boolean pricesSlowStart() {
        return true;
    }

    @Override
    public int choose(Candidates candidates) {
        look(candidates);
        int n = candidates.size();
        int best = 0;
        double bestCost = Double.POSITIVE_INFINITY;
        int ties = 1;
        for (int i = 0; i < n; i++) {
            double effective = effectiveTokens(candidates, i);
            double wait = wait(i);
            double prefill = prefill(i, effective);
            double decode = decode(i);
            // What is left out is not negative, and sums are rounded in order: the cost is not below this.
            if (wait + prefill + decode > bestCost) {
                continue;
            }
            double cost = wait
                    + prefill
                    + others(candidates, i, effective)
                    + decode
                    + memory(candidates, i)
                    + stalls(candidates, i, effective);
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
        double effective = effectiveTokens(candidates, i);
        double wait = wait(i);
        double prefill = prefill(i, effective);
        double others = others(candidates, i, effective);
        double decode = decode(i);
        double memory = memory(candidates, i);
        double stalls = stalls(candidates, i, effective);
        var terms = List.of(
                new Term("wait", wait),
                new Term("prefill", prefill),
                new Term("others", others),
                new Term("decode", decode),
                new Term("memory", memory),
                new Term("stalls", stalls));
        return new Price(
                wait + prefill + others + decode + memory + stalls, terms, waits[i] + prefillSeconds(candidates, i));
    }

    /** Takes what all candidates are compared with, and of each what does not depend on the prompt. */
    private void look(Candidates candidates) {
        int n = candidates.size();
        long now = candidates.nanoTime();
        double inFlight = 0;
        double utilisation = 0;
        double speeds = 0;
        double wait = 0;
        Arrays.fill(inFlightBySlot, Double.POSITIVE_INFINITY);
        grow(n);
        for (int i = 0; i < n; i++) {
            var endpoint = candidates.endpoint(i);
            int slot = endpoint.slot();
            if (slot >= inFlightBySlot.length) {
                int before = inFlightBySlot.length;
                inFlightBySlot = Arrays.copyOf(inFlightBySlot, slot * 2);
                Arrays.fill(inFlightBySlot, before, slot * 2, Double.POSITIVE_INFINITY);
            }
            double share = candidates.share(i);
            double factor = share == 1 ? 1 : 1 / share;
            factors[i] = factor;
            requests[i] = candidates.requests(i);
            inFlightBySlot[slot] = requests[i] * factor;
            inFlight += inFlightBySlot[slot];
            utilisations[i] = endpoint.prefillUtilisation(now) * factor;
            utilisation += utilisations[i];
            waits[i] = (weights.clock() ? candidates.prefillWaitSeconds(i) : endpoint.pendingPrefillSeconds()) * factor;
            wait += waits[i];
            secondsPerToken[i] = endpoint.prefillSecondsPerToken();
            speeds += 1 / secondsPerToken[i];
        }
        meanInFlight = inFlight / n;
        meanUtilisation = utilisation / n;
        meanSecondsPerToken = n / speeds;
        meanWait = wait / n;
        tokens = candidates.request().prompt().tokens();
        coldTokens = PrefillSpeeds.effectiveTokens(tokens, tokens);
        discount(candidates.match());
        coldOthers = others(coldTokens, undiscounted(candidates.match(), 0, 0));
        decodeSeconds = weights.decode() * meanSecondsPerToken * (STEP_TOKENS + CONTEXT_TOKENS * tokens);
    }

    private void grow(int n) {
        if (factors.length < n) {
            factors = new double[n * 2];
            requests = new double[n * 2];
            waits = new double[n * 2];
            utilisations = new double[n * 2];
            secondsPerToken = new double[n * 2];
        }
    }

    private double prefillSeconds(Candidates candidates, int i) {
        return secondsPerToken[i] * effectiveTokens(candidates, i);
    }

    /** Returns the tokens that candidate {@code i} must compute, as far as one can count on what it holds. */
    private double effectiveTokens(Candidates candidates, int i) {
        var match = candidates.match();
        int slot = candidates.endpoint(i).slot();
        int former = match.formerTokens(slot);
        if (former == 0) {
            return coldTokens;
        }
        int held = match.cachedTokens(slot);
        return PrefillSpeeds.effectiveTokens(tokens, tokens - held - weights.history() * (former - held));
    }

    // The terms, in seconds.

    private double wait(int i) {
        return weights.queue() * waits[i];
    }

    private double prefill(int i, double effective) {
        return weights.own() * secondsPerToken[i] * effective;
    }

    private double others(Candidates candidates, int i, double effective) {
        var match = candidates.match();
        int slot = candidates.endpoint(i).slot();
        double average = match.formerTokens(slot) == 0
                ? coldOthers
                : others(effective, undiscounted(match, match.cachedTokens(slot), match.heldSegments(slot)));
        return average * relativeLoad(i);
    }

    private double others(double effective, double undiscounted) {
        return weights.others()
                * meanSecondsPerToken
                * effective
                * (1 + weights.congestion() * meanWait)
                * undiscounted;
    }

    private double decode(int i) {
        return decodeSeconds * requests[i] * factors[i];
    }

    private double memory(Candidates candidates, int i) {
        var endpoint = candidates.endpoint(i);
        double capacity = endpoint.kvCapacityTokens();
        double used = candidates.kvTokens(i) + tokens;
        if (used <= SURELY_ROOMY * capacity || capacity == 0) {
            return 0;
        }
        double over = Math.max(0, used / capacity - ROOMY) / (1 - ROOMY);
        return weights.memory() * over * over;
    }

    private double stalls(Candidates candidates, int i, double effective) {
        return weights.stalls()
                * candidates.endpoint(i).answersHarmed(secondsPerToken[i] * effective, candidates.nanoTime());
    }

    /** Returns the share of what an endpoint does not hold that is no investment in a popular prefix. */
    private double undiscounted(PrefixMatch match, int cached, int held) {
        int segments = match.segments();
        int known = segments == 0 ? 0 : match.endTokens(segments - 1);
        double rest = discounted[held];
        if (held < segments) {
            int begin = held == 0 ? 0 : match.endTokens(held - 1);
            double part = (double) Math.max(0, cached - begin) / (match.endTokens(held) - begin);
            rest -= part * (rest - discounted[held + 1]);
        }
        return (rest + tokens - known) / Math.max(1, tokens - cached);
    }

    private double relativeLoad(int i) {
        double busier = Math.sqrt((requests[i] * factors[i] + 1) / (meanInFlight + 1));
        double relative = (utilisations[i] + IDLE) / (meanUtilisation + IDLE);
        return busier * (weights.utilisation() == 1 ? relative : Math.pow(relative, weights.utilisation()));
    }

    /** Fills {@link #discounted}. */
    private void discount(PrefixMatch match) {
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
            int segment = match.endTokens(s) - (s == 0 ? 0 : match.endTokens(s - 1));
            discounted[s] = discounted[s + 1]
                    + segment / (1 + weights.investment() * heat * popularity / (match.owners(s) + 1));
        }
    }
}
