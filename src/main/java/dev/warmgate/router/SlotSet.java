package dev.warmgate.router;

/** A set of endpoints by slot; the one added last leaves first. Confined to its owner. */
final class SlotSet {
    private final boolean[] contained;
    private final int[] slots;
    private int size;

    SlotSet(int endpoints) {
        contained = new boolean[endpoints];
        slots = new int[endpoints];
    }

    boolean isEmpty() {
        return size == 0;
    }

    void add(int slot) {
        if (!contained[slot]) {
            contained[slot] = true;
            slots[size++] = slot;
        }
    }

    void addAll() {
        for (int slot = 0; slot < contained.length; slot++) {
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
