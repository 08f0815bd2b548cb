package dev.warmgate.picker;

import com.google.protobuf.ByteString;
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

    List<ByteString> pieces() {
        return pieces;
    }

    int length() {
        return length;
    }

    /** Returns a copy of all of it. */
    byte[] toArray() {
        if (pieces.size() == 1) {
            return pieces.getFirst().toByteArray();
        }
        var all = new byte[length];
        int at = 0;
        for (ByteString piece : pieces) {
            piece.copyTo(all, at);
            at += piece.size();
        }
        return all;
    }

    void release() {
        pieces.clear();
    }
}
