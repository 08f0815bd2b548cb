package dev.warmgate.dialect;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A JSON reader that is given its text in pieces and watches for the few things that matter in an answer: usage, error,
 * type, and whether there is output. It holds no text but the current key or short value, so an answer of any size costs
 * the same few bytes of memory, and it never fails: text that is not JSON has nothing to say.
 *
 * <p>Covers a whole answer and a single event of a stream alike, in all dialects, since their keys do not clash. Token
 * counts are kept over {@link #begin}: a stream spreads them over its events, and a later count replaces an earlier one.
 */
// Most events of a stream begin with the same bytes, up to the output: what they come to is kept, and the next event
// that begins with them is read from behind them.
// The path to a value is a stack of contexts, one byte per open bracket. Below MAX_DEPTH nothing is of interest, only
// the depth is counted there.
final class AnswerScanner {
    /** What the {@code type} of an event says about it. */
    enum Type {
        NONE,
        OTHER,
        DELTA,
        STOP,
        ERROR
    }

    private static final int MAX_DEPTH = 32;
    private static final int MAX_WORD = ReadResult.LONGEST_ID;

    // Contexts. A list's has the bit LIST on top.
    private static final byte IGNORED = 0;
    private static final byte ROOT = 1;
    private static final byte WRAPPER = 2;
    private static final byte USAGE = 3;
    private static final byte DETAILS = 4;
    private static final byte CHOICES = 5;
    private static final byte CHOICE = 6;
    private static final byte DELTA = 7;
    private static final byte LIST = 0x40;

    // Where in the text we are.
    private static final int BETWEEN = 0;
    private static final int SCALAR = 1;
    private static final int STRING = 2;
    private static final int ESCAPE = 3;

    /** How many beginnings are kept before a stream is taken for one without. */
    private static final int MOST_BEGINNINGS = 16;

    private final UsageTally usage;
    private final byte[] stack = new byte[MAX_DEPTH];
    private final byte[] word = new byte[MAX_WORD];
    private final byte[] key = new byte[MAX_WORD];
    private final boolean keepsId;

    private int depth;
    private int state;
    private boolean keyComes;
    private int wordLength;
    private int keyLength;
    private Type type = Type.NONE;
    private boolean error;
    private boolean output;
    private boolean complete;
    private boolean finishReason;
    private int sequence = -1;
    private boolean choices;
    private boolean choice;
    private boolean counts;
    private byte @Nullable [] id;
    private @Nullable Beginning beginning;
    private int beginnings;

    /** Nothing of the text has come. */
    private boolean fresh = true;

    /** Where the text begins in what is being read, if its beginning may be kept; else -1. */
    private int origin = -1;

    /** The text has told counts. */
    private boolean told;

    /** Creates a scanner; {@code keepsId} says whether it watches for the id of what the texts describe. */
    AnswerScanner(UsageTally usage, boolean keepsId) {
        this.usage = usage;
        this.keepsId = keepsId;
    }

    /** Begins a new text. */
    void begin() {
        depth = 0;
        state = BETWEEN;
        keyComes = false;
        wordLength = 0;
        keyLength = 0;
        type = Type.NONE;
        error = false;
        output = false;
        complete = false;
        choices = false;
        choice = false;
        counts = false;
        told = false;
        fresh = true;
    }

    Type type() {
        return type;
    }

    /** Returns whether the text has an error at its top. */
    boolean error() {
        return error;
    }

    /** Returns whether the text is a chunk of chat or completions that carries text, reasoning or a call. */
    boolean output() {
        return output;
    }

    /** Returns whether the text has a choice, so that it carries more than usage. */
    boolean hasChoice() {
        return choice;
    }

    /** Returns whether the text is what OpenAI's streams have for usage: a list of no choices, and counts. */
    boolean isUsageOnly() {
        return choices && !choice && counts && !error && complete;
    }

    /** Returns the number of the last event that had one, as the events of OpenAI's Responses have; -1 before. */
    int sequence() {
        return sequence;
    }

    /** Returns whether this text, or one before it, says why a choice ended. */
    boolean finishReason() {
        return finishReason;
    }

    /** Returns the first id at the top of a text or of its {@code response}, this one or one before it; null before. */
    byte @Nullable [] id() {
        return id;
    }

    /** Returns whether the text's value has ended. */
    boolean complete() {
        return complete;
    }

    void scan(byte[] bytes, int from, int to) {
        int at = fresh ? begin(bytes, from, to) : from;
        while (at < to) {
            switch (state) {
                case STRING -> at = inString(bytes, at, to);
                case ESCAPE -> {
                    keep(bytes[at++]);
                    state = STRING;
                }
                default -> {
                    token(bytes[at++]);
                    if (state == STRING && origin >= 0 && !keyComes && context() == DELTA) {
                        keepBeginning(bytes, at);
                    }
                }
            }
        }
        origin = -1;
    }

    /** Returns from where on a text is read that begins. */
    private int begin(byte[] bytes, int from, int to) {
        fresh = false;
        var known = beginning;
        if (known == null || !known.begins(bytes, from, to)) {
            origin = keepsId || beginnings == MOST_BEGINNINGS ? -1 : from;
            return from;
        }
        depth = known.stack(stack);
        keyLength = known.key(key);
        type = known.type();
        choices = known.choices();
        choice = known.choice();
        state = STRING;
        return from + known.length();
    }

    private void keepBeginning(byte[] bytes, int at) {
        boolean plain = !error && !output && !counts && !told && !complete && sequence < 0;
        if (plain && at - origin <= Beginning.LONGEST && keyLength <= MAX_WORD) {
            beginnings++;
            beginning = new Beginning(bytes, origin, at, stack, depth, key, keyLength, type, choices, choice);
        }
        origin = -1;
    }

    private int inString(byte[] bytes, int from, int to) {
        int at = ByteSearch.indexOf((byte) '"', (byte) '\\', bytes, from, to);
        if (wordLength < MAX_WORD) {
            System.arraycopy(bytes, from, word, wordLength, Math.min(at - from, MAX_WORD - wordLength));
        }
        wordLength += at - from;
        if (at == to) {
            return at;
        }
        if (bytes[at] == '\\') {
            state = ESCAPE;
            wordLength++; // an escape is text, even though it is not kept
        } else {
            state = BETWEEN;
            stringEnds();
        }
        return at + 1;
    }

    private void keep(byte b) {
        if (wordLength < MAX_WORD) {
            word[wordLength] = b;
        }
        wordLength++;
    }

    private void token(byte b) {
        switch (b) {
            case ' ', '\t', '\n', '\r' -> scalarEnds();
            case '"' -> {
                state = STRING;
                wordLength = 0;
            }
            case '{', '[' -> open(b);
            case '}', ']' -> {
                scalarEnds();
                close();
            }
            case ',' -> {
                scalarEnds();
                keyComes = depth > 0 && depth <= MAX_DEPTH && (stack[depth - 1] & LIST) == 0;
            }
            case ':' -> keyComes = false;
            default -> {
                if (state == BETWEEN) {
                    state = SCALAR;
                    wordLength = 0;
                }
                keep(b);
            }
        }
    }

    private void open(byte bracket) {
        if (depth < MAX_DEPTH) {
            byte context = depth == 0 ? ROOT : enter(stack[depth - 1]);
            stack[depth] = bracket == '[' ? (byte) (context | LIST) : context;
        }
        depth++;
        keyComes = bracket == '{';
        keyLength = 0;
    }

    private void close() {
        keyComes = false;
        if (depth > 0) {
            depth--;
            complete |= depth == 0;
        }
    }

    /** Returns the context of what opens inside {@code parent}. */
    private byte enter(byte parent) {
        return switch (parent) {
            case ROOT -> {
                if (isKey("error")) {
                    error = true;
                }
                if (isKey("usage")) {
                    counts = true;
                    yield USAGE;
                }
                if (isKey("choices")) {
                    choices = true;
                    yield CHOICES;
                }
                yield isKey("response") || isKey("message") ? WRAPPER : IGNORED;
            }
            case WRAPPER -> isKey("usage") ? USAGE : IGNORED;
            case USAGE -> isKey("prompt_tokens_details") || isKey("input_tokens_details") ? DETAILS : IGNORED;
            case CHOICES | LIST -> {
                choice = true;
                yield CHOICE;
            }
            case CHOICE -> isKey("delta") ? DELTA : IGNORED;
            case DELTA, DELTA | LIST -> DELTA;
            default -> IGNORED;
        };
    }

    private byte context() {
        return depth > 0 && depth <= MAX_DEPTH ? stack[depth - 1] : IGNORED;
    }

    private void stringEnds() {
        if (keyComes) {
            keyLength = wordLength;
            System.arraycopy(word, 0, key, 0, Math.min(wordLength, MAX_WORD));
            return;
        }
        switch (context()) {
            case ROOT -> {
                if (isKey("type")) {
                    type = classify(word, wordLength);
                } else if (isKey("error")) {
                    error = true;
                } else {
                    idEnds();
                }
            }
            case WRAPPER -> idEnds();
            case CHOICE -> {
                output |= wordLength > 0 && isKey("text");
                finishReason |= wordLength > 0 && isKey("finish_reason");
            }
            case DELTA -> output |= wordLength > 0 && !isKey("role");
            default -> {}
        }
    }

    private void idEnds() {
        if (keepsId && id == null && isKey("id") && wordLength > 0 && wordLength <= MAX_WORD) {
            id = Arrays.copyOf(word, wordLength);
        }
    }

    private void scalarEnds() {
        if (state != SCALAR) {
            return;
        }
        state = BETWEEN;
        byte context = context();
        told |= context == USAGE || context == DETAILS;
        if (context == USAGE) {
            count();
        } else if (context == DETAILS && isKey("cached_tokens")) {
            usage.cached(number());
        } else if (context == ROOT && isKey("sequence_number")) {
            sequence = number();
        }
    }

    private void count() {
        if (isKey("prompt_tokens") || isKey("input_tokens")) {
            usage.prompt(number());
        } else if (isKey("completion_tokens") || isKey("output_tokens")) {
            usage.output(number());
        } else if (isKey("cache_read_input_tokens")) {
            usage.cacheRead(number());
        } else if (isKey("cache_creation_input_tokens")) {
            usage.cacheCreation(number());
        }
    }

    /** Returns the scalar as a count, or -1 if it is none. */
    private int number() {
        long value = 0;
        for (int i = 0; i < Math.min(wordLength, MAX_WORD); i++) {
            int digit = word[i] - '0';
            if (digit < 0 || digit > 9) {
                return -1;
            }
            value = Math.min(value * 10 + digit, Integer.MAX_VALUE);
        }
        return (int) value;
    }

    private boolean isKey(String name) {
        return Words.are(key, keyLength, name);
    }

    static Type classify(byte[] word, int length) {
        if (Words.end(word, length, ".delta") || Words.are(word, length, "content_block_delta")) {
            return Type.DELTA;
        }
        if (Words.are(word, length, "message_stop")
                || Words.are(word, length, "response.completed")
                || Words.are(word, length, "response.incomplete")
                || Words.are(word, length, "response.cancelled")) {
            return Type.STOP;
        }
        return Words.are(word, length, "error") || Words.are(word, length, "response.failed") ? Type.ERROR : Type.OTHER;
    }
}
