package dev.warmgate.router.admission;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;

/**
 * A binary heap whose elements can leave from the middle: each knows its place. O(log n); confined to the pool's lock.
 *
 * @param <T> an element is in one heap of its {@link Place} at a time
 */
final class Heap<T> {
    private static final int NOWHERE = -1;

    private final Comparator<T> order;
    private final Place<T> place;
    private final List<T> elements = new ArrayList<>();

    /** Where elements keep their index; those in no heap hold -1. */
    interface Place<T> {
        int get(T element);

        void set(T element, int index);
    }

    Heap(Comparator<T> order, Place<T> place) {
        this.order = order;
        this.place = place;
    }

    boolean isEmpty() {
        return elements.isEmpty();
    }

    int size() {
        return elements.size();
    }

    /** Returns the first element; there must be one. */
    T first() {
        return elements.getFirst();
    }

    /** Returns the element at a place, from 0; in no order but that the first is the first. */
    T get(int i) {
        return elements.get(i);
    }

    /** Returns so many elements, or all if there are fewer, the first one first; in O(count log count). */
    List<T> first(int count) {
        var found = new ArrayList<T>();
        var next = new PriorityQueue<Integer>(Comparator.comparing(elements::get, order));
        if (!elements.isEmpty()) {
            next.add(0);
        }
        while (found.size() < count && !next.isEmpty()) {
            int i = next.remove();
            found.add(elements.get(i));
            for (int child = 2 * i + 1; child <= 2 * i + 2 && child < elements.size(); child++) {
                next.add(child);
            }
        }
        return found;
    }

    // It is about this very element, as in remove.
    @SuppressWarnings("ReferenceEquality")
    boolean contains(T element) {
        int i = place.get(element);
        return i >= 0 && i < elements.size() && elements.get(i) == element;
    }

    void add(T element) {
        elements.add(element);
        up(elements.size() - 1, element);
    }

    @SuppressWarnings("ReferenceEquality")
    void remove(T element) {
        int i = place.get(element);
        T last = elements.removeLast();
        if (last != element) {
            elements.set(i, last);
            place.set(last, i);
            moved(last);
        }
        place.set(element, NOWHERE);
    }

    /** Tells that an element's order changed. */
    void moved(T element) {
        int i = place.get(element);
        if (i > 0 && order.compare(element, elements.get((i - 1) >>> 1)) < 0) {
            up(i, element);
        } else {
            down(i, element);
        }
    }

    private void up(int from, T element) {
        int i = from;
        while (i > 0) {
            int parent = (i - 1) >>> 1;
            T above = elements.get(parent);
            if (order.compare(element, above) >= 0) {
                break;
            }
            put(i, above);
            i = parent;
        }
        put(i, element);
    }

    private void down(int from, T element) {
        int i = from;
        int half = elements.size() >>> 1;
        while (i < half) {
            int child = 2 * i + 1;
            if (child + 1 < elements.size() && order.compare(elements.get(child + 1), elements.get(child)) < 0) {
                child++;
            }
            T below = elements.get(child);
            if (order.compare(element, below) <= 0) {
                break;
            }
            put(i, below);
            i = child;
        }
        put(i, element);
    }

    private void put(int i, T element) {
        elements.set(i, element);
        place.set(element, i);
    }
}
