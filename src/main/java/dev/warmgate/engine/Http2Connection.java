package dev.warmgate.engine;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.warmgate.engine.EndpointHttp.Answer;
import dev.warmgate.engine.EndpointHttp.Body;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A connection of HTTP/2 (RFC 9113) on which one question is asked after the other, by one blocking thread.
 *
 * <p>The JDK's own client cannot begin with prior knowledge, and here no Netty is known. What questions do not need is
 * switched off by the settings that are sent first: the other side pushes nothing and remembers no header fields.
 */
final class Http2Connection implements EndpointConnection {
    // Types of frames (RFC 9113 section 6).
    private static final int DATA = 0;
    private static final int HEADERS = 1;
    private static final int RST_STREAM = 3;
    private static final int SETTINGS = 4;
    private static final int PUSH_PROMISE = 5;
    private static final int PING = 6;
    private static final int GOAWAY = 7;
    private static final int WINDOW_UPDATE = 8;
    private static final int CONTINUATION = 9;

    private static final int END_STREAM = 1;
    private static final int ACK = 1;
    private static final int END_HEADERS = 4;
    private static final int PADDED = 8;
    private static final int PRIORITY = 0x20;

    private static final int HEADER_TABLE_SIZE = 1;
    private static final int ENABLE_PUSH = 2;
    private static final int INITIAL_WINDOW_SIZE = 4;

    /** The largest frame that may be sent to who has not allowed more. */
    private static final int LARGEST_FRAME = 1 << 14;

    /** More than any answer that is read. */
    private static final int WINDOW = 16 << 20;

    private static final int FIRST_WINDOW = 65_535;
    private static final int LONGEST_HEADER = 64 << 10;

    /** Streams are not numbered higher, though they could be. */
    private static final int LAST_STREAM = 1 << 30;

    private final Socket socket;
    private final DataInputStream in;
    private final OutputStream out;
    private final byte[] payload = new byte[LARGEST_FRAME];
    private int stream = -1;
    private boolean usable = true;

    /** The most that may be sent of a question's body. */
    private int theirWindow = FIRST_WINDOW;

    // The frame that was read last; its content begins at 0 of the payload.
    private int type;
    private int flags;
    private int of;
    private int length;

