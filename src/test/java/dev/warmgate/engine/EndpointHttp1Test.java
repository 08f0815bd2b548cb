package dev.warmgate.engine;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.warmgate.engine.link.EngineLinks;
import dev.warmgate.router.EndpointSpec;
import dev.warmgate.router.Pool;
import dev.warmgate.router.PoolSpec;
import dev.warmgate.router.policy.Policies;
import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Answers as HTTP/1.1 lets servers give them, well and badly. */
class EndpointHttp1Test {
    private static final String OK = "HTTP/1.1 200 OK\r\n";

    private final ServerSocket server = listen();
    private final AtomicInteger connections = new AtomicInteger();
    private final List<String> questions = Collections.synchronizedList(new ArrayList<>());
    private final ByteArrayOutputStream body = new ByteArrayOutputStream();

    private EndpointHttp http = client("");

    private static ServerSocket listen() {
        try {
            return new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private EndpointHttp client(String path) {
        var address = URI.create("http://127.0.0.1:" + server.getLocalPort() + path);
        var policy = Objects.requireNonNull(Policies.create(Policies.WARM));
        var pool = new Pool(
                PoolSpec.of("pool", List.of(EndpointSpec.of(address))), policy, System::nanoTime, new Random(1));
        return new EndpointHttp(
                pool.endpoints().getFirst(), () -> EngineLinks.plain().of("pool", "e"));
    }

    @AfterEach
    void close() throws IOException {
        http.close();
        server.close();
    }

    /** Answers each question by the next of these, whatever the connection; closes it after one that ends with "!". */
    private void answer(String... answers) {
        Thread.ofVirtual().start(() -> {
            var next = new AtomicInteger();
            while (next.get() < answers.length) {
                try (var socket = server.accept()) {
                    connections.incrementAndGet();
                    serve(socket, next, answers);
                } catch (IOException _) {
                    return; // the test is over
                }
            }
        });
    }

    private void serve(Socket socket, AtomicInteger next, String... answers) throws IOException {
        var in = new BufferedReader(new InputStreamReader(socket.getInputStream(), ISO_8859_1));
        while (next.get() < answers.length) {
            var question = new StringBuilder();
            for (String line = in.readLine(); line != null && !line.isEmpty(); line = in.readLine()) {
                question.append(line).append('\n');
            }
            if (question.isEmpty()) {
                return;
            }
            questions.add(question.toString());
            String answer = answers[next.getAndIncrement()];
            boolean closes = answer.endsWith("!");
            for (String part : (closes ? answer.substring(0, answer.length() - 1) : answer).split("~", -1)) {
                socket.getOutputStream().write(part.getBytes(ISO_8859_1));
                socket.getOutputStream().flush();
            }
            if (closes) {
                return;
            }
        }
        assertThat(in.read()).isEqualTo(-1); // until the other side closes
    }

    private EndpointHttp.Answer ask() throws IOException {
        body.reset();
        return http.get("/metrics", "text/plain", Duration.ofSeconds(5), 100_000, body::write);
    }

    private String text() {
        return body.toString(ISO_8859_1);
    }

    @Test
    void oneConnectionBearsAllQuestions() throws Exception {
        String longOne = "x".repeat(40_000);
        answer(
                OK + "Server: vLLM\r\nContent-Length: 5\r\n\r\nhello",
                OK + "content-length:40000\r\n\r\n" + longOne,
                "HTTP/1.1 404 Not Found\r\nContent-Length: 4\r\n\r\nnone",
                "HTTP/1.1 100 Continue\r\n\r\n~" + OK + "Transfer-Encoding: chunked\r\n\r\n5;a=b\r\nhel~lo\r\n"
                        + "~1\r\n!\r\n0\r\nX-Trailer: 1\r\n\r\n",
                "HTTP/1.1 204 No Content\r\n\r\n",
                OK + "Content-Length: 0\r\n\r\n");
        assertThat(ask()).isEqualTo(new EndpointHttp.Answer(200, "vLLM"));
        assertThat(text()).isEqualTo("hello");
        assertThat(ask()).isEqualTo(new EndpointHttp.Answer(200, null));
        assertThat(text()).isEqualTo(longOne);
        assertThat(ask().status()).isEqualTo(404);
        assertThat(text()).isEmpty();
        assertThat(ask().status()).isEqualTo(200);
        assertThat(text()).isEqualTo("hello!");
        assertThat(ask().status()).isEqualTo(204);
        assertThat(ask().status()).isEqualTo(200);
        assertThat(connections).hasValue(1);
    }

    @Test
    void aQuestionSaysWhatAndToWhom() throws Exception {
        http = client("/prefix/");
        answer(OK + "Content-Length: 0\r\n\r\n");
        ask();
        assertThat(questions.getFirst().lines())
                .containsExactly(
                        "GET /prefix/metrics HTTP/1.1",
                        "host: 127.0.0.1:" + server.getLocalPort(),
                        "user-agent: warmgate",
                        "accept: text/plain");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "HTTP/1.1 200 OK\r\n\r\nhello!",
                "HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\nhello!",
                "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 5\r\n\r\nhello!",
                // It says nothing and is gone before the next question.
                "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello!",
                // Bytes that no question was asked for.
                "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhelloHTTP/1.1 408 Request Timeout\r\n\r\n!"
            })
    void aConnectionThatEndsIsReplaced(String first) throws Exception {
        answer(first, OK + "Content-Length: 3\r\n\r\ntwo");
        ask();
        assertThat(text()).isEqualTo("hello");
        assertThat(ask().status()).isEqualTo(200);
        assertThat(text()).isEqualTo("two");
        assertThat(connections).hasValue(2);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "SSH-2.0-OpenSSH\r\n\r\n!",
                "HTTP/1.1 2x0 OK\r\n\r\n!",
                "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n!",
                "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nshort!",
                "HTTP/1.1 200 OK\r\nContent-Length: 200000\r\n\r\n!",
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nfffffff\r\n!",
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nff!",
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nab\r\n0\r\n\r\n!",
                "!"
            })
    void anAnswerThatIsNoneFails(String answer) {
        answer(answer);
        assertThatThrownBy(this::ask).isInstanceOf(IOException.class);
    }

    @Test
    void aHeaderThatDoesNotEndFails() {
        answer(OK + ("a: " + "b".repeat(1_000) + "\r\n").repeat(100));
        assertThatThrownBy(this::ask).hasMessageContaining("header longer");
    }

    @Test
    void anAnswerThatDoesNotComeIsLate() {
        answer(OK + "Content-Length: 5\r\n\r\nhel");
        assertThatThrownBy(() -> http.get("/metrics", "*/*", Duration.ofMillis(50), 100, body::write))
                .isInstanceOf(SocketTimeoutException.class);
    }
}
