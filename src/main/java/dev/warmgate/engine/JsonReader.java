package dev.warmgate.engine;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * Goes through a JSON text in UTF-8 (RFC 8259) from its beginning to its end, value by value. Strict: anything else ends it
 * with an {@link IOException} that says where. Our own because every start waits for a first model list, and the first
 * parser of Jackson makes the JDK prepare its decimal numbers, a twentieth of a start. One thread.
 */
final class JsonReader {
    /** Deeper texts are refused: each level takes some stack. */
    private static final int DEEPEST = 200;

    /** What {@link #peek} returns at the end of the text. */
    static final char END = 0;

    private static final int BASE_16 = 16;
    private static final int HEX_DIGITS = 4;

    private final String json;
    private int at;

    JsonReader(byte[] utf8) throws IOException {
        this(UTF_8.newDecoder().decode(ByteBuffer.wrap(utf8)).toString());
    }

    JsonReader(String json) {
        this.json = json;
    }

    /** Returns the first character of what comes next. */
    char peek() {
        while (at < json.length() && isSpace(json.charAt(at))) {
            at++;
        }
        return at < json.length() ? json.charAt(at) : END;
    }

    /** Enters the object or array that begins with a bracket, if one comes next. */
    boolean enter(char opening) {
        if (peek() != opening) {
            return false;
        }
        at++;
        return true;
    }

    /**
     * Goes to the next element of the object or array that was entered, or leaves it.
     *
     * @param first whether nothing of it was read yet
     * @return whether there is an element
     */
    boolean next(boolean first, char closing) throws IOException {
        if (peek() == closing) {
            at++;
            return false;
        }
        if (!first) {
            expect(',');
        }
        return true;
    }

    /** Reads the name of a member, and goes to its value. */
    String name() throws IOException {
        String name = text();
        expect(':');
        return name;
    }

    /** Reads a text. */
    String text() throws IOException {
        if (peek() != '"') {
            throw wrong();
        }
        int from = at + 1;
        int end = skipText();
        return json.indexOf('\\', from, end) < 0 ? json.substring(from, end) : unescaped(from, end);
    }

    /** Reads a value and returns it as it is written, without spaces. */
    String value() throws IOException {
        var value = new StringBuilder();
        copy(value, 0);
        return value.toString();
    }

    /** Makes sure that nothing more comes. */
    void end() throws IOException {
        if (peek() != END || at < json.length()) {
            throw wrong();
        }
    }

    private void copy(StringBuilder to, int depth) throws IOException {
        char c = peek();
        int from = at;
        if (c == '{' || c == '[') {
            copyAll(to, c == '{' ? '}' : ']', depth);
            return;
        }
        if (c == '"') {
            skipText();
        } else if (c == '-' || isDigit(c)) {
            skipNumber();
        } else {
            skipWord(c);
        }
        to.append(json, from, at);
    }

    private void copyAll(StringBuilder to, char closing, int depth) throws IOException {
        if (depth == DEEPEST) {
            throw wrong();
        }
        to.append(json.charAt(at++));
        for (boolean first = true; next(first, closing); first = false) {
            if (!first) {
                to.append(',');
            }
            if (closing == '}') {
                if (peek() != '"') {
                    throw wrong();
                }
                int from = at;
                skipText();
                to.append(json, from, at).append(':');
                expect(':');
            }
            copy(to, depth + 1);
        }
        to.append(closing);
    }

    /** Skips a text and returns where its content ends. */
    private int skipText() throws IOException {
        at++;
        while (true) {
            char c = at < json.length() ? json.charAt(at) : END;
            if (c == '"') {
                return at++;
            }
            if (c < ' ') {
                throw wrong();
            }
            at++;
            if (c == '\\') {
                skipEscape();
            }
        }
    }

    private void skipEscape() throws IOException {
        char c = at < json.length() ? json.charAt(at) : END;
        if ("\"\\/bfnrtu".indexOf(c) < 0) {
            throw wrong();
        }
        at++;
        for (int i = 0; c == 'u' && i < HEX_DIGITS; i++) {
            if (at >= json.length() || Character.digit(json.charAt(at), BASE_16) < 0 || json.charAt(at) > 'f') {
                throw wrong();
            }
            at++;
        }
    }

    private String unescaped(int from, int end) {
        var text = new StringBuilder(end - from);
        int i = from;
        while (i < end) {
            char c = json.charAt(i++);
            if (c != '\\') {
                text.append(c);
                continue;
            }
            char escaped = json.charAt(i++);
            switch (escaped) {
                case 'b' -> text.append('\b');
                case 'f' -> text.append('\f');
                case 'n' -> text.append('\n');
                case 'r' -> text.append('\r');
                case 't' -> text.append('\t');
                case 'u' -> {
                    text.append((char) Integer.parseInt(json, i, i + HEX_DIGITS, BASE_16));
                    i += HEX_DIGITS;
                }
                default -> text.append(escaped);
            }
        }
        return text.toString();
    }

    private void skipNumber() throws IOException {
        skipIf("-");
        if (!skipIf("0")) {
            skipDigits();
        }
        if (skipIf(".")) {
            skipDigits();
        }
        if (skipIf("eE")) {
            skipIf("+-");
            skipDigits();
        }
    }

    private boolean skipIf(String oneOf) {
        boolean found = at < json.length() && oneOf.indexOf(json.charAt(at)) >= 0;
        if (found) {
            at++;
        }
        return found;
    }

    private void skipDigits() throws IOException {
        int from = at;
        while (at < json.length() && isDigit(json.charAt(at))) {
            at++;
        }
        if (at == from) {
            throw wrong();
        }
    }

    private void skipWord(char first) throws IOException {
        String word = switch (first) {
            case 't' -> "true";
            case 'f' -> "false";
            case 'n' -> "null";
            default -> throw wrong();
        };
        if (!json.startsWith(word, at)) {
            throw wrong();
        }
        at += word.length();
    }

    private void expect(char c) throws IOException {
        if (peek() != c) {
            throw wrong();
        }
        at++;
    }

    private IOException wrong() {
        String found = at < json.length() ? "unexpected character" : "unexpected end";
        return new IOException("not JSON: " + found + " at position " + at);
    }

    private static boolean isSpace(char c) {
        return c == ' ' || c == '\n' || c == '\r' || c == '\t';
    }

    private static boolean isDigit(char c) {
        return c >= '0' && c <= '9';
    }
}
