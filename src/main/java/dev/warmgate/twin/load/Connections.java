package dev.warmgate.twin.load;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.util.ReferenceCountUtil;
import java.net.URI;
import java.util.ArrayDeque;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * The connections to one target: one request at a time on each, kept alive and reused, opened as needed.
 *
 * <p>Confined to the event loop.
 */
final class Connections {
    private static final String PATH = "/v1/chat/completions";

    private final ArrayDeque<Connection> idle = new ArrayDeque<>();
    private final Bootstrap bootstrap;
    private final String path;
    private final String authority;
    private final @Nullable String authorization;

    Connections(EventLoop loop, LoadSettings settings) {
        var target = settings.target();
        authority = target.getPort() < 0 ? target.getHost() : target.getHost() + ":" + target.getPort();
        authorization = settings.apiKey() == null ? null : "Bearer " + settings.apiKey();
        path = settings.path(PATH);
        var tls = settings.encrypted() ? tls() : null;
        bootstrap = new Bootstrap()
                .group(loop)
                .channel(Epoll.isAvailable() ? EpollSocketChannel.class : NioSocketChannel.class)
                .option(ChannelOption.TCP_NODELAY, true)
                .remoteAddress(hostname(target), settings.port())
                .handler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        if (tls != null) {
                            channel.pipeline()
                                    .addLast(tls.newHandler(channel.alloc(), hostname(target), settings.port()));
                        }
                        channel.pipeline().addLast(new HttpClientCodec(), new Connection());
                    }
                });
    }

    /** Returns the host without the brackets of an IPv6 address. */
    private static String hostname(URI target) {
        String host = target.getHost();
        return host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
    }

    private static SslContext tls() {
        try {
            return SslContextBuilder.forClient().build();
        } catch (SSLException e) {
            throw new IllegalStateException("this JVM has no TLS", e);
        }
    }

    /** Sends an exchange on an idle connection, or on a new one. */
    void send(Exchange exchange) {
        for (var connection = idle.pollLast(); connection != null; connection = idle.pollLast()) {
            if (connection.send(exchange)) {
                return;
            }
        }
        bootstrap.connect().addListener((ChannelFuture connected) -> {
            if (!connected.isSuccess()) {
                exchange.fail("connect", System.nanoTime());
            } else if (exchange.ended()) {
                var _ = connected.channel().close();
            } else {
                connected.channel().pipeline().get(Connection.class).send(exchange);
            }
        });
    }

    private final class Connection extends ChannelInboundHandlerAdapter {
        private @Nullable Channel channel;
        private @Nullable Exchange current;
        private boolean keepAlive;

        @Override
        public void handlerAdded(ChannelHandlerContext context) {
            channel = context.channel();
        }

        /** Returns false if the connection has died meanwhile. */
        boolean send(Exchange exchange) {
            var carrier = channel;
            if (carrier == null || !carrier.isActive()) {
                return false;
            }
            current = exchange;
            var body = exchange.dispatch(carrier);
            var request = new DefaultFullHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.POST, path, body);
            request.headers()
                    .set(exchange.standing())
                    .set(HttpHeaderNames.HOST, authority)
                    .set(HttpHeaderNames.CONTENT_TYPE, HttpHeaderValues.APPLICATION_JSON)
                    .set(HttpHeaderNames.CONTENT_LENGTH, body.readableBytes());
            if (authorization != null) {
                request.headers().set(HttpHeaderNames.AUTHORIZATION, authorization);
            }
            carrier.writeAndFlush(request).addListener(written -> {
                if (written.isSuccess()) {
                    exchange.sent(System.nanoTime());
                }
            });
            return true;
        }

        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            try {
                var exchange = current;
                if (exchange == null) {
                    var _ = context.close();
                    return;
                }
                if (message instanceof HttpResponse response) {
                    keepAlive = HttpUtil.isKeepAlive(response);
                    exchange.head(response.status().code(), response.headers().get(StandingHeaders.DROP_REASON));
                    if (response.decoderResult().isFailure()) {
                        exchange.fail("malformed response", System.nanoTime());
                    }
                }
                if (message instanceof HttpContent content) {
                    exchange.content(content.content(), System.nanoTime());
                    if (content.decoderResult().isFailure()) {
                        exchange.fail("malformed response", System.nanoTime());
                    } else if (content instanceof LastHttpContent) {
                        finish(context, exchange);
                    }
                }
            } finally {
                ReferenceCountUtil.release(message);
            }
        }

        private void finish(ChannelHandlerContext context, Exchange exchange) {
            current = null;
            // Idle before the exchange ends: the session's next turn may start at once and should find it.
            if (keepAlive && context.channel().isActive()) {
                idle.addLast(this);
            } else {
                var _ = context.close();
            }
            exchange.finished(System.nanoTime());
        }

        @Override
        public void channelInactive(ChannelHandlerContext context) {
            idle.remove(this);
            var exchange = current;
            current = null;
            if (exchange != null) {
                exchange.fail("connection closed", System.nanoTime());
            }
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            // Whatever it was, this connection is of no more use; its exchange ends in channelInactive.
            var _ = context.close();
        }
    }
}
