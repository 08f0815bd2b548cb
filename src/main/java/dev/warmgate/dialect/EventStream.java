package dev.warmgate.dialect;

/**
 * A reader of server-sent events (WHATWG HTML, section 9.2), given in pieces cut anywhere. Lines end with LF, CR or
 * CRLF; comments, which engines send to keep a connection alive, and unknown fields are skipped; an event ends with an
 * empty line.
 */
final class EventStream {
    /** Is told of each event. */
    interface Listener {
        /** An event with data has ended; its data went to the scanner, its name and first bytes are in the stream. */
        void event();

        /** An empty line has ended a block of lines, which had data or not; what follows begins at {@code next}. */
        void blockEnded(int next);

        /** The line feed before {@code next} belongs to the block that a carriage return has ended. */
        void lateLineFeed(int next);
    }

    private enum Field {
        NAME,
        DATA,
        EVENT,
        SKIPPED
    }

    private static final int KEPT = 64;
    private static final byte[] LINE_BREAK = {'\n'};
    private static final String DONE = "[DONE]";

    private final AnswerScanner scanner;
    private final Listener listener;
    private final byte[] name = new byte[8];
    private final byte[] eventName = new byte[KEPT];
    private final byte[] head = new byte[DONE.length()];

    private Field field = Field.NAME;
    private int nameLength;
    private boolean valueStarts;
    private boolean afterReturn;
    private boolean inBlock;
    private boolean hasData;
    private int dataLength;
    private int eventNameLength;

    EventStream(AnswerScanner scanner, Listener listener) {
        this.scanner = scanner;
        this.listener = listener;
    }

    /** Returns whether the event is the {@code [DONE]} that ends OpenAI's streams. */
    boolean isDone() {
        if (dataLength != DONE.length()) {
            return false;
        }
        for (int i = 0; i < dataLength; i++) {
            if (head[i] != DONE.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    /** Returns the event's type: its data's own, else its name's. */
    AnswerScanner.Type type() {
        if (scanner.type() != AnswerScanner.Type.NONE || eventNameLength == 0) {
            return scanner.type();
        }
        return AnswerScanner.classify(eventName, eventNameLength);
    }

    void read(byte[] bytes, int from, int to) {
        int at = from;
        if (at < to && afterReturn) {
            afterReturn = false;
            if (bytes[at] == '\n') {
                at++;
                if (!inBlock) {
                    listener.lateLineFeed(at);
                }
            }
        }
        while (at < to) {
            int end = field == Field.NAME ? nameEnd(bytes, at, to) : lineEnd(bytes, at, to);
            value(bytes, at, end);
            if (end == to) {
                return;
            }
            byte b = bytes[end];
            at = end + 1;
            if (b == ':') {
                nameEnds();
                continue;
            }
            if (b == '\r') {
                if (at == to) {
                    afterReturn = true;
                } else if (bytes[at] == '\n') {
                    at++;
                }
            }
            lineEnds(at);
        }
    }

    private static int lineEnd(byte[] bytes, int from, int to) {
        return ByteSearch.indexOf((byte) '\n', (byte) '\r', bytes, from, to);
    }

    private static int nameEnd(byte[] bytes, int from, int to) {
        int at = from;
        while (at < to && bytes[at] != ':' && bytes[at] != '\n' && bytes[at] != '\r') {
            at++;
        }
        return at;
    }

    private void value(byte[] bytes, int from, int to) {
        int at = from;
        if (valueStarts && at < to) {
            valueStarts = false;
            at = bytes[at] == ' ' ? at + 1 : at;
        }
        switch (field) {
            case NAME -> {
                keep(bytes, at, to, name, nameLength);
                nameLength += to - at;
            }
            case DATA -> {
                keep(bytes, at, to, head, dataLength);
                dataLength += to - at;
                scanner.scan(bytes, at, to);
            }
            case EVENT -> {
                keep(bytes, at, to, eventName, eventNameLength);
                eventNameLength += to - at;
            }
            case SKIPPED -> {}
        }
    }

    private static void keep(byte[] bytes, int from, int to, byte[] kept, int length) {
        if (length < kept.length) {
            System.arraycopy(bytes, from, kept, length, Math.min(to - from, kept.length - length));
        }
    }

    private void nameEnds() {
        if (isName("data")) {
            field = Field.DATA;
            if (hasData) {
                scanner.scan(LINE_BREAK, 0, 1);
            }
            hasData = true;
        } else if (isName("event")) {
            field = Field.EVENT;
            eventNameLength = 0;
        } else {
            field = Field.SKIPPED;
        }
        valueStarts = true;
    }

    private boolean isName(String expected) {
        if (nameLength != expected.length()) {
            return false;
        }
        for (int i = 0; i < nameLength; i++) {
            if (name[i] != expected.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    private void lineEnds(int next) {
        boolean empty = field == Field.NAME && nameLength == 0;
        field = Field.NAME;
        nameLength = 0;
        valueStarts = false;
        if (!empty) {
            inBlock = true;
            return;
        }
        if (hasData) {
            listener.event();
        }
        listener.blockEnded(next);
        inBlock = false;
        scanner.begin();
        hasData = false;
        dataLength = 0;
        eventNameLength = 0;
    }
}
