package dev.warmgate.testing;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.http2.DefaultHttp2DataFrame;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersFrame;
import io.netty.handler.codec.http2.DefaultHttp2ResetFrame;
import io.netty.handler.codec.http2.Http2DataFrame;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2HeadersFrame;
import io.netty.handler.codec.http2.Http2MultiplexHandler;
import io.netty.handler.codec.http2.Http2ResetFrame;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.codec.http2.Http2StreamChannel;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ApplicationProtocolConfig.Protocol;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectedListenerFailureBehavior;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectorFailureBehavior;
import io.netty.handler.ssl.SslContext;
import io.netty.util.ReferenceCountUtil;
import java.io.ByteArrayOutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** An engine that speaks HTTP/2 and does what a test says with each whole request, on its event loop. */
public final class H2Engine implements AutoCloseable {
    /** Answers one request; may reset its stream or leave the connection. */
    public interface Script {
        void run(Call call);
    }

    private final MultiThreadIoEventLoopGroup group = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    private final Script script;
    private final @Nullable SslContext tls;
    private final Channel listening;
    private final AtomicInteger connections = new AtomicInteger();
    private final AtomicInteger open = new AtomicInteger();
    private final List<Long> resets = new CopyOnWriteArrayList<>();
    private final List<Call> calls = new CopyOnWriteArrayList<>();

    private H2Engine(@Nullable SslContext tls, Http2Settings settings, Script script) {
        this.script = script;
        this.tls = tls;
        this.listening = new ServerBootstrap()
                .group(group)
                .channel(NioServerSocketChannel.class)
                .childHandler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        connections.incrementAndGet();
                        open.incrementAndGet();
                        channel.closeFuture().addListener(_ -> open.decrementAndGet());
                        if (tls != null) {
                            channel.pipeline().addLast(tls.newHandler(channel.alloc()));
                        }
                        channel.pipeline()
                                .addLast(
                                        Http2FrameCodecBuilder.forServer()
                                                .initialSettings(settings)
                                                .build(),
                                        new Http2MultiplexHandler(new ChannelInitializer<Channel>() {
                                            @Override
                                            protected void initChannel(Channel stream) {
                                                stream.pipeline().addLast(new Call((Http2StreamChannel) stream));
                                            }
                                        }));
                    }
                })
                .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .syncUninterruptibly()
                .channel();
    }

    public static H2Engine start(Script script) {
        return new H2Engine(null, Http2Settings.defaultSettings(), script);
    }

    public static H2Engine start(Http2Settings settings, Script script) {
        return new H2Engine(null, settings, script);
    }

    /** Starts one that speaks TLS and offers these protocols. */
    public static H2Engine startTls(Script script, String... protocols) throws javax.net.ssl.SSLException {
        var builder = TestCertificates.server("server");
        if (protocols.length > 0) {
            builder.applicationProtocolConfig(new ApplicationProtocolConfig(
                    Protocol.ALPN,
                    SelectorFailureBehavior.NO_ADVERTISE,
                    SelectedListenerFailureBehavior.ACCEPT,
                    protocols));
        }
        return new H2Engine(builder.build(), Http2Settings.defaultSettings(), script);
    }

    public URI uri() {
        int port = ((InetSocketAddress) listening.localAddress()).getPort();
        return URI.create((tls == null ? "http" : "https") + "://127.0.0.1:" + port);
    }

    /** Returns connections ever accepted. */
    public int connections() {
        return connections.get();
    }

    /** Returns connections that are open now. */
    public int open() {
        return open.get();
    }

    /** Returns the error codes of streams that the gateway reset. */
    public List<Long> resets() {
        return resets;
    }

    /** Returns requests whose header came. */
    public List<Call> calls() {
        return calls;
    }

    @Override
    public void close() {
        group.shutdownGracefully(0, 2, TimeUnit.SECONDS).awaitUninterruptibly();
    }

    /** One request and the means to answer it; calls from other threads are fine. */
    public final class Call extends ChannelInboundHandlerAdapter {
        private final Http2StreamChannel stream;
        private final ByteArrayOutputStream body = new ByteArrayOutputStream();
        private volatile @Nullable Http2Headers headers;

        Call(Http2StreamChannel stream) {
            this.stream = stream;
        }

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            boolean last = false;
            if (message instanceof Http2HeadersFrame frame) {
                headers = frame.headers();
                calls.add(this);
                last = frame.isEndStream();
            } else if (message instanceof Http2DataFrame frame) {
                body.writeBytes(ByteBufUtil.getBytes(frame.content()));
                last = frame.isEndStream();
            }
            ReferenceCountUtil.release(message);
            if (last) {
                script.run(this);
            }
        }

        @Override
        public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
            if (event instanceof Http2ResetFrame reset) {
                resets.add(reset.errorCode());
            }
            ReferenceCountUtil.release(event);
        }

        public String field(String name) {
            return String.valueOf(Objects.requireNonNull(headers).get(name));
        }

        public byte[] body() {
            return body.toByteArray();
        }

        public int id() {
            return stream.stream().id();
        }

        public boolean writable() {
            return stream.isWritable();
        }

        public void chat(String text) {
            head(200, "application/json", false);
            data("""
                    {"object":"chat.completion","choices":[{"index":0,"message":{"role":"assistant","content":"%s"}}],\
                    "usage":{"prompt_tokens":9,"completion_tokens":3,"total_tokens":12}}""".formatted(text), true);
        }

        public void head(int status, String type, boolean last) {
            var answer = new DefaultHttp2Headers().status(Integer.toString(status));
            answer.add("content-type", type).add("x-engine", "h2");
            var _ = stream.writeAndFlush(new DefaultHttp2HeadersFrame(answer, last));
        }

        public void informational() {
            var _ = stream.writeAndFlush(new DefaultHttp2HeadersFrame(new DefaultHttp2Headers().status("103"), false));
        }

        public void data(String text, boolean last) {
            var _ = stream.writeAndFlush(new DefaultHttp2DataFrame(Unpooled.copiedBuffer(text, UTF_8), last));
        }

        public void token(String text) {
            data(
                    "data: {\"object\":\"chat.completion.chunk\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\""
                            + text + "\"}}]}\n\n",
                    false);
        }

        public void trailers() {
            var trailers = new DefaultHttp2Headers().add("x-trailer", "1");
            var _ = stream.writeAndFlush(new DefaultHttp2HeadersFrame(trailers, true));
        }

        public void reset(Http2Error error) {
            var _ = stream.writeAndFlush(new DefaultHttp2ResetFrame(error));
        }

        /** Says that no stream above the given one was looked at, or will be. */
        public void goAway(int last) {
            // By hand, because the codec names no stream before the newest (RFC 9113 section 6.8).
            var bytes =
                    Unpooled.buffer(17).writeMedium(8).writeByte(7).writeByte(0).writeInt(0);
            bytes.writeInt(last).writeInt(0);
            var _ = stream.parent().pipeline().firstContext().writeAndFlush(bytes);
        }

        public void breakConnection() {
            var _ = stream.parent().close();
        }
    }
}
