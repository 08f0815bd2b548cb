package dev.warmgate.router.quota;

import java.util.ArrayList;
import java.util.List;

/**
 * What the store in memory shall do, written down plainly: every reservation by itself, time in steps of the 15 seconds
 * after which ages are told apart, levels with fractions.
 */
final class ModelStore {
    private static final double NANOS_PER_MINUTE = 60e9;
    private static final long STEP = 15_000_000_000L;
    private static final int STEPS_UNTIL_COUNTED = 4;
    private static final long DAY_MILLIS = 86_400_000L;

    private final List<QuotaLimit> limits;
    private final double[] used;
    private final List<Reserved> open = new ArrayList<>();
    private long nanos;
    private long millis;

    ModelStore(List<QuotaLimit> limits, long millis) {
        this.limits = limits;
        this.used = new double[limits.size()];
        this.millis = millis;
    }

    /** One reservation; amounts by limit, 0 where it has nothing to do with one. */
    static final class Reserved {
        private final long[] booked;
        private final long[] counted;
        private long since;

        Reserved(long[] booked, long since) {
            this.booked = booked.clone();
            this.counted = new long[booked.length];
            this.since = since;
        }

        long booked(int i) {
            return booked[i];
        }
    }

    void advance(long by) {
        long end = nanos + by;
        for (long edge = (nanos / STEP + 1) * STEP; edge <= end; edge += STEP) {
            flow(edge);
            for (var reserved : open) {
                if (edge / STEP - reserved.since / STEP == STEPS_UNTIL_COUNTED) {
                    countAll(reserved);
                }
            }
        }
        flow(end);
    }

    private void flow(long to) {
        for (int i = 0; i < used.length; i++) {
            if (window(i) == QuotaKind.Window.MINUTE) {
                used[i] = Math.max(0, used[i] - limits.get(i).limit() * ((to - nanos) / NANOS_PER_MINUTE));
            }
        }
        long later = millis + Math.floorDiv(to, 1_000_000) - Math.floorDiv(nanos, 1_000_000);
        for (int i = 0; i < used.length; i++) {
            if (window(i) == QuotaKind.Window.DAY && later / DAY_MILLIS != millis / DAY_MILLIS) {
                used[i] = 0;
            }
        }
        millis = later;
        nanos = to;
    }

    private void countAll(Reserved reserved) {
        for (int i = 0; i < used.length; i++) {
            if (window(i) == QuotaKind.Window.MINUTE) {
                used[i] += reserved.booked[i] - reserved.counted[i];
                reserved.counted[i] = reserved.booked[i];
            }
        }
    }

    long millis() {
        return millis;
    }

    long held(int i) {
        return open.stream().mapToLong(r -> r.booked[i] - r.counted[i]).sum();
    }

    double used(int i) {
        return used[i];
    }

    /** Returns whether all amounts fit, where that does not hang on rounding. */
    boolean fits(long[] more) {
        for (int i = 0; i < more.length; i++) {
            if (more[i] > 0 && more[i] > limits.get(i).limit() - held(i) - used[i] + 1e-6) {
                return false;
            }
        }
        return true;
    }

    Reserved reserve(long[] amounts) {
        var reserved = new Reserved(amounts, nanos);
        open.add(reserved);
        return reserved;
    }

    void grow(Reserved reserved, long[] nowUsed, long[] total) {
        for (int i = 0; i < used.length; i++) {
            long counted = Math.max(reserved.counted[i], Math.min(nowUsed[i], total[i]));
            count(i, counted - reserved.counted[i]);
            reserved.counted[i] = counted;
            reserved.booked[i] = total[i];
        }
        reserved.since = nanos;
    }

    void settle(Reserved reserved, long[] really) {
        open.remove(reserved);
        for (int i = 0; i < used.length; i++) {
            long more = really[i] - reserved.counted[i];
            if (more > 0 || window(i) == QuotaKind.Window.DAY) {
                count(i, more);
            }
        }
    }

    private void count(int i, long amount) {
        if (window(i) != QuotaKind.Window.RUNNING) {
            used[i] = Math.max(0, used[i] + amount);
        }
    }

    private QuotaKind.Window window(int i) {
        return limits.get(i).kind().window();
    }
}
