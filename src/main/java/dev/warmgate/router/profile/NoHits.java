package dev.warmgate.router.profile;

import java.util.Arrays;
import java.util.LinkedHashSet;

/**
 * Which endpoints got a prompt that nobody held, the oldest first, so that new prompts go round. Owned by the pool's lock.
 */
final class NoHits implements Step.Scoring {
    /*
     * Somebody holds the prompt: 0.5 for all. Else, of n candidates, u of them never chosen so:
     *
     *   the j-th of those never chosen:   1 − j/(n − 1)
     *   the others:                       1 − (u + p)/(n − 1), at least 0, p the place in the order
     */
    private static final double NEUTRAL = 0.5;

    private final int most;

    /** Slots. */
    private final LinkedHashSet<Integer> order = new LinkedHashSet<>();

    /** By slot, −1 for none; filled for each round. */
    private int[] places = new int[16];

    private boolean cold;

    NoHits(int most) {
        this.most = most;
    }

    @Override
    public void score(Round round, double[] scores) {
        cold = isCold(round);
        int n = round.size();
        if (!cold || n == 1) {
            Arrays.fill(scores, 0, n, cold ? 1 : NEUTRAL);
            return;
        }
        int unused = place(round);
        int next = 0;
        for (int k = 0; k < n; k++) {
            int place = places[round.endpoint(round.left(k)).slot()];
            double rank = place < 0 ? next++ : unused + place;
            scores[k] = Math.max(0, 1 - rank / (n - 1));
        }
    }

    private static boolean isCold(Round round) {
        for (int k = 0; k < round.size(); k++) {
            if (round.matchBlocks(round.left(k)) > 0) {
                return false;
            }
        }
        return true;
    }

    /** Finds the candidates' places, and returns how many have none. */
    private int place(Round round) {
        int slots = 0;
        for (int slot : order) {
            slots = Math.max(slots, slot + 1);
        }
        for (int k = 0; k < round.size(); k++) {
            slots = Math.max(slots, round.endpoint(round.left(k)).slot() + 1);
        }
        if (places.length < slots) {
            places = new int[slots * 2];
        }
        Arrays.fill(places, -1);
        int at = 0;
        for (int slot : order) {
            places[slot] = at++;
        }
        int unused = 0;
        for (int k = 0; k < round.size(); k++) {
            unused += places[round.endpoint(round.left(k)).slot()] < 0 ? 1 : 0;
        }
        return unused;
    }

    @Override
    public void booked(Round round, int choice) {
        if (cold) {
            order.addLast(round.endpoint(choice).slot());
            if (order.size() > most) {
                order.removeFirst();
            }
        }
    }

    @Override
    public void forget(int slot) {
        order.remove(slot);
    }
}
