package dev.warmgate.proxy.front;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.warmgate.proxy.wire.FlushQueue;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import org.junit.jupiter.api.Test;

/** A connection whose client sends many requests in one piece. */
class Http1ConnectionTest {
    private final EmbeddedChannel channel = new EmbeddedChannel();
    private final ArrayDeque<ClientStream> asked = new ArrayDeque<>();

    @Test
    void aClientThatSendsFarTooFarAheadIsAnsweredAsFarAsIsKeptAndThenLost() {
        int answered = answerAll(3_000);
        assertThat(answered).isBetween(100, 600);
        assertThat(channel.isOpen()).isFalse();
    }

    @Test
    void aClientThatSendsAFewRequestsAheadIsAnsweredAndKept() {
        assertThat(answerAll(100)).isEqualTo(100);
        assertThat(channel.isOpen()).isTrue();
        channel.finishAndReleaseAll();
    }

    private int answerAll(int requests) {
        var settings = FrontSettings.defaults(new InetSocketAddress(0));
        var connections = new Connections(
                channel.eventLoop(),
                new FlushQueue(channel.eventLoop()),
                new Clients(),
                settings,
                (stream, _) -> {
                    asked.add(stream);
                    return new Silent();
                },
                () -> false);
        Http1Connection.install(connections, channel, ReadSizes.install(channel));
        channel.writeInbound(Unpooled.copiedBuffer("GET /x HTTP/1.1\r\nHost: g\r\n\r\n".repeat(requests), US_ASCII));
        int answered = 0;
        ClientStream next;
        while ((next = asked.poll()) != null) {
            answered++;
            var stream = next;
            stream.writeWhole(
                    new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.NOT_FOUND),
                    _ -> stream.ended(ClientStream.After.KEEP));
            channel.runPendingTasks();
            channel.releaseOutbound();
        }
        return answered;
    }

    /** Waits for nothing. */
    private static final class Silent implements ClientListener {
        @Override
        public void begin() {}

        @Override
        public void requestContent(HttpContent content) {
            content.release();
        }

        @Override
        public void requestReadComplete() {}

        @Override
        public void clientWritable(boolean writable) {}

        @Override
        public void clientGone() {}

        @Override
        public void deadlinePassed() {}

        @Override
        public void failed(Throwable cause) {
            throw new AssertionError(cause);
        }
    }
}
