package dev.warmgate.picker.grpc;

import com.google.protobuf.ByteString;
import dev.warmgate.picker.proto.HttpBody;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** A server whose only method sends back the body of each {@link HttpBody}, and ends when its caller does. */
final class EchoServer implements AutoCloseable {
    static final String PATH = "test.Echo/Echo";
    static final int MAX_MESSAGE = 6 << 20;

    final AtomicInteger open = new AtomicInteger();
    final AtomicInteger cancelled = new AtomicInteger();
    final AtomicInteger heard = new AtomicInteger();
    private final MultiThreadIoEventLoopGroup group = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    final GrpcServer server = GrpcServer.start(
            new GrpcServer.Where(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), null),
            group,
            NioServerSocketChannel.class,
            MAX_MESSAGE,
            Map.of("/" + PATH, Echo::new));

    private final class Echo implements GrpcCall {
        private final GrpcStream stream;

        Echo(GrpcStream stream) {
            this.stream = stream;
            open.incrementAndGet();
        }

        @Override
        public void message(byte[] message) {
            heard.incrementAndGet();
            stream.send(HttpBody.newBuilder()
                    .setBody(ByteString.copyFrom(message))
                    .build()
                    .toByteArray());
        }

        @Override
        public void halfClosed() {
            open.decrementAndGet();
            stream.close(GrpcStatus.OK);
        }

        @Override
        public void cancelled() {
            open.decrementAndGet();
            cancelled.incrementAndGet();
        }
    }

    int port() {
        return server.address().getPort();
    }

    @Override
    public void close() {
        server.close();
        group.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
    }
}
