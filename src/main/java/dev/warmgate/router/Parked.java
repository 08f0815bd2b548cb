package dev.warmgate.router;

/**
 * What waits in the gateway for one endpoint.
 *
 * <p>Written under the pool's lock; what is not only for those that {@linkplain Room yield} may be read by anyone.
 */
final class Parked {
    private volatile int requests;
    private volatile double prefillSeconds;
    private volatile double kvTokens;

    // Of these, the ones that yield to others.
    private int yielding;
    private double yieldingSeconds;
    private double yieldingTokens;

    private volatile boolean hidden;

    /**
     * Hears that requests came or went: how many, for how much prefill, how many tokens of KV cache they will take, and whether
     * they yield to others.
     */
    // Only under the pool's lock, so that plain read-modify-write on the volatiles is safe.
    @SuppressWarnings("NonAtomicVolatileUpdate")
    void add(int more, double moreSeconds, double moreTokens, boolean thatYield) {
        if (thatYield) {
            yielding += more;
            yieldingSeconds = yielding == 0 ? 0 : yieldingSeconds + moreSeconds;
            yieldingTokens = yielding == 0 ? 0 : yieldingTokens + moreTokens;
        }
        requests += more;
        prefillSeconds = requests == 0 ? 0 : prefillSeconds + moreSeconds;
        kvTokens = requests == 0 ? 0 : kvTokens + moreTokens;
    }

    int requests() {
        return requests;
    }

    double prefillSeconds() {
        return prefillSeconds;
    }

    /** Says whether to look as if nobody waited, for one that goes before all of them. */
    void hide(boolean is) {
        hidden = is;
    }

    /** Returns those that go before a request, which may pass the ones that yield. */
    int requestsBefore(boolean passing) {
        return hidden ? 0 : passing ? requests - yielding : requests;
    }

    /** Returns the prefill, in seconds, of those that go before a request, which may pass the ones that yield. */
    double secondsBefore(boolean passing) {
        return hidden ? 0 : passing ? prefillSeconds - yieldingSeconds : prefillSeconds;
    }

    /** Returns the tokens of KV cache of those that go before a request, which may pass the ones that yield. */
    double tokensBefore(boolean passing) {
        return hidden ? 0 : passing ? kvTokens - yieldingTokens : kvTokens;
    }
}
