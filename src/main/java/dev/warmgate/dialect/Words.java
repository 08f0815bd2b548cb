package dev.warmgate.dialect;

/** Comparing the bytes of a short word, of which there may be more than were kept. */
final class Words {
    private Words() {}

    /** Returns whether a word of some length is the expected one. */
    static boolean are(byte[] word, int length, String expected) {
        return length == expected.length() && matches(word, 0, expected);
    }

    /** Returns whether a word that was kept as a whole ends in the expected way. */
    static boolean end(byte[] word, int length, String end) {
        return length <= word.length && length >= end.length() && matches(word, length - end.length(), end);
    }

    private static boolean matches(byte[] word, int from, String expected) {
        for (int i = 0; i < expected.length(); i++) {
            if (word[from + i] != expected.charAt(i)) {
                return false;
            }
        }
        return true;
    }
}
