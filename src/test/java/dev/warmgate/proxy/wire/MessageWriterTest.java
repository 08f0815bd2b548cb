package dev.warmgate.proxy.wire;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.util.concurrent.TimeUnit.NANOSECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.DefaultHttpRequest;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.DefaultLastHttpContent;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.concurrent.MockTicker;
import io.netty.util.concurrent.Ticker;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is on the wire, and in how many buffers. */
class MessageWriterTest {
    private final EmbeddedChannel channel = new EmbeddedChannel();
    private final MockTicker clock = Ticker.newMockTicker();

    /** Whose tasks run only when they are told to. */
    private final EmbeddedChannel loop = EmbeddedChannel.builder().ticker(clock).build();

    private final FlushQueue queue = new FlushQueue(loop.eventLoop());
    private final MessageWriter writer = new MessageWriter(channel, new HeadBytes(), queue);

    @AfterEach
    void nothingIsLeft() {
        assertThat(channel.finishAndReleaseAll()).isFalse();
    }

    @Test
    void aHeaderAndItsBodyAreOneBuffer() {
        var head = request();
        head.headers().set("content-length", "4");
        writer.begin(head);
        writer.write(last("body"));
        flush();
        assertThat(buffers())
                .containsExactly("POST /v1/chat?a=b HTTP/1.1\r\nHost: engine\r\ncontent-length: 4\r\n\r\nbody");
    }

    @Test
    void aHeaderWaitsForContentButNotForever() {
        writer.begin(request());
        writer.write(content(""));
        channel.flush();
        assertThat(buffers()).isEmpty();
        flush();
        assertThat(buffers()).containsExactly("POST /v1/chat?a=b HTTP/1.1\r\nHost: engine\r\n\r\n");
    }

    @Test
    void longContentIsNotCopied() {
        var body = Unpooled.directBuffer().writeZero(MessageWriter.MOST_COPIED + 1);
        writer.begin(request());
        writer.write(new DefaultLastHttpContent(body));
        flush();
        ByteBuf head = channel.readOutbound();
        head.release();
        ByteBuf written = channel.readOutbound();
        assertThat(written).isSameAs(body);
        written.release();
    }

    @ParameterizedTest
    @ValueSource(
            ints = {1, 9, 10, 15, 16, 255, 256, 4095, 4096, MessageWriter.MOST_COPIED, MessageWriter.MOST_COPIED + 1})
    void aChunkIsItsSizeInHexadecimalAndItsContent(int size) {
        writer.begin(chunkedAnswer(), false);
        flush();
        channel.releaseOutbound();
        var content = content("x".repeat(size));
        writer.write(content);
        writer.write(LastHttpContent.EMPTY_LAST_CONTENT);
        flush();
        assertThat(String.join("", buffers()))
                .isEqualTo(Integer.toHexString(size) + "\r\n" + "x".repeat(size) + "\r\n0\r\n\r\n");
        assertThat(content.refCnt()).isZero();
    }

    @ParameterizedTest
    @ValueSource(ints = {5, MessageWriter.MOST_COPIED + 1})
    void theLastChunkFollowsContentThatIsTheLast(int size) {
        writer.begin(chunkedAnswer(), false);
        writer.write(last("x".repeat(size)));
        flush();
        assertThat(String.join("", buffers()))
                .isEqualTo("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n" + Integer.toHexString(size) + "\r\n"
                        + "x".repeat(size) + "\r\n0\r\n\r\n");
    }

    @Test
    void anAnswerToHeadHasNoBody() {
        writer.begin(chunkedAnswer(), true);
        writer.write(content("dropped"));
        writer.write(last("dropped"));
        flush();
        assertThat(String.join("", buffers())).isEqualTo("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n");
    }

