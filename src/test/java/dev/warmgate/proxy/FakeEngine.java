package dev.warmgate.proxy;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.warmgate.testing.TestCertificates;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLServerSocket;

/** An engine that does what a test says, byte by byte: a blocking server, one virtual thread per connection. */
final class FakeEngine implements AutoCloseable {
    /** Answers one request; may close, reset or stall. Throwing closes the connection. */
    interface Script {
        void run(Call call) throws IOException, InterruptedException;
    }

    private final ServerSocket listening;
    private final String scheme;
    private final Script script;
    private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
    private final AtomicInteger connections = new AtomicInteger();
    private final List<Http.Message> requests = new CopyOnWriteArrayList<>();
    private final AtomicInteger departures = new AtomicInteger();

    private FakeEngine(ServerSocket listening, String scheme, Script script) {
        this.listening = listening;
        this.scheme = scheme;
        this.script = script;
    }

    static FakeEngine start(Script script) {
        return start(0, script);
    }

    static FakeEngine start(int port, Script script) {
        try {
            return start(new ServerSocket(), port, "http", script);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    /**
     * Starts one that speaks TLS.
     *
     * @param certificate whose certificate it shows
     * @param authority whose client certificates it demands; none if empty
     */
    static FakeEngine startTls(String certificate, String authority, Script script) {
        try {
            var factory = TestCertificates.context(certificate, authority).getServerSocketFactory();
            var listening = (SSLServerSocket) factory.createServerSocket();
            listening.setNeedClientAuth(!authority.isEmpty());
            return start(listening, 0, "https", script);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static FakeEngine start(ServerSocket listening, int port, String scheme, Script script) throws IOException {
        listening.setReuseAddress(true);
        listening.bind(new java.net.InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1024);
        var engine = new FakeEngine(listening, scheme, script);
        Thread.startVirtualThread(engine::accept);
        return engine;
    }

    int port() {
        return listening.getLocalPort();
    }

    URI uri() {
        return URI.create(scheme + "://127.0.0.1:" + port());
    }

    /** Returns connections ever accepted. */
    int connections() {
        return connections.get();
    }

    /** Returns connections open now. */
    int open() {
        return sockets.size();
    }

    /** Returns requests fully read, in order. */
    List<Http.Message> requests() {
        return requests;
    }

    /** Returns how often a script that waited for it saw the gateway leave. */
    int departures() {
        return departures.get();
    }

    /** Closes all open connections, as an engine does with idle ones. */
    void closeConnections() throws IOException {
        for (Socket socket : sockets) {
            socket.close();
        }
    }

    private void accept() {
        try {
            while (true) {
                var socket = listening.accept();
                connections.incrementAndGet();
                sockets.add(socket);
                Thread.startVirtualThread(() -> serve(socket));
            }
        } catch (IOException e) {
            // closed
        }
    }

    private void serve(Socket socket) {
        try (socket) {
            socket.setTcpNoDelay(true);
            var in = new Http.Input(socket.getInputStream());
            for (int i = 0; !socket.isClosed(); i++) {
                var request = in.readRequest();
                if (request == null) {
                    return;
                }
                requests.add(request);
                script.run(new Call(request, socket, in, i));
            }
        } catch (IOException | InterruptedException e) {
            // the script's way to end a connection, or the gateway's
        } finally {
            sockets.remove(socket);
        }
    }

    @Override
    public void close() throws IOException {
        listening.close();
        closeConnections();
    }

    /** One request and the means to answer it. */
    final class Call {
        final Http.Message request;
        final int onConnection;
        private final Socket socket;
        private final Http.Input in;
        private final OutputStream out;

        Call(Http.Message request, Socket socket, Http.Input in, int onConnection) throws IOException {
            this.request = request;
            this.socket = socket;
            this.in = in;
            this.onConnection = onConnection;
            this.out = socket.getOutputStream();
        }

        void json(int status, String body) throws IOException {
            json(status, body, "");
        }

        void json(int status, String body, String moreHeaders) throws IOException {
            byte[] bytes = body.getBytes(UTF_8);
            var line = "HTTP/1.1 " + HttpResponseStatus.valueOf(status); // as engines write it, and as is read fastest
            raw(line + "\r\nContent-Type: application/json\r\nContent-Length: " + bytes.length + "\r\n" + moreHeaders
                    + "\r\n");
            raw(bytes);
        }

        void chat(String text) throws IOException {
            json(200, """
                    {"object":"chat.completion","choices":[{"index":0,"message":{"role":"assistant","content":"%s"}}],\
                    "usage":{"prompt_tokens":9,"completion_tokens":3,"total_tokens":12}}""".formatted(text));
        }

        void beginStream() throws IOException {
            raw("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n");
        }

        void token(String text) throws IOException {
            event("{\"object\":\"chat.completion.chunk\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"" + text
                    + "\"}}]}");
        }

        void event(String data) throws IOException {
            chunk("data: " + data + "\n\n");
        }

        void endStream() throws IOException {
            event("[DONE]");
            raw("0\r\n\r\n");
        }

        void chunk(String text) throws IOException {
            byte[] bytes = text.getBytes(UTF_8);
            raw(Integer.toHexString(bytes.length) + "\r\n" + text + "\r\n");
        }

        void raw(String text) throws IOException {
            raw(text.getBytes(UTF_8));
        }

        void raw(byte[] bytes) throws IOException {
            out.write(bytes);
        }

        void close() throws IOException {
            socket.close();
        }

        void reset() throws IOException {
            socket.setSoLinger(true, 0);
            socket.close();
        }

        /** Waits until the gateway closes this connection. */
        void awaitDeparture() throws IOException {
            try {
                while (in.read() >= 0) {}
            } finally {
                departures.incrementAndGet();
            }
            close();
        }

        String path() {
            return request.line().split(" ", -1)[1];
        }

        @Override
        public String toString() {
            return new String(request.body(), ISO_8859_1);
        }
    }
}
