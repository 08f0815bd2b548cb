package dev.warmgate.proxy.wire;

import io.netty.channel.EventLoop;
import java.util.ArrayList;
import java.util.List;

/**
 * The writers whose messages are sent together, once the event loop has read what had come on all of its connections.
 *
 * <p>Sent one by one as they are written, each message costs more: the processor changes between our code and the kernel's
 * twice as often, and a peer may be woken for each. None waits longer than {@link #LONGEST_WAIT} and what the event loop then
 * does for one connection. All connections of an event loop share one queue, confined to it.
 */
public final class FlushQueue implements Runnable {
    /** What has waited for so long leaves before another connection is read, in nanoseconds. */
    static final long LONGEST_WAIT = 500_000;

    private final EventLoop loop;
    private List<MessageWriter> waiting = new ArrayList<>();
    private List<MessageWriter> leaving = new ArrayList<>();

    /** When the first of those that wait began to. */
    private long since;

    /** Whether the event loop will call. */
    private boolean awaited;

    /** Creates an empty queue. */
    public FlushQueue(EventLoop loop) {
        this.loop = loop;
    }

    /** Lets a writer send soon what it has written. */
    void add(MessageWriter writer) {
        if (waiting.isEmpty()) {
            since = loop.ticker().nanoTime();
        }
        waiting.add(writer);
        if (!awaited) {
            awaited = true;
            loop.execute(this);
        }
    }

    /** All that had come on a connection is read, and others may be read next. */
    public void readComplete() {
        if (!waiting.isEmpty() && loop.ticker().nanoTime() - since >= LONGEST_WAIT) {
            send();
        }
    }

    @Override
    public void run() {
        awaited = false;
        send();
    }

    private void send() {
        // What is sent may end an exchange, and so add to those that wait.
        var now = waiting;
        waiting = leaving;
        leaving = now;
        now.forEach(MessageWriter::send);
        now.clear();
    }
}
