package dev.warmgate.proxy.wire;

import io.netty.handler.codec.DecoderException;
import java.io.IOException;
import java.nio.channels.NotYetConnectedException;

/** Tells the faults of a peer, which are everyday life, from our own, which are logged. */
public final class Faults {
    private Faults() {}

    /** Returns whether the other end of a connection, or the network, is at fault. */
    public static boolean ofPeer(Throwable cause) {
        return cause instanceof IOException
                || cause instanceof DecoderException
                // What reading a socket gives that was reset before it could be read the first time.
                || cause instanceof NotYetConnectedException;
    }
}
