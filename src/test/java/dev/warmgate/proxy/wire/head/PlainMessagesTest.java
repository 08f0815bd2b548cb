package dev.warmgate.proxy.wire.head;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpRequestDecoder;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseDecoder;
import io.netty.util.ReferenceCountUtil;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is read here is read as Netty's own decoders would: the same messages, or the same failure, from the same bytes. */
class PlainMessagesTest {
    private static final int MOST_BYTES = 2_000;
    private static final int RUNS = 20_000;

    private static final List<String> REQUESTS = List.of(
            "POST /v1/chat/completions HTTP/1.1\r\nHost: g\r\nContent-Length: 5\r\nAuthorization:  Bearer x \t\r\n\r\nhello",
            "GET /v1/models?a=b HTTP/1.1\r\nhost: g\r\nX-Empty:\r\nx-empty: \r\nConnection: keep-alive\r\n\r\n",
            "POST /v1/files HTTP/1.1\r\nTransfer-Encoding: chunked\r\nHost: g\r\n\r\n3;x=y\r\nabc\r\n0\r\nT: u\r\n\r\n",
            "POST /v1/x HTTP/1.0\r\nContent-Length: 2\r\n\r\nab",
            "HEAD /v1/x HTTP/1.1\r\nHost: g\r\nContent-Length: 0\r\n\r\n",
            "GET /v1/y HTTP/1.1\r\nContent-Length: 0\r\n\r\n",
            "GET /v1/ws HTTP/1.1\r\nUpgrade: websocket\r\nSec-WebSocket-Key1: a\r\nSec-WebSocket-Key2: b\r\n\r\n12345678",
            "GET /v1/folded HTTP/1.1\r\nX: y\r\n z\r\n\r\n");

    // Line ends are what this is about.
    @SuppressWarnings("StringConcatToTextBlock")
    private static final List<String> ANSWERS = List.of(
            "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nServer: x\r\n\r\nhello",
            "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\ntransfer-encoding: Chunked\r\n\r\n"
                    + "7\r\ndata: a\r\nA\r\ndata: abc\n\r\n0\r\n\r\n",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n03;a=b\r\nabc\r\n1\r\nx\r\n0\r\nT: u\r\n\r\n",
            "HTTP/1.1 100 Continue\r\n\r\n",
            "HTTP/1.1 204 No Content\r\nX: y\r\n\r\n",
            "HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n",
            "HTTP/1.1 429 Too Many Requests\r\nContent-Length: 0\r\nRetry-After: 1\r\n\r\n",
            "HTTP/1.1 500 Oh no\r\nContent-Length: 2\r\n\r\nab",
            "HTTP/1.0 200 OK\r\nConnection: close\r\n\r\nto the end");

    /** What changes a message, in a way that matters or not. */
    private static final List<String> BITS = List.of(
            "\r\n",
            "\n",
            "\r",
            " ",
            "\t",
            ":",
            ";",
            "0",
            "5",
            "+",
            ",",
            "\u0000",
            "\u000b",
            "\u00ff",
            "a",
            "X: y\r\n",
            "\r\n ",
            "Content-Length: 5\r\n",
            "Content-Length: 05\r\n",
            "Transfer-Encoding: chunked\r\n",
            "HTTP/1.1 ",
            "GET / ",
            "Transfer-Encoding: identity\r\n",
            "Content-Length: 99999999999999999999\r\n",
            "Sec-WebSocket-Key1: 1\r\n",
            "x".repeat(MOST_BYTES));

    private static HttpDecoderConfig strict() {
        return new HttpDecoderConfig()
                .setMaxInitialLineLength(MOST_BYTES)
                .setMaxHeaderSize(MOST_BYTES)
                .setMaxChunkSize(Turn.LARGEST_PIECE)
                .setAllowDuplicateContentLengths(false)
                .setStrictLineParsing(true)
                .setUseRfc9112TransferEncoding(true);
    }

    private static String readRequests(String text, int... cuts) {
        return Transcript.of(new RequestDecoder(strict(), new HeadReader(), _ -> {}), text, cuts);
    }

    private static String readAnswers(String text, int... cuts) {
        return Transcript.of(new AnswerDecoder(new HeadReader()), text, cuts);
    }

