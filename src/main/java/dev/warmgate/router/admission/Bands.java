package dev.warmgate.router.admission;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The bands of one queue, and what they are owed. Owned by the pool's lock.
 */
final class Bands {
    private AdmissionSettings settings;

    /** By how far the priority is below the highest. */
    private final @Nullable Band[] byPriority =
            new @Nullable Band[Standing.HIGHEST_PRIORITY - Standing.LOWEST_PRIORITY + 1];

    /** The highest priority first; {@code waiting} are those with requests waiting. */
    private final List<Band> seen = new ArrayList<>();

    private final List<Band> seenByAll = Collections.unmodifiableList(seen);
    private final List<Band> waiting = new ArrayList<>();

    /** What bands without settings may be owed together, as a share of all work. */
    private double unpromised;

    Bands(AdmissionSettings settings) {
        this.settings = settings;
        this.unpromised = unpromised(settings);
    }

    private static double unpromised(AdmissionSettings settings) {
        // Who promises everything to others does not mean to starve the rest.
        double rest = Math.max(BandSettings.DEFAULT_MIN_SHARE, 1 - AdmissionSettings.promised(settings.bands()));
        return Math.min(BandSettings.DEFAULT_SHARES, rest);
    }

    /** Takes other settings, for bands that were seen as well. */
    void settings(AdmissionSettings other) {
        settings = other;
        unpromised = unpromised(other);
        for (var band : seen) {
            band.settings(other.band(band.priority()), other.isSet(band.priority()));
        }
    }

    Band band(int priority) {
        int index = Standing.HIGHEST_PRIORITY - priority;
        var band = byPriority[index];
        if (band == null) {
            band = new Band(seen.size(), settings.band(priority), settings.isSet(priority));
            byPriority[index] = band;
            insert(seen, band);
        }
        return band;
    }

    /** Returns all that were ever seen. */
    List<Band> seen() {
        return seenByAll;
    }

    /** Returns those with requests waiting. */
    List<Band> waiting() {
        return waiting;
    }

    /** Hears that a band has requests waiting, having had none. */
    void begins(Band band) {
        insert(waiting, band);
    }

    /** Hears that a band has no requests waiting any more; what it took too much is not forgiven. */
    void ends(Band band) {
        waiting.remove(band);
        band.owed = Math.min(band.owed, 0);
    }

    private static void insert(List<Band> into, Band band) {
        int i = into.size();
        while (i > 0 && into.get(i - 1).priority() < band.priority()) {
            i--;
        }
        into.add(i, band);
    }

    /** Books that work of a band goes: whoever waits below others is owed its share of all work. */
    void dispatched(Band band, double seconds) {
        if (!waiting.isEmpty()) {
            int top = Math.max(band.priority(), waiting.getFirst().priority());
            double unset = unsetShare(top);
            for (var other : waiting) {
                if (other == band ? band.isOwed() : other.priority() < top) {
                    double share = other.configured() ? other.settings().minShare() : unset;
                    double due = share * seconds;
                    // Its own work is what it is owed; what it gets beside that is a gift.
                    other.owe(other == band ? due - seconds : due);
                }
            }
        }
    }

    /** Returns the share of each band below a priority that set none. */
    private double unsetShare(int top) {
        int count = 0;
        for (var other : waiting) {
            if (other.priority() < top && !other.configured()) {
                count++;
            }
        }
        return Math.min(BandSettings.DEFAULT_MIN_SHARE, unpromised / Math.max(1, count));
    }
}
