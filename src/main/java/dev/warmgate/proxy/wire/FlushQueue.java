package dev.warmgate.proxy.wire;

import io.netty.channel.EventLoop;
import java.util.ArrayList;
import java.util.List;

/**
 * The writers whose messages are sent together, once the event loop has read what had come on all of its connections.
 *
 * <p>Sent one by one as they are written, each message costs more: the processor changes between our code and the kernel's
 * twice as often, and a peer may be woken for each. How long a message may wait is bounded by how much is read at a time
 * ({@link Transport}). Confined to the event loop.
 */
public final class FlushQueue implements Runnable {
    private final EventLoop loop;
    private List<MessageWriter> waiting = new ArrayList<>();
    private List<MessageWriter> leaving = new ArrayList<>();

    /** Creates an empty queue. */
    public FlushQueue(EventLoop loop) {
        this.loop = loop;
    }

    /** Lets a writer send soon what it has written. */
    void add(MessageWriter writer) {
        if (waiting.isEmpty()) {
            loop.execute(this);
        }
        waiting.add(writer);
    }

    @Override
    public void run() {
        // What is sent may end an exchange, and so add to those that wait.
        var now = waiting;
        waiting = leaving;
        leaving = now;
        now.forEach(MessageWriter::send);
        now.clear();
    }
}
