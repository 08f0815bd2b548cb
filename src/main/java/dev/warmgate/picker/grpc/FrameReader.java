package dev.warmgate.picker.grpc;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * Cuts what comes on a connection into frames, and checks what can be checked without knowing its streams (RFC 9113,
 * sections 3.4, 4 and 6). Confined to its connection's event loop.
 */
final class FrameReader {
    private static final byte[] PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(US_ASCII);

    private final Sink sink;
    private int prefaced;
    private boolean settled;

    /** The beginning of a frame whose end has not come. */
    private @Nullable ByteBuf begun;

    /** A header block whose end has not come. */
    private @Nullable ByteBuf block;

    private int blockOf;
    private boolean blockLast;

    FrameReader(Sink sink) {
        this.sink = sink;
    }

    /** What frames mean. */
    interface Sink {
        void prefaceCame();

        /** Data without its padding, which counts for the windows. */
        void data(int stream, ByteBuf data, int counted, boolean last) throws ProtocolError;

        void headers(int stream, ByteBuf block, boolean last) throws ProtocolError;

        void reset(int stream) throws ProtocolError;

        void setting(int name, long value) throws ProtocolError;

        void settingsEnd();

        void ping(long content, boolean answer);

        void windowUpdate(int stream, int bytes) throws ProtocolError;
    }

    /** Returns whether the other side has said that it speaks HTTP/2. */
    boolean prefaced() {
        return prefaced == PREFACE.length;
    }

    void read(ByteBuf data) throws ProtocolError {
        while (!prefaced()) {
            if (!data.isReadable()) {
                return;
            }
            if (data.readByte() != PREFACE[prefaced++]) {
                throw new ProtocolError(ProtocolError.PROTOCOL, "HTTP/2 is spoken here");
            }
            if (prefaced()) {
                sink.prefaceCame();
            }
        }
        if (begun != null) {
            readBegun(begun, data);
        }
        while (data.readableBytes() >= Frames.HEADER) {
            int length = length(data);
            if (data.readableBytes() < Frames.HEADER + length) {
                break;
            }
            frame(data, length);
        }
        if (data.isReadable()) {
            begun = data.alloc().buffer(Frames.HEADER + Frames.DEFAULT_FRAME).writeBytes(data);
        }
    }

    /** Completes a frame that has begun, if its end is there. */
    private void readBegun(ByteBuf frame, ByteBuf data) throws ProtocolError {
        fill(frame, data, Frames.HEADER);
        if (frame.readableBytes() < Frames.HEADER) {
            return;
        }
        int length = length(frame);
        fill(frame, data, Frames.HEADER + length);
        if (frame.readableBytes() < Frames.HEADER + length) {
            return;
        }
        begun = null;
        try {
            frame(frame, length);
        } finally {
            frame.release();
        }
    }

    private static void fill(ByteBuf frame, ByteBuf data, int upTo) {
        int missing = Math.min(upTo - frame.readableBytes(), data.readableBytes());
        if (missing > 0) {
            frame.writeBytes(data, missing);
        }
    }

    private static int length(ByteBuf frame) throws ProtocolError {
        int length = frame.getUnsignedMedium(frame.readerIndex());
        if (length > Frames.DEFAULT_FRAME) {
            throw new ProtocolError(ProtocolError.FRAME_SIZE, "a frame of " + length + " bytes");
        }
        return length;
    }

