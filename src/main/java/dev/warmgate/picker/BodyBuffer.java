package dev.warmgate.picker;

import com.google.protobuf.ByteString;
import dev.warmgate.dialect.BodyEdit;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** The body of a request in the pieces in which it came, which are sent on as they are. */
final class BodyBuffer {
    private final int limit;
    private final List<ByteString> pieces = new ArrayList<>(4);
    private int length;

    BodyBuffer(int limit) {
        this.limit = limit;
    }

    /** Adds a piece; returns false, adding nothing, if that would exceed the limit. */
    boolean add(ByteString piece) {
        if (piece.size() > limit - length) {
            return false;
        }
        if (!piece.isEmpty()) {
            pieces.add(piece);
            length += piece.size();
        }
        return true;
    }

    /** Makes a change; what is not changed is not copied. */
    void change(BodyEdit edit) {
        var all = ByteString.EMPTY;
        for (ByteString piece : pieces) {
            all = all.concat(piece);
        }
        pieces.clear();
        pieces.add(all.substring(0, edit.at())
                .concat(ByteString.copyFrom(edit.inserted(), StandardCharsets.US_ASCII))
                .concat(all.substring(edit.at() + edit.removed())));
        length += edit.growth();
    }

    List<ByteString> pieces() {
        return pieces;
    }

    int length() {
        return length;
    }

    /** Returns a copy of all of it. */
    byte[] toArray() {
        return beginning(length);
    }

    /** Returns a copy of its first bytes, as many as there are up to a number. */
    byte[] beginning(int most) {
        var all = new byte[Math.min(length, most)];
        int at = 0;
        for (ByteString piece : pieces) {
            int part = Math.min(piece.size(), all.length - at);
            piece.substring(0, part).copyTo(all, at);
            at += part;
        }
        return all;
    }

    void release() {
        pieces.clear();
    }
}
