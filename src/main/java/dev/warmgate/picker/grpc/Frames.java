package dev.warmgate.picker.grpc;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.netty.buffer.ByteBuf;
import java.io.ByteArrayOutputStream;

/** How what we send looks: frames (RFC 9113, sections 4 and 6) and header blocks without compression state (RFC 7541). */
final class Frames {
    static final int HEADER = 9;

    static final int DATA = 0;
    static final int HEADERS = 1;
    static final int PRIORITY = 2;
    static final int RST_STREAM = 3;
    static final int SETTINGS = 4;
    static final int PUSH_PROMISE = 5;
    static final int PING = 6;
    static final int GOAWAY = 7;
    static final int WINDOW_UPDATE = 8;
    static final int CONTINUATION = 9;

    static final int END_STREAM = 0x1;
    static final int ACK = 0x1;
    static final int END_HEADERS = 0x4;
    static final int PADDED = 0x8;
    static final int WITH_PRIORITY = 0x20;

    static final int SETTING_ENABLE_PUSH = 2;
    static final int SETTING_MAX_STREAMS = 3;
    static final int SETTING_WINDOW = 4;
    static final int SETTING_FRAME = 5;
    static final int SETTING_HEADER_LIST = 6;

    /** The largest frame that everybody takes. */
    static final int DEFAULT_FRAME = 1 << 14;

    /** The window that everybody begins with. */
    static final int DEFAULT_WINDOW = 65_535;

    /** Entries of HPACK's static table: {@code :status: 200}, and the names {@code :status} and {@code content-type}. */
    private static final int STATUS_OK = 0x88;

    private static final int STATUS = 8;
    private static final int CONTENT_TYPE = 31;

    /** The header of an answer. */
    private static final byte[] BEGIN = Block.ok().bytes();

    private static final byte[] END_WELL =
            new Block().add("grpc-status", number(GrpcStatus.OK)).bytes();

    /** The body of an answer to what is no gRPC. */
    static final byte[] REFUSAL = "This port speaks gRPC.\n".getBytes(US_ASCII);

    /** The longest message of a status that is sent. */
    private static final int LONGEST = 2_000;

    private Frames() {}

    static void header(ByteBuf out, int length, int type, int flags, int stream) {
        out.writeMedium(length).writeByte(type).writeByte(flags).writeInt(stream);
    }

    static void begin(ByteBuf out, int stream) {
        block(out, stream, BEGIN, 0);
    }

    /** The end of an answer; it must have begun if {@code begun}. */
    static void end(ByteBuf out, int stream, GrpcStatus status, boolean begun) {
        if (begun && status.equals(GrpcStatus.OK)) {
            block(out, stream, END_WELL, END_STREAM);
            return;
        }
        var block = begun ? new Block() : Block.ok();
        block.add("grpc-status", number(status));
        if (!status.message().isEmpty()) {
            block.add("grpc-message", percentEncoded(status.message()));
        }
        block(out, stream, block.bytes(), END_STREAM);
    }

    /** The header of an answer to what is no gRPC. */
    static void refuse(ByteBuf out, int stream, int httpStatus) {
        var block = new Block().add(STATUS, Integer.toString(httpStatus)).add(CONTENT_TYPE, "text/plain");
        block(out, stream, block.bytes(), 0);
    }

    /** The end of an answer to what is no gRPC. */
    static void last(ByteBuf out, int stream) {
        header(out, 0, DATA, END_STREAM, stream);
    }

    private static void block(ByteBuf out, int stream, byte[] block, int flags) {
        header(out, block.length, HEADERS, END_HEADERS | flags, stream);
        out.writeBytes(block);
    }

    static void reset(ByteBuf out, int stream, int code) {
        header(out, 4, RST_STREAM, 0, stream);
        out.writeInt(code);
    }

    static void windowUpdate(ByteBuf out, int stream, int bytes) {
        header(out, 4, WINDOW_UPDATE, 0, stream);
        out.writeInt(bytes);
    }

    static void ping(ByteBuf out, long content, int flags) {
        header(out, 8, PING, flags, 0);
        out.writeLong(content);
    }

    static void goAway(ByteBuf out, int lastStream, int code, String why) {
        byte[] debug = why.getBytes(UTF_8);
        header(out, 8 + debug.length, GOAWAY, 0, 0);
        out.writeInt(lastStream).writeInt(code).writeBytes(debug);
    }

    private static String number(GrpcStatus status) {
        return Integer.toString(status.code().number());
    }

    /** What is not printable ASCII, and the percent sign, as gRPC wants it in {@code grpc-message}. */
    private static String percentEncoded(String message) {
        var text = new StringBuilder(message.length());
        byte[] bytes = message.getBytes(UTF_8);
        for (int i = 0; i < Math.min(bytes.length, LONGEST); i++) {
            byte b = bytes[i];
            if (b >= ' ' && b <= '~' && b != '%') {
                text.append((char) b);
            } else {
                text.append('%').append(String.format("%02X", b & 0xFF));
            }
        }
        return text.toString();
    }

    /** A header block of literals that no table remembers (RFC 7541, section 6.2.2). */
    private static final class Block {
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

        static Block ok() {
            var block = new Block();
            block.bytes.write(STATUS_OK);
            return block.add(CONTENT_TYPE, "application/grpc");
        }

        Block add(int name, String value) {
            integer(name, 0xF);
            return text(value);
        }

        Block add(String name, String value) {
            bytes.write(0);
            return text(name).text(value);
        }

        private Block text(String text) {
            byte[] ascii = text.getBytes(US_ASCII);
            integer(ascii.length, 0x7F);
            bytes.writeBytes(ascii);
            return this;
        }

        /** An integer behind a prefix of zeros (RFC 7541, section 5.1). */
        private void integer(int value, int prefix) {
            if (value < prefix) {
                bytes.write(value);
                return;
            }
            bytes.write(prefix);
            int rest = value - prefix;
            for (; rest >= 0x80; rest >>>= 7) {
                bytes.write((rest & 0x7F) | 0x80);
            }
            bytes.write(rest);
        }

        byte[] bytes() {
            return bytes.toByteArray();
        }
    }
}
