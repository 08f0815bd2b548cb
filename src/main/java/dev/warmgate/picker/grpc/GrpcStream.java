package dev.warmgate.picker.grpc;

import dev.warmgate.picker.grpc.GrpcStatus.Code;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * One call's stream of messages. On the event loop of its connection, but for {@link #execute}.
 */
public final class GrpcStream {
    /** What may wait for the caller's window before the stream is read on no more, in bytes. */
    private static final int BACKLOG = 32 << 10;

    private final Session session;
    private final Outbox outbox;
    private final int id;
    private final MessageReader reader;
    private @Nullable GrpcCall call;

    // ---- What we send.

    private long sendWindow;
    private boolean begun;
    private boolean closed;
    private boolean live = true;
    private boolean refused;

    /** What waits for a window. */
    private @Nullable ByteBuf waiting;

    /** How the stream ends after what waits; null while it goes on. */
    private @Nullable GrpcStatus ending;

    // ---- What the caller sends.

    /** Data that came while what we sent was not taken: not looked at, and not given back to the window. */
    private @Nullable ByteBuf held;

    private boolean lastCame;

    /** Bytes looked at that the window does not have back yet. */
    private int taken;

    /** What the caller may still send. */
    private int receiveWindow = Session.WINDOW;

    GrpcStream(Session session, Outbox outbox, int id, int sendWindow, int maxMessage) {
        this.session = session;
        this.outbox = outbox;
        this.id = id;
        this.sendWindow = sendWindow;
        this.reader = new MessageReader(maxMessage);
    }

    int id() {
        return id;
    }

    void begin(GrpcMethod method) {
        call = method.begin(this);
    }

    // ---- For the call.

    /** Runs something on the event loop of the connection. Any thread. */
    public void execute(Runnable task) {
        outbox.execute(task);
    }

    /** Sends a message; nothing happens once the stream is closed. */
    public void send(byte[] message) {
        send(message, 0);
    }

    /** Sends a message that is an array's end; nothing happens once the stream is closed. */
    public void send(byte[] array, int from) {
        if (closed) {
            return;
        }
        begun();
        int framed = MessageReader.PREFIX + array.length - from;
        if (waiting == null && framed <= outbox.windowOf(sendWindow)) {
            sendWindow -= framed;
            outbox.message(id, array, from);
        } else {
            byte[] bytes = MessageReader.prefixed(array, from);
            write(bytes, bytes.length);
        }
    }

    /** Ends the stream after what was sent; what still comes from the caller is not looked at. */
    public void close(GrpcStatus status) {
        if (closed) {
            return;
        }
        closed = true;
        dropHeld();
        if (waiting == null) {
            end(status);
        } else {
            ending = status;
        }
    }

    private void begun() {
        if (!begun) {
            begun = true;
            Frames.begin(outbox.out(), id);
        }
    }

    private void end(GrpcStatus status) {
        if (refused) {
            Frames.last(outbox.out(), id);
        } else {
            Frames.end(outbox.out(), id, status, begun);
        }
        live = false;
        session.ended(this);
    }

    /** Answers what is no call. */
    void refuse(int httpStatus) {
        refused = true;
        Frames.refuse(outbox.out(), id, httpStatus);
        write(Frames.REFUSAL, Frames.REFUSAL.length);
        close(GrpcStatus.OK);
    }

    /** Returns whether something may still be said. */
    boolean isLive() {
        return live;
    }

    private void write(byte[] bytes, int length) {
        int now = waiting == null ? (int) Math.min(length, outbox.windowOf(sendWindow)) : 0;
        if (now > 0) {
            sendWindow -= now;
            outbox.data(id, bytes, now);
        }
        if (now < length) {
            if (waiting == null) {
                waiting = outbox.buffer();
                session.waits(this);
            }
            waiting.writeBytes(bytes, now, length - now);
        }
    }

    // ---- The caller's windows.

    /** The caller takes more of this stream; returns false if that is more than there can be. */
    boolean grow(long bytes) {
        sendWindow += bytes;
        return sendWindow <= Integer.MAX_VALUE;
    }

    /** Sends what waits, as far as the windows allow; returns whether nothing is left. */
    boolean sendOn() {
        if (waiting == null) {
            return true;
        }
        int now = (int) Math.min(waiting.readableBytes(), outbox.windowOf(sendWindow));
        if (now > 0) {
            sendWindow -= now;
            outbox.data(id, waiting, now);
        }
        if (waiting.isReadable()) {
            waiting.discardSomeReadBytes();
            return false;
        }
        waiting.release();
        waiting = null;
        if (ending != null) {
            end(ending);
        }
        return true;
    }

    private boolean takesMore() {
        return (waiting == null || waiting.readableBytes() < BACKLOG) && outbox.takesMore();
    }

    // ---- What the caller sends.

    /**
     * Data came.
     *
     * @param counted its bytes on the wire, padding too
     */
    void data(ByteBuf data, int counted, boolean last) throws ProtocolError {
        receiveWindow -= counted;
        if (receiveWindow < 0) {
            throw new ProtocolError(ProtocolError.FLOW_CONTROL, "more data than the window of stream " + id);
        }
        lastCame = last;
        if (closed) {
            return;
        }
        taken += counted - data.readableBytes();
        if (held == null) {
            read(data);
        }
        if (data.isReadable() && !closed) {
            if (held == null) {
                held = outbox.buffer();
                session.holds(this);
            }
            held.writeBytes(data);
        }
        heard();
    }

    /** The caller sends no more. */
    void last() {
        lastCame = true;
        heard();
    }

    boolean lastCame() {
        return lastCame;
    }

    /** Goes on with data that was held; returns whether none is left. */
    boolean readOn() {
        if (held != null && !closed && takesMore()) {
            read(held);
            if (held != null && !held.isReadable()) {
                dropHeld();
            }
            heard();
        }
        return held == null;
    }

    private void read(ByteBuf data) {
        int before = data.readableBytes();
        try {
            while (!closed && data.isReadable() && takesMore()) {
                byte[] message = reader.next(data);
                if (message != null) {
                    call().message(message);
                }
            }
        } catch (MessageReader.Unreadable e) {
            fail(e.status());
        }
        giveBack(before - data.readableBytes());
    }

    private void giveBack(int bytes) {
        taken += bytes;
        if (!closed && !lastCame && taken >= Session.WINDOW / 2) {
            Frames.windowUpdate(outbox.out(), id, taken);
            receiveWindow += taken;
            taken = 0;
        }
    }

    private void heard() {
        if (lastCame && held == null && !closed) {
            if (reader.isAmidst()) {
                fail(new GrpcStatus(Code.INTERNAL, "the stream ended within a message"));
            } else {
                call().halfClosed();
            }
        }
    }

    private void fail(GrpcStatus status) {
        close(status);
        call().cancelled();
    }

    /** The stream is over without us. */
    void gone() {
        boolean told = closed;
        closed = true;
        live = false;
        dropHeld();
        if (waiting != null) {
            waiting.release();
            waiting = null;
        }
        if (!told) {
            call().cancelled();
        }
    }

    void tick(long now) {
        if (!closed) {
            call().tick(now);
        }
    }

    private void dropHeld() {
        if (held != null) {
            held.release();
            held = null;
        }
    }

    private GrpcCall call() {
        if (call == null) {
            throw new IllegalStateException("not begun");
        }
        return call;
    }
}
