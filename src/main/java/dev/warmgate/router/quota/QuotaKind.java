package dev.warmgate.router.quota;

import java.math.BigDecimal;
import java.math.RoundingMode;

/**
 * What a limit counts and over which time.
 *
 * <p>Limits per minute refill continuously, because a window that starts anew every minute lets two minutes' worth pass
 * around its edge and then leaves everybody waiting. Limits per day end at midnight UTC, because a budget of a day is
 * something that people and invoices reckon by the calendar.
 */
public enum QuotaKind {
    /** Prompt and output tokens, cached ones included. */
    TOKENS_PER_MINUTE("tokensPerMinute", "tokens per minute", Window.MINUTE, 1, 1, 1e12),
    /** The same, for a day. */
    TOKENS_PER_DAY("tokensPerDay", "tokens per day", Window.DAY, 1, 1, 1e15),
    /** Requests that were sent to an endpoint. */
    REQUESTS_PER_MINUTE("requestsPerMinute", "requests per minute", Window.MINUTE, 1, 1, 1e9),
    /** Requests that have begun and not ended. */
    CONCURRENT_REQUESTS("concurrentRequests", "concurrent requests", Window.RUNNING, 1, 1, 1e6),
    /** Estimated seconds of an endpoint's time: uncached prefill and decode. */
    GPU_SECONDS_PER_MINUTE("gpuSecondsPerMinute", "GPU-seconds per minute", Window.MINUTE, 1e6, 0.001, 1e8),
    /** The same, for a day. */
    GPU_SECONDS_PER_DAY("gpuSecondsPerDay", "GPU-seconds per day", Window.DAY, 1e6, 0.001, 1e11),
    /** Money by the price list, in its currency. */
    MONEY_PER_DAY("moneyPerDay", "money per day", Window.DAY, 1e9, 0.001, 1e9);

    /** How the amount used comes back. */
    public enum Window {
        /** Refills continuously, from empty to full in a minute. */
        MINUTE,
        /** Starts anew at midnight UTC. */
        DAY,
        /** Comes back when the request ends. */
        RUNNING
    }

    private static final double BINARY_NOISE = 1e-6;

    private final String settingName;
    private final String words;
    private final Window window;
    private final double unitsPerOne;
    private final double least;
    private final double most;

    QuotaKind(String settingName, String words, Window window, double unitsPerOne, double least, double most) {
        this.settingName = settingName;
        this.words = words;
        this.window = window;
        this.unitsPerOne = unitsPerOne;
        this.least = least;
        this.most = most;
    }

    /** Returns its name in configurations, such as {@code tokensPerMinute}. */
    public String settingName() {
        return settingName;
    }

    /** Returns its name in sentences, such as {@code tokens per minute}. */
    public String words() {
        return words;
    }

    /** Returns how the amount used comes back. */
    public Window window() {
        return window;
    }

    /** Returns the least limit that can be set. */
    public double least() {
        return least;
    }

    /** Returns the largest limit that can be set. */
    public double most() {
        return most;
    }

    /** Returns whether a limit has to be a whole number. */
    public boolean whole() {
        return unitsPerOne == 1;
    }

    /** Returns whether it limits tokens. */
    public boolean countsTokens() {
        return this == TOKENS_PER_MINUTE || this == TOKENS_PER_DAY;
    }

    /**
     * Returns the limit.
     *
     * @throws IllegalArgumentException if it cannot be a limit of this kind
     */
    public double require(double limit) {
        if (!(limit >= least && limit <= most) || (whole() && limit != Math.rint(limit))) {
            throw new IllegalArgumentException(settingName + ": " + plain(limit) + " (expected: "
                    + (whole() ? "a whole number from " : "") + plain(least) + " to " + plain(most) + ")");
        }
        return limit;
    }

    /**
     * Returns an amount in the units that stores count in: tokens and requests in ones, GPU time in microseconds,
     * money in billionths. Rounded up, so that nothing that costs something is free; what is above a whole number by
     * binary fractions only is that number.
     */
    public long toUnits(double amount) {
        return (long) Math.ceil(amount * unitsPerOne - BINARY_NOISE);
    }

    /** Returns what {@link #toUnits} made units of. */
    public double fromUnits(double units) {
        return units / unitsPerOne;
    }

    /** Returns an amount as people write it: no exponent, at most six decimals. */
    static String plain(double amount) {
        if (!Double.isFinite(amount)) {
            return Double.toString(amount);
        }
        var rounded = BigDecimal.valueOf(amount).setScale(6, RoundingMode.HALF_EVEN);
        return rounded.signum() == 0 ? "0" : rounded.stripTrailingZeros().toPlainString();
    }
}
