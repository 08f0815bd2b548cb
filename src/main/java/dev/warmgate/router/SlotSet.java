package dev.warmgate.router;

import java.util.Arrays;

/** A set of endpoints by slot; the one added last leaves first. Confined to its owner. */
final class SlotSet {
    private boolean[] contained = new boolean[8];
    private int[] slots = new int[8];
    private int size;

    boolean isEmpty() {
        return size == 0;
    }

    void add(int slot) {
        if (slot >= contained.length) {
            contained = Arrays.copyOf(contained, slot * 2);
            slots = Arrays.copyOf(slots, slot * 2);
        }
        if (!contained[slot]) {
            contained[slot] = true;
            slots[size++] = slot;
        }
    }

    /** Adds all slots below a number. */
    void addAll(int end) {
        for (int slot = 0; slot < end; slot++) {
            add(slot);
        }
    }

    /** Removes and returns one; there must be one. */
    int take() {
        int slot = slots[--size];
        contained[slot] = false;
        return slot;
    }
}
