package dev.warmgate.dialect;

import static java.util.Objects.requireNonNull;

/**
 * One change of a request's body: some of its bytes give way to others, all else stays as it came.
 *
 * @param at where, in bytes from the body's first; at least 0
 * @param removed bytes that are left out; at least 0
 * @param inserted ASCII that comes in their place
 */
public record BodyEdit(int at, int removed, String inserted) {
    public BodyEdit {
        requireNonNull(inserted, "inserted");
    }

    /** Returns the same change of a body that another change, of other bytes, was made to first. */
    public BodyEdit after(BodyEdit first) {
        return at < first.at ? this : new BodyEdit(at + first.growth(), removed, inserted);
    }

    /** Returns how much longer the body becomes, in bytes; negative if it becomes shorter. */
    public int growth() {
        return inserted.length() - removed;
    }
}