    @Test
    void requestsThatWereChangedAtRandomAreReadAsByNetty() {
        long seed = System.nanoTime();
        var random = new Random(seed);
        for (int run = 0; run < RUNS; run++) {
            String text = changed(REQUESTS, random);
            int[] cuts = cuts(text, random);
            assertThat(readRequests(text, cuts))
                    .as("seed %d, run %d: %s", seed, run, text)
                    .isEqualTo(Transcript.of(new HttpRequestDecoder(strict()), text, cuts));
        }
    }

    @Test
    void answersThatWereChangedAtRandomAreReadAsByNetty() {
        long seed = System.nanoTime();
        var random = new Random(seed);
        for (int run = 0; run < RUNS; run++) {
            String text = changed(ANSWERS, random);
            int[] cuts = cuts(text, random);
            assertThat(readAnswers(text, cuts))
                    .as("seed %d, run %d: %s", seed, run, text)
                    .isEqualTo(Transcript.of(new HttpResponseDecoder(AnswerDecoder.CONFIG), text, cuts));
        }
    }

    @Test
    void plainHeadersAreReadHere() {
        var requests = new EmbeddedChannel(new RequestDecoder(strict(), new HeadReader(), _ -> {}));
        requests.writeInbound(Unpooled.copiedBuffer(REQUESTS.getFirst() + REQUESTS.get(1), US_ASCII));
        for (int i = 0; i < 2; i++) {
            assertThat(requests.<HttpRequest>readInbound().headers()).isInstanceOf(FieldList.class);
            ReferenceCountUtil.release(requests.readInbound());
        }
        var answers = new EmbeddedChannel(new AnswerDecoder(new HeadReader()));
        answers.writeInbound(Unpooled.copiedBuffer(ANSWERS.get(1) + ANSWERS.getFirst(), US_ASCII));
        int heads = 0;
        Object message;
        while ((message = answers.readInbound()) != null) {
            heads += message instanceof HttpResponse head && head.headers() instanceof FieldList ? 1 : 0;
            ReferenceCountUtil.release(message);
        }
        assertThat(heads).isEqualTo(2);
        assertThat(requests.finishAndReleaseAll()).isFalse();
        assertThat(answers.finishAndReleaseAll()).isFalse();
    }

    private static String changed(List<String> messages, Random random) {
        var text = new StringBuilder();
        for (int i = random.nextInt(4); i >= 0; i--) {
            text.append(messages.get(random.nextInt(messages.size())));
        }
        for (int i = random.nextInt(3); i > 0; i--) {
            int at = random.nextInt(text.length());
            switch (random.nextInt(3)) {
                case 0 -> text.deleteCharAt(at);
                case 1 -> text.insert(at, BITS.get(random.nextInt(BITS.size())));
                default -> text.setCharAt(at, (char) random.nextInt(256));
            }
        }
        return text.toString();
    }

    private static int[] cuts(String text, Random random) {
        return random.ints(random.nextInt(3), 0, text.length() + 1).sorted().toArray();
    }

    @ParameterizedTest
    @ValueSource(ints = {1_900, 2_100, 9_000})
    void aHeaderBeyondTheLimitIsRefusedAsByNetty(int size) {
        String text = "GET /v1/x HTTP/1.1\r\nX: " + "y".repeat(size) + "\r\n\r\n";
        assertThat(readRequests(text)).isEqualTo(Transcript.of(new HttpRequestDecoder(strict()), text));
    }

    @Test
    void manyFieldsAreReadAsByNetty() {
        String text = "GET /v1/x HTTP/1.1\r\n" + "X: y\r\n".repeat(200) + "\r\n";
        assertThat(readRequests(text)).isEqualTo(Transcript.of(new HttpRequestDecoder(strict()), text));
    }

    @ParameterizedTest
    @ValueSource(strings = {"Upgrade: websocket\r\nConnection: upgrade\r\n", ""})
    void whatFollowsASwitchOfProtocolsIsNoAnswer(String fields) {
        String text = "HTTP/1.1 101 Switching Protocols\r\n" + fields + "\r\n";
        String after = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
        for (String all : List.of(text, text + after)) {
            assertThat(readAnswers(all, text.length()))
                    .isEqualTo(Transcript.of(new HttpResponseDecoder(AnswerDecoder.CONFIG), all, text.length()));
        }
    }

    @Test
    void theAnswerToHeadHasNoBody() {
        var decoder = new AnswerDecoder(new HeadReader());
        decoder.begin(true);
        String text = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n";
        assertThat(Transcript.of(decoder, text)).endsWith("<end[]>");
    }
}
