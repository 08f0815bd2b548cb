package dev.warmgate.proxy.front;

import dev.warmgate.proxy.wire.Deadline;
import dev.warmgate.proxy.wire.Faults;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.handler.codec.http2.DefaultHttp2GoAwayFrame;
import io.netty.handler.codec.http2.DefaultHttp2PingFrame;
import io.netty.handler.codec.http2.Http2CodecUtil;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2FrameCodec;
import io.netty.handler.codec.http2.Http2MultiplexHandler;
import io.netty.handler.codec.http2.Http2PingFrame;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.util.ReferenceCountUtil;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One client connection that speaks HTTP/2 (RFC 9113): its {@link Http2Stream}s, each a request, its idle time and its end.
 *
 * <p>What is bounded: streams in flight; unread bytes, by the windows, to 1 MiB a stream and about 2 MiB in all; a header,
 * by its limit decoded; continuation frames, empty frames, control frames that wait to be answered, and resets within a
 * time, beyond which the connection is ended with ENHANCE_YOUR_CALM.
 */
final class Http2Connection extends ChannelInboundHandlerAdapter implements ClientConnection {
    private static final Logger LOG = LoggerFactory.getLogger(Http2Connection.class);

    /** What a client may send of one request ahead of our reading: with 50 ms between us it still sends 20 MB/s. */
    private static final int WINDOW = 1 << 20;

    /** Requests that a client may take back within half a minute, or make us break off. */
    private static final int RESETS = 1_000;

    private static final int RESETS_SECONDS = 30;

    /** How long a client may take to hear that the connection ends. */
    private static final Duration PARTING = Duration.ofSeconds(5);

    /** What it may still send then: twice what our windows let it have on the way. */
    private static final long LINGER_BYTES = 4 << 20;

    /** Marks the ping behind our first GOAWAY. */
    private static final long PARTING_PING = 0x77617267616d6531L;

    private enum Phase {
        SERVING,
        /** The client was told that the connection will end; what it has sent before it heard that is still served. */
        PARTING,
        /** Further streams are ignored; the connection ends with those that there are. */
        ENDING
    }

    private final Connections connections;
    private final Channel channel;
    private final Deadline deadline;
    private final Set<Http2Stream> streams = new HashSet<>();
    private Phase phase = Phase.SERVING;

    private Http2Connection(Connections connections, Channel channel) {
        this.connections = connections;
        this.channel = channel;
        this.deadline = new Deadline(connections.loop(), this::deadlinePassed);
    }

    /** Makes a connection speak HTTP/2 from its next byte on. */
    static void install(Connections connections, Channel channel) {
        var connection = new Http2Connection(connections, channel);
        var streams = new ChannelInitializer<Channel>() {
            @Override
            protected void initChannel(Channel stream) {
                stream.pipeline().addLast(new Http2Stream(connection, stream));
            }
        };
        var codec = codec(connections.settings());
        // Until the client has heard of the limit it is kept by refusing streams one by one: the codec would take the
        // body of a request that it has refused for a crime, and end the connection.
        codec.connection().remote().maxActiveStreams(Integer.MAX_VALUE);
        channel.pipeline()
                .addLast(
                        new LingeringClose(connections, channel, LINGER_BYTES),
                        codec,
                        new Http2MultiplexHandler(streams),
                        connection);
    }

    private static Http2FrameCodec codec(FrontSettings settings) {
        return new StrictFrameCodec.Builder()
                .initialSettings(new Http2Settings()
                        .maxConcurrentStreams(settings.maxRequestsPerConnection())
                        .initialWindowSize(WINDOW)
                        .maxHeaderListSize(settings.maxHeaderBytes()))
                .validateHeaders(true)
                .validateRequiredPseudoHeaders(true)
                .decoderEnforceMaxRstFramesPerWindow(RESETS, RESETS_SECONDS)
                .encoderEnforceMaxRstFramesPerWindow(RESETS, RESETS_SECONDS)
                // Our own deadlines end what does not end.
                .gracefulShutdownTimeoutMillis(-1)
                .build();
    }

    Connections connections() {
        return connections;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        connections.add(this);
        deadline.in(connections.settings().headerReadTimeout());
        if (connections.draining()) {
            drain();
        }
    }

    void opened(Http2Stream stream) {
        streams.add(stream);
        if (phase == Phase.SERVING) {
            deadline.clear();
        }
    }

    /** Returns whether there are more requests than the connection may have. */
    boolean overfull() {
        return streams.size() > connections.settings().maxRequestsPerConnection();
    }

    void ended(Http2Stream stream) {
        streams.remove(stream);
        if (!streams.isEmpty() || !channel.isActive()) {
            return;
        }
        switch (phase) {
            case SERVING -> deadline.in(connections.settings().keepAliveTimeout());
            case PARTING -> {}
            case ENDING -> deadline.in(PARTING);
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        connections.flushes().readComplete(); // of engines that speak HTTP/1.1
    }

    private void deadlinePassed() {
        switch (phase) {
            case SERVING -> end();
            case PARTING -> end();
            case ENDING -> close();
        }
    }

    /**
     * Ends the connection in two steps (RFC 9113 section 6.8): first without naming a last request, because more may be on
     * the way; once the client's answer to a ping shows that it has heard, with the last one that came.
     */
    @Override
    public void drain() {
        if (phase != Phase.SERVING) {
            return;
        }
        if (streams.isEmpty()) {
            end();
            return;
        }
        phase = Phase.PARTING;
        var farewell = new DefaultHttp2GoAwayFrame(Http2Error.NO_ERROR);
        farewell.setExtraStreamIds(Integer.MAX_VALUE);
        var _ = channel.write(farewell);
        var _ = channel.writeAndFlush(new DefaultHttp2PingFrame(PARTING_PING));
        deadline.in(PARTING);
    }

    /** Names the last request; the codec closes the connection after it, as {@link LingeringClose} does. */
    private void end() {
        phase = Phase.ENDING;
        if (streams.isEmpty()) {
            deadline.in(PARTING);
        } else {
            deadline.clear();
        }
        var _ = channel.write(new DefaultHttp2GoAwayFrame(Http2Error.NO_ERROR));
        var _ = channel.close();
    }

    /** Closes past the codec, which would wait for the streams, and without waiting for the client. */
    @Override
    public void close() {
        LingeringClose.now(channel);
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (message instanceof Http2PingFrame ping
                && ping.ack()
                && ping.content() == PARTING_PING
                && phase == Phase.PARTING) {
            end();
        }
        ReferenceCountUtil.release(message);
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        deadline.cancel();
        connections.remove(this);
        new ArrayList<>(streams).forEach(Http2Stream::clientLeft);
    }

    /** When the client broke the protocol the codec tells it so, and closes; a client that does not read is not awaited. */
    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        var broken = Http2CodecUtil.getEmbeddedHttp2Exception(cause);
        if (broken != null) {
            if (broken.shutdownHint() != Http2Exception.ShutdownHint.GRACEFUL_SHUTDOWN) {
                phase = Phase.ENDING;
                deadline.in(PARTING);
            }
            return;
        }
        if (!Faults.ofPeer(cause)) {
            LOG.warn("A client connection broke by our own fault; it was closed", cause);
        }
        close();
    }
}
