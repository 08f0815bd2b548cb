package dev.warmgate.proxy;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufAllocatorMetricProvider;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Bodies of 64 MB, over TLS by both protocols: they arrive as they were sent, and little of them is in native memory. */
class LargeBodyTest {
    private static final int LENGTH = 64_000_000;

    /** One body would be more, and what other tests do meanwhile is less. */
    private static final long MOST_NATIVE = 48 << 20;

    private static byte[] sum(byte[] bytes) throws Exception {
        return MessageDigest.getInstance("SHA-256").digest(bytes);
    }

    private static long nativeMemory() {
        return ((ByteBufAllocatorMetricProvider) ByteBufAllocator.DEFAULT)
                .metric()
                .usedDirectMemory();
    }

    @Test
    void theyPassInLittleNativeMemory(@TempDir Path folder) throws Exception {
        String text = Client.chatBody("m", false);
        byte[] body =
                text.replace("warm", "x".repeat(LENGTH - text.length() + 4)).getBytes(UTF_8);
        assertThat(body).hasSize(LENGTH);
        byte[] sum = sum(body);
        var server = Certificates.selfSigned(folder, "server");
        var highest = new AtomicLong();
        var over = new AtomicBoolean();
        try (var engine = FakeEngine.start(call -> call.chat("ok"));
                var gateway = Gateway.start(Gateway.tls(server.settings()), engine.uri());
                var one = client(HttpClient.Version.HTTP_1_1);
                var two = client(HttpClient.Version.HTTP_2)) {
            long before = nativeMemory();
            var watching = Thread.startVirtualThread(() -> {
                while (!over.get()) {
                    highest.accumulateAndGet(nativeMemory(), Math::max);
                    LockSupport.parkNanos(500_000);
                }
            });
            // One is collected before it is sent on, the other is not.
            for (var http :
                    Map.of("/v1/chat/completions", two, "/v1/files", one).entrySet()) {
                var request = HttpRequest.newBuilder(URI.create(
                                "https://127.0.0.1:" + gateway.proxy().address().getPort() + http.getKey()))
                        .POST(HttpRequest.BodyPublishers.ofByteArray(body))
                        .build();
                var answer = http.getValue().send(request, HttpResponse.BodyHandlers.ofString());
                assertThat(answer.statusCode()).isEqualTo(200);
                assertThat(answer.version()).isEqualTo(http.getValue().version());
                assertThat(sum(engine.requests().getLast().body())).isEqualTo(sum);
                engine.requests().clear();
            }
            over.set(true);
            watching.join();
            assertThat(highest.get() - before).isLessThan(MOST_NATIVE);
        }
    }

    private static HttpClient client(HttpClient.Version version) throws Exception {
        return HttpClient.newBuilder()
                .version(version)
                .sslContext(TlsTest.trusting())
                .build();
    }
}