    private void frame(ByteBuf in, int length) throws ProtocolError {
        in.skipBytes(3);
        int type = in.readUnsignedByte();
        int flags = in.readUnsignedByte();
        int stream = in.readInt() & Integer.MAX_VALUE;
        int end = in.readerIndex() + length;
        if (block != null && (type != Frames.CONTINUATION || stream != blockOf)) {
            throw new ProtocolError(ProtocolError.PROTOCOL, "a frame within a header block");
        }
        if (!settled && (type != Frames.SETTINGS || (flags & Frames.ACK) != 0)) {
            throw new ProtocolError(ProtocolError.PROTOCOL, "settings come first");
        }
        settled = true;
        switch (type) {
            case Frames.DATA -> {
                ofStream(stream);
                var data = unpadded(in, length, flags);
                sink.data(stream, data, length, (flags & Frames.END_STREAM) != 0);
            }
            case Frames.HEADERS -> headers(in, length, flags, stream);
            case Frames.CONTINUATION -> continuation(in.readSlice(length), flags, stream);
            case Frames.PRIORITY -> {
                ofStream(stream);
                size(length == 5, "PRIORITY");
                notOfItself(in.readInt(), stream);
            }
            case Frames.RST_STREAM -> {
                ofStream(stream);
                size(length == 4, "RST_STREAM");
                sink.reset(stream);
            }
            case Frames.SETTINGS -> settings(in, length, flags, stream);
            case Frames.PING -> {
                ofConnection(stream);
                size(length == 8, "PING");
                sink.ping(in.readLong(), (flags & Frames.ACK) != 0);
            }
            case Frames.GOAWAY -> {
                ofConnection(stream);
                size(length >= 8, "GOAWAY"); // its streams go on, and then it closes
            }
            case Frames.WINDOW_UPDATE -> {
                size(length == 4, "WINDOW_UPDATE");
                sink.windowUpdate(stream, in.readInt() & Integer.MAX_VALUE);
            }
            case Frames.PUSH_PROMISE -> throw new ProtocolError(ProtocolError.PROTOCOL, "a promise of a client's");
            default -> {} // extensions are passed over
        }
        in.readerIndex(end);
    }

    private void headers(ByteBuf in, int length, int flags, int stream) throws ProtocolError {
        ofStream(stream);
        var part = unpadded(in, length, flags);
        if ((flags & Frames.WITH_PRIORITY) != 0) {
            size(part.readableBytes() >= 5, "HEADERS");
            notOfItself(part.readInt(), stream);
            part.skipBytes(1);
        }
        boolean last = (flags & Frames.END_STREAM) != 0;
        if ((flags & Frames.END_HEADERS) != 0) {
            sink.headers(stream, part, last);
            return;
        }
        block = part.alloc().buffer().writeBytes(part);
        blockOf = stream;
        blockLast = last;
    }

    private void continuation(ByteBuf part, int flags, int stream) throws ProtocolError {
        var whole = block;
        if (whole == null) {
            throw new ProtocolError(ProtocolError.PROTOCOL, "a continuation of nothing");
        }
        if (whole.readableBytes() + part.readableBytes() > HeaderBlocks.LARGEST_BLOCK || !part.isReadable()) {
            throw new ProtocolError(ProtocolError.ENHANCE_YOUR_CALM, "a header block without end");
        }
        whole.writeBytes(part);
        if ((flags & Frames.END_HEADERS) != 0) {
            block = null;
            try {
                sink.headers(stream, whole, blockLast);
            } finally {
                whole.release();
            }
        }
    }

    private void settings(ByteBuf in, int length, int flags, int stream) throws ProtocolError {
        ofConnection(stream);
        if ((flags & Frames.ACK) != 0) {
            size(length == 0, "SETTINGS");
            return;
        }
        size(length % 6 == 0, "SETTINGS");
        for (int i = 0; i < length; i += 6) {
            int name = in.readUnsignedShort();
            sink.setting(name, in.readUnsignedInt());
        }
        sink.settingsEnd();
    }

    private static ByteBuf unpadded(ByteBuf in, int length, int flags) throws ProtocolError {
        if ((flags & Frames.PADDED) == 0) {
            return in.readSlice(length);
        }
        int padding = length == 0 ? 0 : in.readUnsignedByte();
        if (padding >= length) {
            throw new ProtocolError(ProtocolError.PROTOCOL, "more padding than frame");
        }
        return in.readSlice(length - 1 - padding);
    }

    private static void ofStream(int stream) throws ProtocolError {
        if (stream == 0) {
            throw new ProtocolError(ProtocolError.PROTOCOL, "a stream's frame without a stream");
        }
    }

    private static void ofConnection(int stream) throws ProtocolError {
        if (stream != 0) {
            throw new ProtocolError(ProtocolError.PROTOCOL, "a connection's frame on a stream");
        }
    }

    private static void notOfItself(int dependency, int stream) throws ProtocolError {
        if ((dependency & Integer.MAX_VALUE) == stream) {
            throw new ProtocolError(ProtocolError.PROTOCOL, "a stream that depends on itself");
        }
    }

    private static void size(boolean right, String frame) throws ProtocolError {
        if (!right) {
            throw new ProtocolError(ProtocolError.FRAME_SIZE, frame + " of a wrong size");
        }
    }

    void release() {
        if (begun != null) {
            begun.release();
            begun = null;
        }
        if (block != null) {
            block.release();
            block = null;
        }
    }
}