    /**
     * Begins on a new connection.
     *
     * @throws IOException if no HTTP/2 is spoken there
     */
    Http2Connection(Socket socket, long deadline) throws IOException {
        this.socket = socket;
        this.in = new DataInputStream(new BufferedInputStream(socket.getInputStream(), LARGEST_FRAME));
        this.out = socket.getOutputStream();
        var begin = new ByteArrayOutputStream();
        begin.writeBytes("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(US_ASCII));
        var settings = ByteBuffer.allocate(18)
                .putShort((short) HEADER_TABLE_SIZE)
                .putInt(0)
                .putShort((short) ENABLE_PUSH)
                .putInt(0)
                .putShort((short) INITIAL_WINDOW_SIZE)
                .putInt(WINDOW);
        frame(begin, SETTINGS, 0, 0, settings.array());
        frame(begin, WINDOW_UPDATE, 0, 0, number(WINDOW - FIRST_WINDOW));
        out.write(begin.toByteArray());
        readFrame(deadline);
        if (type != SETTINGS || (flags & ACK) != 0) {
            throw new IOException("not HTTP/2");
        }
        aside();
    }

    @Override
    public boolean usable() {
        return usable && stream < LAST_STREAM;
    }

    @Override
    public Answer ask(Question asked, long deadline, int maxBytes, Body body) throws IOException {
        usable = false; // until the answer is read
        byte[] header = HeaderBlock.question(asked);
        byte[] content = asked.content();
        if (content.length > Math.min(theirWindow, LARGEST_FRAME) || header.length > LARGEST_FRAME) {
            throw new IOException("a question longer than the endpoint takes");
        }
        stream += 2;
        var question = new ByteArrayOutputStream();
        frame(question, HEADERS, END_HEADERS | (content.length == 0 ? END_STREAM : 0), stream, header);
        if (content.length > 0) {
            frame(question, DATA, END_STREAM, stream, content);
        }
        try {
            out.write(question.toByteArray());
        } catch (SocketTimeoutException e) {
            throw e;
        } catch (IOException e) {
            throw new Unheard("the connection is closed");
        }
        return answer(deadline, maxBytes, body);
    }

    private Answer answer(long deadline, int maxBytes, Body body) throws IOException {
        boolean leaving = false;
        Answer answer = null;
        int taken = 0; // of the connection's window
        int total = 0;
        while (true) {
            try {
                readFrame(deadline);
            } catch (EOFException | SocketException e) {
                throw answer == null ? new Unheard("the connection ended") : e;
            }
            if (type == GOAWAY) {
                if (length < 8 || ByteBuffer.wrap(payload).getInt() < stream) {
                    throw new Unheard("the endpoint leaves");
                }
                leaving = true;
            } else if (of != stream) {
                aside();
            } else if (type == RST_STREAM) {
                throw new IOException("the endpoint reset its answer");
            } else if (type == HEADERS || type == DATA) {
                boolean last = (flags & END_STREAM) != 0;
                taken += type == DATA ? length : 0;
                unpad();
                if (type == DATA) {
                    total += length;
                    take(answer, total, maxBytes, body);
                } else {
                    byte[] block = headerBlock(deadline);
                    answer = answer == null || answer.status() < 200 ? HeaderBlock.answer(block) : answer;
                }
                if (last && answer != null) {
                    giveBack(taken);
                    usable = !leaving;
                    return answer;
                }
            }
        }
    }

    private void take(@Nullable Answer answer, int total, int maxBytes, Body body) throws IOException {
        if (answer == null) {
            throw new IOException("an answer without a header");
        }
        if (total > maxBytes) {
            throw new IOException("answer longer than " + maxBytes + " bytes");
        }
        if (answer.status() == 200) {
            body.part(payload, 0, length);
        }
    }

    private byte[] headerBlock(long deadline) throws IOException {
        var block = new ByteArrayOutputStream();
        block.write(payload, 0, length);
        while ((flags & END_HEADERS) == 0) {
            readFrame(deadline);
            if (type != CONTINUATION || of != stream || block.size() + length > LONGEST_HEADER) {
                throw new IOException("a header that does not end");
            }
            block.write(payload, 0, length);
        }
        return block.toByteArray();
    }

    private void giveBack(int taken) throws IOException {
        if (taken > 0) {
            send(WINDOW_UPDATE, 0, number(taken));
        }
    }

    /** Does what a frame wants that is about the connection. */
    private void aside() throws IOException {
        if (type == SETTINGS && (flags & ACK) == 0) {
            var settings = ByteBuffer.wrap(payload, 0, length - length % 6);
            while (settings.hasRemaining()) {
                int name = settings.getShort();
                int value = settings.getInt();
                if (name == INITIAL_WINDOW_SIZE) {
                    theirWindow = value < 0 ? Integer.MAX_VALUE : value;
                }
            }
            send(SETTINGS, ACK, new byte[0]);
        } else if (type == PING && (flags & ACK) == 0) {
            send(PING, ACK, Arrays.copyOf(payload, length));
        } else if (type == PUSH_PROMISE) {
            throw new IOException("the endpoint pushes what nobody asked for");
        }
    }

    private void readFrame(long deadline) throws IOException {
        long left = deadline - System.nanoTime();
        if (left <= 0) {
            throw new SocketTimeoutException("answer not complete in time");
        }
        socket.setSoTimeout((int) Math.max(1, left / 1_000_000));
        length = in.readUnsignedShort() << 8 | in.readUnsignedByte();
        if (length > LARGEST_FRAME) {
            throw new IOException("not HTTP/2");
        }
        type = in.readUnsignedByte();
        flags = in.readUnsignedByte();
        of = in.readInt() & Integer.MAX_VALUE;
        in.readFully(payload, 0, length);
    }

    /** Leaves of a frame its content alone. */
    private void unpad() throws IOException {
        int from = 0;
        int to = length;
        if ((flags & PADDED) != 0 && length > 0) {
            to -= payload[0] & 0xff;
            from = 1;
        }
        if (type == HEADERS && (flags & PRIORITY) != 0) {
            from += 5;
        }
        if (from > to) {
            throw new IOException("a frame of nothing but padding");
        }
        length = to - from;
        System.arraycopy(payload, from, payload, 0, length);
    }

    private void send(int kind, int kindsFlags, byte[] content) throws IOException {
        var bytes = new ByteArrayOutputStream();
        frame(bytes, kind, kindsFlags, 0, content);
        out.write(bytes.toByteArray());
    }

    private static void frame(ByteArrayOutputStream to, int type, int flags, int stream, byte[] content) {
        to.writeBytes(ByteBuffer.allocate(9)
                .put((byte) (content.length >> 16))
                .putShort((short) content.length)
                .put((byte) type)
                .put((byte) flags)
                .putInt(stream)
                .array());
        to.writeBytes(content);
    }

    private static byte[] number(int value) {
        return ByteBuffer.allocate(4).putInt(value).array();
    }

    @Override
    public void close() {
        try {
            socket.close();
        } catch (IOException _) {
            return; // nothing is left to close
        }
    }
}
