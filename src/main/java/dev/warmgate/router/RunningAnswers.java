package dev.warmgate.router;

/**
 * How much of its answers one endpoint has generated so far, and with how many others each answer shared its steps, reckoned
 * from the clock: a gateway need not count tokens as they pass.
 *
 * <p>Owned by the pool's lock.
 */
final class RunningAnswers {
    /*
     * With k answers begun at b_1 … b_k and r tokens per second and answer, r·(k·now − Σ b) tokens are there. r comes from
     * the answers that ended here, the last 64 counting most; as times are nanoseconds, sums may wrap around, their
     * differences do not.
     */
    private static final double KEPT = 1 - 1.0 / 64;

    /**
     * With whom an answer shared the steps that made it.
     *
     * @param answers how many there were, this one included
     * @param tokenPrice what each of its tokens took of its step, in tokens of prefill
     */
    record Company(double answers, double tokenPrice) {
        /** What is assumed while nothing is known. */
        static final Company USUAL = new Company(20, Work.price(20, 20));
    }

    /** What was counted when an answer began. */
    record Mark(long at, double shared, long prefills, long prefillTokens) {}

    /** Of how many answers the mean company is remembered. */
    private static final double ANSWERS = 32;

    private int count;
    private long beginnings;
    private double endedTokens;
    private double endedNanos;

    /** Tokens of an answer per nanosecond; 0 while no answer has ended. */
    private double speed;

    /** Integral of 1/k over time, in nanoseconds, while k > 0: what an answer had of the steps that ran all the time. */
    private double shared;

    private long sharedAt;
    private Company usual = Company.USUAL;

    /** Steps with prompts in them, and the tokens of these. */
    private long prefills;

    private long prefillTokens;

    /** Hears that an answer's first token came. */
    void begin(long now) {
        pass(now);
        count++;
        beginnings += now;
    }

    /**
     * Hears that an answer ended.
     *
     * @param began when {@link #begin} was called for it
     * @param tokens its length, or -1 if unknown
     */
    void end(long began, long now, int tokens) {
        pass(now);
        count--;
        beginnings -= began;
        if (tokens > 1 && now - began > 0) {
            endedTokens = endedTokens * KEPT + tokens;
            endedNanos = endedNanos * KEPT + (now - began);
            speed = endedTokens / endedNanos;
        }
    }

    private void pass(long now) {
        // Clocks are read before the lock is taken.
        if (count > 0 && now - sharedAt > 0) {
            shared += (double) (now - sharedAt) / count;
        }
        sharedAt = count > 0 && now - sharedAt < 0 ? sharedAt : now;
    }

    /** Hears that so many tokens of a prompt were computed. */
    void prefilled(long tokens) {
        prefills += Math.ceilDiv(tokens, Work.MOST_TOKENS);
        prefillTokens += tokens;
    }

    /** Returns what an answer needs that begins. */
    Mark mark(long now) {
        pass(now);
        return new Mark(now, shared, prefills, prefillTokens);
    }

    /**
     * Returns with whom an answer ran that ends, before that is heard.
     *
     * @param tokens its length, or -1 if unknown
     */
    Company since(Mark mark, int tokens, long now) {
        pass(now);
        if (now - mark.at <= 0 || shared <= mark.shared) {
            return usual;
        }
        double answers = Math.max(1, (now - mark.at) / (shared - mark.shared));
        long steps = prefills - mark.prefills;
        double price = Work.price(answers, answers);
        if (tokens > 0 && steps > 0) {
            // Each of its tokens was a step, and some of these were filled up with prompts.
            double filled = Math.min(1, (double) steps / tokens);
            double filling = (double) (prefillTokens - mark.prefillTokens) / steps;
            price += filled * (Work.price(answers + filling, answers) - price);
        }
        usual = new Company(
                usual.answers + (answers - usual.answers) / ANSWERS,
                usual.tokenPrice + (price - usual.tokenPrice) / ANSWERS);
        return new Company(answers, price);
    }

    /** Returns the company that the last answers had. */
    Company usual() {
        return usual;
    }

    /** Returns the tokens of all running answers together; 0 while no answer has ended. */
    double tokens(long now) {
        return speed * (count * now - beginnings);
    }
}
