package dev.warmgate.dialect;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * A strict JSON reader (RFC 8259) that checks a text in one pass and notes in a {@link JsonIndex} where its values are.
 *
 * <p>Refused: anything that is not exactly one JSON value in well-formed UTF-8 (Unicode 17, table 3-7: no overlong
 * forms, no surrogates), and nesting deeper than {@value #MAX_DEPTH}. A byte order mark in front is passed over, as the
 * RFC allows and engines do. Numbers may be of any size: none is converted here.
 */
// Strings are nearly all of a prompt, so they set the speed. Eight bytes are tested at once, and twice eight between
// two branches: a byte is special if it is a quote, a backslash, a control character or not ASCII. Subtracting 1 from
// a byte that is 0 sets its high bit and borrows from the byte above, and so does 0x21 from any byte below it: of a
// byte with its second bit inverted these are the control characters and the quote. Borrows start only at special
// bytes, so the lowest high bit is always right, and only the lowest is used.
final class JsonScanner {
    /** Deepest nesting of lists and objects; what Jackson allows too. Bounds the stack of open brackets. */
    static final int MAX_DEPTH = 500;

    /** Why a text was refused. */
    enum Fault {
        NONE,
        SYNTAX,
        DEPTH,
        ENCODING
    }

    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final long ONES = 0x0101010101010101L;
    private static final long HIGH = ONES << 7;
    private static final long SECOND_BITS = ONES * 2;
    private static final long BELOW = ONES * 0x21;
    private static final long BACKSLASHES = ONES * '\\';

    private static final byte[] NOTHING = {};
    private static final byte[] TRUE = {'t', 'r', 'u', 'e'};
    private static final byte[] FALSE = {'f', 'a', 'l', 's', 'e'};
    private static final byte[] NULL = {'n', 'u', 'l', 'l'};

    private final JsonIndex index;
    private final int[] open = new int[MAX_DEPTH];

    private byte[] json = NOTHING;
    private int limit;
    private Fault fault = Fault.NONE;
    private int faultAt;

    JsonScanner(JsonIndex index) {
        this.index = index;
    }

    Fault fault() {
        return fault;
    }

    /** Returns the index of the byte at fault. */
    int faultAt() {
        return faultAt;
    }

    /** Returns whether the text is valid; then node 0 of the index is its value. */
    boolean scan(byte[] text, int offset, int length) {
        json = text;
        limit = offset + length;
        fault = Fault.NONE;
        index.reset(text);
        boolean valid = scanText(offset);
        json = NOTHING;
        return valid;
    }

    private boolean scanText(int offset) {
        int depth = 0;
        int at = skipSpace(skipByteOrderMark(offset));
        while (true) {
            // Here begins a value.
            switch (at < limit ? json[at] : 0) {
                case '"' -> at = string(at);
                case '{', '[' -> {
                    if (depth == MAX_DEPTH) {
                        return refuse(Fault.DEPTH, at);
                    }
                    byte opening = json[at];
                    int node = index.add(at, 0);
                    at = skipSpace(at + 1);
                    if (at < limit && json[at] == closing(opening)) {
                        index.close(node, at);
                        at++;
                    } else {
                        open[depth++] = node;
                        if (opening == '{') {
                            at = key(at);
                        }
                        if (at < 0) {
                            return false;
                        }
                        continue;
                    }
                }
                case '-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9' -> at = number(at);
                case 't' -> at = literal(at, TRUE);
                case 'f' -> at = literal(at, FALSE);
                case 'n' -> at = literal(at, NULL);
                default -> at = fail(Fault.SYNTAX, at);
            }
            // Here a value has ended, and perhaps what it is in.
            while (true) {
                if (at < 0) {
                    return false;
                }
                at = skipSpace(at);
                if (depth == 0) {
                    return at == limit || refuse(Fault.SYNTAX, at);
                }
                int node = open[depth - 1];
                byte opening = json[index.start(node)];
                byte next = at < limit ? json[at] : 0;
                if (next == ',') {
                    at = skipSpace(at + 1);
                    if (opening == '{') {
                        at = key(at);
                    }
                    if (at < 0) {
                        return false;
                    }
                    break;
                }
                if (next != closing(opening)) {
                    return refuse(Fault.SYNTAX, at);
                }
                index.close(node, at);
                at++;
                depth--;
            }
        }
    }

    private static int closing(byte opening) {
        return opening + 2; // ASCII: '[' \ ']' and '{' | '}'
    }

    private int skipByteOrderMark(int at) {
        boolean mark = at + 3 <= limit
                && json[at] == (byte) 0xEF
                && json[at + 1] == (byte) 0xBB
                && json[at + 2] == (byte) 0xBF;
        return mark ? at + 3 : at;
    }

    private int skipSpace(int at) {
        int i = at;
        while (i < limit && json[i] <= ' ' && isSpace(json[i])) {
            i++;
        }
        if (i > at) {
            index.sawSpace();
        }
        return i;
    }

    static boolean isSpace(byte b) {
        return b == ' ' || b == '\n' || b == '\r' || b == '\t';
    }

    /** Returns where the value of the key at {@code at} begins. */
    private int key(int at) {
        if (at >= limit || json[at] != '"') {
            return fail(Fault.SYNTAX, at);
        }
        int end = string(at);
        if (end < 0) {
            return end;
        }
        end = skipSpace(end);
        return end < limit && json[end] == ':' ? skipSpace(end + 1) : fail(Fault.SYNTAX, end);
    }

    private int literal(int at, byte[] expected) {
        int end = at + expected.length;
        if (end > limit) {
            return fail(Fault.SYNTAX, at);
        }
        for (int i = 0; i < expected.length; i++) {
            if (json[at + i] != expected[i]) {
                return fail(Fault.SYNTAX, at);
            }
        }
        index.add(at, end);
        return end;
    }

    private int number(int start) {
        int at = json[start] == '-' ? start + 1 : start;
        int digits = skipDigits(at);
        if (digits == at || (json[at] == '0' && digits > at + 1)) {
            return fail(Fault.SYNTAX, at);
        }
        at = digits;
        if (at < limit && json[at] == '.') {
            digits = skipDigits(at + 1);
            if (digits == at + 1) {
                return fail(Fault.SYNTAX, digits);
            }
            at = digits;
        }
        if (at < limit && (json[at] | 0x20) == 'e') {
            at++;
            if (at < limit && (json[at] == '+' || json[at] == '-')) {
                at++;
            }
            digits = skipDigits(at);
            if (digits == at) {
                return fail(Fault.SYNTAX, at);
            }
            at = digits;
        }
        index.add(start, at);
        return at;
    }

    private int skipDigits(int at) {
        int i = at;
        while (i < limit && json[i] >= '0' && json[i] <= '9') {
            i++;
        }
        return i;
    }

    private int string(int start) {
        int at = start + 1;
        boolean escaped = false;
        while (true) {
            at = skipPlain(at);
            if (at >= limit) {
                return fail(Fault.SYNTAX, at);
            }
            byte b = json[at];
            if (b == '"') {
                index.add(start, escaped ? ~at : at);
                return at + 1;
            }
            if (b == '\\') {
                escaped = true;
                at = escape(at);
            } else {
                at = b < 0 ? characters(at) : fail(Fault.SYNTAX, at);
            }
            if (at < 0) {
                return at;
            }
        }
    }

    /** Returns the first special byte at or behind {@code at}. */
    private int skipPlain(int at) {
        byte[] text = json;
        int i = at;
        for (int last = limit - 16; i <= last; i += 16) {
            long first = special((long) LONG.get(text, i));
            long second = special((long) LONG.get(text, i + 8));
            if ((first | second) != 0) {
                return first != 0 ? i + lowest(first) : i + 8 + lowest(second);
            }
        }
        if (i <= limit - 8) {
            long special = special((long) LONG.get(text, i));
            if (special != 0) {
                return i + lowest(special);
            }
            i += 8;
        }
        while (i < limit && text[i] >= ' ' && text[i] != '"' && text[i] != '\\') {
            i++;
        }
        return i;
    }

    /** Returns a word whose lowest bit tells where the first special byte is; 0 if there is none. */
    private static long special(long word) {
        return (((word ^ SECOND_BITS) - BELOW) | ((word ^ BACKSLASHES) - ONES) | word) & HIGH;
    }

    private static int lowest(long special) {
        return Long.numberOfTrailingZeros(special) >>> 3;
    }

    private int escape(int at) {
        if (at + 1 >= limit) {
            return fail(Fault.SYNTAX, at + 1);
        }
        return switch (json[at + 1]) {
            case '"', '\\', '/', 'b', 'f', 'n', 'r', 't' -> at + 2;
            case 'u' -> {
                for (int i = at + 2; i < at + 6; i++) {
                    if (i >= limit || Character.digit(json[i], 16) < 0) {
                        yield fail(Fault.SYNTAX, i);
                    }
                }
                yield at + 6;
            }
            default -> fail(Fault.SYNTAX, at + 1);
        };
    }

    /** Returns the byte behind the characters of more than one byte that begin at {@code at}. */
    private int characters(int at) {
        int i = at;
        while (i >= 0 && i < limit && json[i] < 0) {
            i = character(i);
        }
        return i;
    }

    /** Returns the byte behind the character, of two to four bytes, that begins at {@code at}. */
    private int character(int at) {
        int lead = json[at] & 0xFF;
        int second = byteAt(at + 1);
        int length;
        boolean valid;
        if (lead < 0xE0) {
            length = 2;
            valid = lead >= 0xC2 && isContinuation(second);
        } else if (lead < 0xF0) {
            length = 3;
            int least = lead == 0xE0 ? 0xA0 : 0x80;
            int most = lead == 0xED ? 0x9F : 0xBF;
            valid = second >= least && second <= most && isContinuation(byteAt(at + 2));
        } else {
            length = 4;
            int least = lead == 0xF0 ? 0x90 : 0x80;
            int most = lead == 0xF4 ? 0x8F : 0xBF;
            valid = lead <= 0xF4
                    && second >= least
                    && second <= most
                    && isContinuation(byteAt(at + 2))
                    && isContinuation(byteAt(at + 3));
        }
        return valid ? at + length : fail(Fault.ENCODING, at);
    }

    private int byteAt(int at) {
        return at < limit ? json[at] & 0xFF : 0;
    }

    private static boolean isContinuation(int b) {
        return (b & 0xC0) == 0x80;
    }

    private boolean refuse(Fault why, int at) {
        return fail(why, at) >= 0;
    }

    /** Returns -1, which every method passes on as "not valid". */
    private int fail(Fault why, int at) {
        fault = why;
        faultAt = Math.min(at, limit);
        return -1;
    }
}