    @ParameterizedTest
    @ValueSource(ints = {101, 204, 205, 304})
    void anAnswerThatCanHaveNoBodyHasNone(int status) {
        var head = new DefaultHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.valueOf(status, "Fine"));
        if (status != 101 && status != 304) {
            head.headers().set("transfer-encoding", "chunked");
        }
        writer.begin(head, false);
        writer.write(last("dropped"));
        flush();
        assertThat(String.join("", buffers()))
                .isEqualTo(
                        "HTTP/1.1 " + status + " Fine\r\n" + (status == 205 ? "content-length: 0\r\n" : "") + "\r\n");
    }

    @Test
    void theNextMessageIsFramedByItsOwnHeader() {
        writer.begin(chunkedAnswer(), false);
        writer.write(LastHttpContent.EMPTY_LAST_CONTENT);
        writer.begin(request());
        writer.write(content("one"));
        writer.write(last("two"));
        flush();
        assertThat(String.join("", buffers()))
                .endsWith("0\r\n\r\nPOST /v1/chat?a=b HTTP/1.1\r\nHost: engine\r\n\r\nonetwo");
    }

    @Test
    void afterASwitchContentIsBytes() {
        writer.begin(chunkedAnswer(), false);
        flush();
        channel.releaseOutbound();
        writer.switched();
        writer.write(content("bytes"));
        writer.flush();
        assertThat(buffers())
                .as("at once: the connection may be closed behind it")
                .containsExactly("bytes");
    }

    @Test
    void whatIsNotLatinIsNoLineEnd() {
        var head = request();
        head.headers().set("x", "\u010d\u010aé");
        writer.begin(head);
        flush();
        ByteBuf written = channel.readOutbound();
        assertThat(written.toString(ISO_8859_1)).endsWith("x: ??é\r\n\r\n");
        written.release();
    }

    @Test
    void theLastContentTellsWhenItHasLeft() {
        writer.begin(request());
        var left = writer.write(last("body"), channel.newPromise());
        assertThat(left.isDone()).isFalse();
        flush();
        assertThat(left.isSuccess()).isTrue();
        channel.releaseOutbound();
    }

    @Test
    void whatSeveralConnectionsHaveToSendLeavesTogether() {
        writer.begin(request());
        writer.write(last("one"));
        writer.flush();
        writer.begin(request());
        writer.write(last("two"));
        writer.flush();
        assertThat(buffers()).as("before the event loop has read all that came").isEmpty();
        loop.runPendingTasks();
        assertThat(String.join("", buffers())).endsWith("onePOST /v1/chat?a=b HTTP/1.1\r\nHost: engine\r\n\r\ntwo");
        writer.begin(request());
        flush();
        assertThat(buffers()).as("and again").hasSize(1);
    }

    @Test
    void whatHasWaitedLongLeavesBeforeAnotherConnectionIsRead() {
        writer.begin(request());
        writer.write(last("one"));
        writer.flush();
        clock.advance(FlushQueue.LONGEST_WAIT - 1, NANOSECONDS);
        queue.readComplete();
        assertThat(buffers()).as("others are read, but not for long").isEmpty();
        clock.advance(1, NANOSECONDS);
        queue.readComplete();
        assertThat(buffers()).hasSize(1);
    }

    @Test
    void theTimeBeginsAnewWithTheFirstThatWaitsAgain() {
        writer.begin(request());
        writer.write(last("one"));
        writer.flush();
        clock.advance(FlushQueue.LONGEST_WAIT, NANOSECONDS);
        queue.readComplete();
        channel.releaseOutbound();
        writer.begin(request());
        writer.write(last("two"));
        writer.flush();
        queue.readComplete();
        assertThat(buffers()).isEmpty();
        loop.runPendingTasks();
        assertThat(buffers())
                .as("the event loop calls though some has left before")
                .hasSize(1);
    }

    private void flush() {
        writer.flush();
        loop.runPendingTasks();
    }

    private List<String> buffers() {
        var all = new ArrayList<String>();
        ByteBuf buffer;
        while ((buffer = channel.readOutbound()) != null) {
            if (buffer.isReadable()) {
                all.add(buffer.toString(US_ASCII));
            }
            buffer.release();
        }
        return all;
    }

    private static HttpRequest request() {
        var head = new DefaultHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.POST, "/v1/chat?a=b");
        head.headers().set("Host", "engine");
        return head;
    }

    private static HttpResponse chunkedAnswer() {
        var head = new DefaultHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.OK);
        head.headers().set("transfer-encoding", "chunked");
        return head;
    }

    private static DefaultHttpContent content(String text) {
        return new DefaultHttpContent(Unpooled.copiedBuffer(text, US_ASCII));
    }

    private static LastHttpContent last(String text) {
        return new DefaultLastHttpContent(Unpooled.copiedBuffer(text, US_ASCII));
    }
}
