package dev.warmgate.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.warmgate.engine.EndpointConnection.Question;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersDecoder;
import io.netty.handler.codec.http2.DefaultHttp2HeadersEncoder;
import io.netty.handler.codec.http2.Http2HeadersEncoder;
import java.io.IOException;
import java.util.HexFormat;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class HeaderBlockTest {
    private final long seed = Long.getLong("warmgate.seed", System.nanoTime());

    private static String huffman(String hex) throws IOException {
        byte[] bytes = HexFormat.of().parseHex(hex);
        return HpackHuffman.decode(bytes, 0, bytes.length);
    }

    /** From RFC 7541, appendices C.4 and C.6. */
    @Test
    void itDecodesTheExamplesOfTheStandard() throws IOException {
        assertThat(huffman("f1e3c2e5f23a6ba0ab90f4ff")).isEqualTo("www.example.com");
        assertThat(huffman("25a849e95bb8e8b4bf")).isEqualTo("custom-value");
        assertThat(huffman("6402")).isEqualTo("302");
        assertThat(huffman("d07abe941054d444a8200595040b8166e082a62d1bff")).isEqualTo("Mon, 21 Oct 2013 20:13:21 GMT");
    }

    /** Padding of a byte or more, of zeros, and the end inside. */
    @Test
    void itRefusesCodesThatAreNone() {
        for (String hex : new String[] {"6402ff", "64", "ffffffff"}) {
            assertThatThrownBy(() -> huffman(hex)).as(hex).isInstanceOf(IOException.class);
        }
    }

    @Test
    void whatAnotherEncodesIsRead() throws Exception {
        var random = new Random(seed);
        // Everything in Huffman's code, without a dynamic table.
        var encoder = new DefaultHttp2HeadersEncoder(Http2HeadersEncoder.NEVER_SENSITIVE, false, 16, 0);
        encoder.maxHeaderTableSize(0);
        for (int i = 0; i < 500; i++) {
            int status = 200 + random.nextInt(400);
            var server = new StringBuilder();
            random.ints(1 + random.nextInt(200), 1, 256).forEach(c -> server.append((char) c));
            var headers = new DefaultHttp2Headers(false)
                    .status(Integer.toString(status))
                    .add("content-type", "text/plain")
                    .add("server", server)
                    .add("x-" + random.nextInt(100), "v".repeat(random.nextInt(300)));
            var out = Unpooled.buffer();
            encoder.encodeHeaders(1, headers, out);
            assertThat(HeaderBlock.answer(ByteBufUtil.getBytes(out)))
                    .as("seed %d", seed)
                    .isEqualTo(new EndpointHttp.Answer(status, server.toString()));
        }
    }

    @Test
    void anotherReadsWhatIsAsked() throws Exception {
        byte[] block = HeaderBlock.question(new Question(
                true,
                false,
                "engine:8000",
                "/v1/" + "x".repeat(300),
                Map.of("authorization", "Bearer key"),
                new byte[0]));
        var read = new DefaultHttp2HeadersDecoder(true).decodeHeaders(1, Unpooled.wrappedBuffer(block));
        assertThat(read.method()).hasToString("POST");
        assertThat(read.scheme()).hasToString("http");
        assertThat(read.authority()).hasToString("engine:8000");
        assertThat(read.path()).hasToString("/v1/" + "x".repeat(300));
        assertThat(read.get("authorization")).hasToString("Bearer key");
    }

    @Test
    void brokenOnesAreErrors() {
        var random = new Random(seed);
        for (int i = 0; i < 20_000; i++) {
            byte[] block = new byte[random.nextInt(40)];
            random.nextBytes(block);
            try {
                assertThat(HeaderBlock.answer(block).status()).isBetween(0, 999);
            } catch (IOException e) {
                assertThat(e).as("seed %d", seed).hasMessageMatching("a(n answer| header| status) .*");
            }
        }
    }
}
