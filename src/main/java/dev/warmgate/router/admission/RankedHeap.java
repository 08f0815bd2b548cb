package dev.warmgate.router.admission;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A heap whose elements have a rank that is a number, the lowest first; of equal ones those that came first. Four children
 * to a node and ranks side by side, because most of its time goes into looking at memory: with a thousand tenants before a
 * hundred endpoints there are hundreds of these. O(log n); confined to the pool's lock.
 *
 * @param <T> an element is in one heap of its {@link Heap.Place} at a time
 */
final class RankedHeap<T> {
    private static final int NOWHERE = -1;
    private static final int CHILDREN = 4;

    private final Heap.Place<T> place;
    private final List<T> elements = new ArrayList<>(1);
    private double[] ranks = new double[1];
    private long[] since = new long[1];

    RankedHeap(Heap.Place<T> place) {
        this.place = place;
    }

    boolean isEmpty() {
        return elements.isEmpty();
    }

    /** Returns the first element; there must be one. */
    T first() {
        return elements.getFirst();
    }

    /** Returns the rank of the first element; there must be one. */
    double firstRank() {
        return ranks[0];
    }

    void add(T element, double rank, long cameAt) {
        int size = elements.size();
        if (size == ranks.length) {
            ranks = Arrays.copyOf(ranks, size * 2);
            since = Arrays.copyOf(since, size * 2);
        }
        elements.add(element);
        up(size, element, rank, cameAt);
    }

    /** Gives the first element a rank that is higher than its present one. */
    void raiseFirst(double rank) {
        down(0, elements.getFirst(), rank, since[0]);
    }

    // It is about this very element.
    @SuppressWarnings("ReferenceEquality")
    void remove(T element) {
        int i = place.get(element);
        T last = elements.removeLast();
        if (last != element) {
            int from = elements.size();
            double rank = ranks[from];
            long cameAt = since[from];
            int parent = (i - 1) / CHILDREN;
            if (i > 0 && isBefore(rank, cameAt, ranks[parent], since[parent])) {
                up(i, last, rank, cameAt);
            } else {
                down(i, last, rank, cameAt);
            }
        }
        place.set(element, NOWHERE);
    }

    private void up(int from, T element, double rank, long cameAt) {
        int i = from;
        while (i > 0) {
            int parent = (i - 1) / CHILDREN;
            if (!isBefore(rank, cameAt, ranks[parent], since[parent])) {
                break;
            }
            put(i, elements.get(parent), ranks[parent], since[parent]);
            i = parent;
        }
        put(i, element, rank, cameAt);
    }

    private void down(int from, T element, double rank, long cameAt) {
        int i = from;
        while (true) {
            int child = firstChild(i);
            if (child < 0 || !isBefore(ranks[child], since[child], rank, cameAt)) {
                break;
            }
            put(i, elements.get(child), ranks[child], since[child]);
            i = child;
        }
        put(i, element, rank, cameAt);
    }

    private static boolean isBefore(double rank, long cameAt, double other, long otherCameAt) {
        return rank < other || (rank == other && cameAt < otherCameAt);
    }

    /** Returns which child goes first, or -1 if there is none. */
    private int firstChild(int i) {
        int from = CHILDREN * i + 1;
        int end = Math.min(from + CHILDREN, elements.size());
        int best = -1;
        for (int child = from; child < end; child++) {
            if (best < 0 || isBefore(ranks[child], since[child], ranks[best], since[best])) {
                best = child;
            }
        }
        return best;
    }

    private void put(int i, T element, double rank, long cameAt) {
        elements.set(i, element);
        ranks[i] = rank;
        since[i] = cameAt;
        place.set(element, i);
    }
}
