package dev.warmgate.benchmarks.rig;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;

/**
 * Reads just as much of HTTP/1.1 messages, given in pieces cut anywhere, as it takes to know where each ends. Cheap, and
 * trusting: for peers of which it is known that they speak properly.
 */
final class HttpScan {
    private enum At {
        LINE,
        BODY,
        CHUNK_SIZE,
        CHUNK,
        CHUNK_END,
        TRAILER
    }

    /** Is told when a message has ended. */
    interface Listener {
        void message();
    }

    private static final String LENGTH = "content-length:";
    private static final String CODING = "transfer-encoding:";
    private static final int KEPT = 256;

    private final Listener listener;
    private final boolean countEvents;
    private final byte[] line = new byte[KEPT];
    private At at = At.LINE;
    private int length;
    private boolean first = true;
    private String start = "";
    private boolean chunked;
    private long left;
    private byte last;
    private int events;

    /** Creates a reader; events of streams are counted only if asked for, since that looks at every byte. */
    HttpScan(boolean countEvents, Listener listener) {
        this.countEvents = countEvents;
        this.listener = listener;
    }

    /** Returns the first line of the message that was read last. */
    String start() {
        return start;
    }

    /** Returns the events of all answers so far. */
    int events() {
        return events;
    }

    /** Reads all bytes, which stay the caller's. */
    void read(ByteBuf bytes) {
        while (bytes.isReadable()) {
            switch (at) {
                case BODY, CHUNK -> body(bytes);
                case LINE, CHUNK_SIZE, CHUNK_END, TRAILER -> {
                    byte b = bytes.readByte();
                    if (b == '\n') {
                        line();
                        length = 0;
                    } else if (b != '\r' && length < KEPT) {
                        line[length++] = b;
                    }
                }
            }
        }
    }

    private void body(ByteBuf bytes) {
        int size = (int) Math.min(left, bytes.readableBytes());
        if (countEvents) {
            int end = bytes.readerIndex() + size;
            for (int i = bytes.readerIndex(); i < end; i++) {
                byte b = bytes.getByte(i);
                if (b == '\n' && last == '\n') {
                    events++;
                    last = 0;
                } else {
                    last = b;
                }
            }
        }
        bytes.skipBytes(size);
        left -= size;
        if (left == 0) {
            if (at == At.BODY) {
                ended();
            } else {
                at = At.CHUNK_END;
            }
        }
    }

    private void line() {
        switch (at) {
            case LINE -> headerLine();
            case CHUNK_SIZE -> {
                left = chunkSize();
                at = left == 0 ? At.TRAILER : At.CHUNK;
            }
            case CHUNK_END -> at = At.CHUNK_SIZE;
            case TRAILER -> {
                if (length == 0) {
                    ended();
                }
            }
            case BODY, CHUNK -> throw new IllegalStateException("no lines in a body");
        }
    }

    private void headerLine() {
        if (first) {
            if (length > 0) {
                first = false;
                start = new String(line, 0, Math.min(length, 40), StandardCharsets.ISO_8859_1);
                chunked = false;
                left = 0;
            }
        } else if (length == 0) {
            if (chunked) {
                at = At.CHUNK_SIZE;
            } else if (left > 0) {
                at = At.BODY;
            } else {
                ended();
            }
        } else if (is(LENGTH)) {
            left = Long.parseLong(value(LENGTH));
        } else if (is(CODING)) {
            chunked = value(CODING).equalsIgnoreCase("chunked");
        }
    }

    private boolean is(String name) {
        if (length < name.length()) {
            return false;
        }
        for (int i = 0; i < name.length(); i++) {
            byte b = line[i];
            if ((b >= 'A' && b <= 'Z' ? b + 32 : b) != name.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    private String value(String name) {
        return new String(line, name.length(), length - name.length(), StandardCharsets.ISO_8859_1).trim();
    }

    private long chunkSize() {
        long size = 0;
        for (int i = 0; i < length; i++) {
            int digit = Character.digit(line[i], 16);
            if (digit < 0) {
                break;
            }
            size = size * 16 + digit;
        }
        return size;
    }

    private void ended() {
        at = At.LINE;
        first = true;
        length = 0;
        listener.message();
    }
}
