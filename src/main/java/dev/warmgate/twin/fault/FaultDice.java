package dev.warmgate.twin.fault;

import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/** Decides for one replica which fault happens when, and counts. Confined to one thread. */
public final class FaultDice {
    private final FaultPlan plan;
    private final SplittableRandom random;
    private final Map<Fault, Integer> left = new EnumMap<>(Fault.class);
    private final Map<Fault, Long> happened = new EnumMap<>(Fault.class);

    /** Creates the dice of the replica with this number. */
    public FaultDice(FaultPlan plan, int replica) {
        this.plan = plan;
        // Of seeds that follow each other the generator makes much the same first numbers unless they are mixed.
        this.random = new SplittableRandom(new SplittableRandom(plan.seed() + replica).nextLong());
        plan.chances().forEach((fault, chance) -> left.put(fault, chance.next()));
    }

    /** Returns what was planned. */
    public FaultPlan plan() {
        return plan;
    }

    /** Returns the fault that happens at this occasion, or null. */
    public @Nullable Fault at(Fault.Moment moment) {
        if (plan.chances().isEmpty()) {
            return null;
        }
        for (var entry : left.entrySet()) {
            if (entry.getKey().moment() == moment && entry.getValue() > 0) {
                entry.setValue(entry.getValue() - 1);
                return count(entry.getKey());
            }
        }
        double drawn = random.nextDouble();
        for (var entry : plan.chances().entrySet()) {
            if (entry.getKey().moment() == moment) {
                drawn -= entry.getValue().probability();
                if (drawn < 0) {
                    return count(entry.getKey());
                }
            }
        }
        return null;
    }

    /** Counts a fault that happens without dice. */
    public Fault count(Fault fault) {
        happened.merge(fault, 1L, Long::sum);
        return fault;
    }

    /** Returns a number from 0 to below the bound. */
    public int below(int bound) {
        return random.nextInt(bound);
    }

    /** Returns how often each fault has happened; those that never did are missing. */
    public Map<Fault, Long> happened() {
        return Collections.unmodifiableMap(new EnumMap<>(happened));
    }
}
