package dev.warmgate.console;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.IoEventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.flow.FlowControlHandler;
import io.netty.handler.timeout.IdleStateEvent;
import io.netty.handler.timeout.IdleStateHandler;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/**
 * Where the admin door listens: HTTP/1.1 on an event loop of its own. Each request is answered on a virtual thread, which may
 * wait; a connection's requests are read and answered one after the other. Any thread.
 */
final class AdminListener implements AutoCloseable {
    /** More than any request here brings along; what is larger is refused. */
    private static final int MOST_BODY_BYTES = 64 << 10;

    /** A connection on which nothing is asked for so long is closed. */
    private static final int IDLE_SECONDS = 30;

    private final IoEventLoopGroup loop;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final Function<Asked, Page> answers;
    private final InetSocketAddress address;

    private AdminListener(InetSocketAddress listen, Function<Asked, Page> answers) throws IOException {
        this.answers = answers;
        boolean epoll = Epoll.isAvailable();
        loop = new MultiThreadIoEventLoopGroup(
                1,
                new DefaultThreadFactory("warmgate-admin", true),
                epoll ? EpollIoHandler.newFactory() : NioIoHandler.newFactory());
        var bound = new ServerBootstrap()
                .group(loop)
                .channel(epoll ? EpollServerSocketChannel.class : NioServerSocketChannel.class)
                .childOption(ChannelOption.AUTO_READ, false)
                .childHandler(new Connection())
                .bind(listen)
                .awaitUninterruptibly();
        if (!bound.isSuccess()) {
            close();
            throw bound.cause() instanceof IOException failed ? failed : new IOException(bound.cause());
        }
        address = (InetSocketAddress) bound.channel().localAddress();
    }

    /**
     * Listens.
     *
     * @param answers asked on a virtual thread for each request; must not throw
     * @throws IOException if the address cannot be bound
     */
    static AdminListener start(InetSocketAddress listen, Function<Asked, Page> answers) throws IOException {
        return new AdminListener(listen, answers);
    }

    InetSocketAddress address() {
        return address;
    }

    /** Closes all connections at once. */
    @Override
    public void close() {
        threads.shutdownNow();
        var _ = loop.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
    }

    private final class Connection extends ChannelInitializer<Channel> {
        @Override
        protected void initChannel(Channel channel) {
            channel.pipeline()
                    .addLast(
                            new IdleStateHandler(IDLE_SECONDS, 0, 0),
                            new HttpServerCodec(),
                            new HttpObjectAggregator(MOST_BODY_BYTES),
                            new FlowControlHandler(),
                            new Requests());
        }
    }

    /** The requests of one connection; on its event loop. */
    private final class Requests extends SimpleChannelInboundHandler<FullHttpRequest> {
        private boolean answering;

        @Override
        public void channelActive(ChannelHandlerContext context) {
            var _ = context.read();
        }

        @Override
        protected void channelRead0(ChannelHandlerContext context, FullHttpRequest request) {
            boolean head = request.decoderResult().isSuccess();
            boolean goesOn = head && HttpUtil.isKeepAlive(request);
            answering = true;
            try {
                if (!head) {
                    throw new URISyntaxException("", "not HTTP");
                }
                var asked = new Asked(request.method().name(), new URI(request.uri()), request.headers());
                threads.execute(() -> {
                    var page = answers.apply(asked);
                    context.executor().execute(() -> answer(context, page, goesOn));
                });
            } catch (URISyntaxException _) {
                answer(context, Page.text(400, "This is no request.\n"), false);
            } catch (RejectedExecutionException _) {
                var _ = context.close(); // the door closes
            }
        }

        private void answer(ChannelHandlerContext context, Page page, boolean goesOn) {
            var response = new DefaultFullHttpResponse(
                    HttpVersion.HTTP_1_1,
                    HttpResponseStatus.valueOf(page.status()),
                    Unpooled.wrappedBuffer(page.body().getBytes(UTF_8)));
            var headers = response.headers()
                    .set(HttpHeaderNames.CONTENT_TYPE, page.contentType())
                    .set(HttpHeaderNames.CACHE_CONTROL, "no-store")
                    .set(HttpHeaderNames.CONTENT_LENGTH, response.content().readableBytes());
            page.headers().forEach((name, value) -> headers.set(name, value));
            HttpUtil.setKeepAlive(response, goesOn);
            answering = false;
            var written = context.writeAndFlush(response);
            if (goesOn) {
                var _ = context.read();
            } else {
                var _ = written.addListener(ChannelFutureListener.CLOSE);
            }
        }

        @Override
        public void userEventTriggered(ChannelHandlerContext context, Object event) {
            if (event instanceof IdleStateEvent && !answering) {
                var _ = context.close();
            }
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            var _ = context.close();
        }
    }
}
