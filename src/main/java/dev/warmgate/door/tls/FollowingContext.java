package dev.warmgate.door.tls;

import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.ApplicationProtocolNegotiator;
import io.netty.handler.ssl.SslContext;
import java.util.List;
import java.util.function.Supplier;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLSessionContext;

/** Looks up for each connection which context is in force. Any thread. */
final class FollowingContext extends SslContext {
    private final Supplier<SslContext> now;

    FollowingContext(Supplier<SslContext> now) {
        this.now = now;
    }

    @Override
    public boolean isClient() {
        return false;
    }

    @Override
    public List<String> cipherSuites() {
        return now.get().cipherSuites();
    }

    @Override
    @SuppressWarnings("deprecation") // the type is, but not the method that has to be there
    public ApplicationProtocolNegotiator applicationProtocolNegotiator() {
        return now.get().applicationProtocolNegotiator();
    }

    @Override
    public SSLEngine newEngine(ByteBufAllocator allocator) {
        return now.get().newEngine(allocator);
    }

    @Override
    public SSLEngine newEngine(ByteBufAllocator allocator, String peerHost, int peerPort) {
        return now.get().newEngine(allocator, peerHost, peerPort);
    }

    @Override
    public SSLSessionContext sessionContext() {
        return now.get().sessionContext();
    }
}
