package dev.warmgate.twin.load;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** A model server as the load client sees one, that does what a test tells it; a virtual thread per connection. */
public final class FakeEngine implements AutoCloseable {
    /** Answers one request. */
    @FunctionalInterface
    public interface Behaviour {
        /** Writes a whole response; returns whether the connection stays open. */
        boolean answer(String body, OutputStream out) throws IOException;
    }

    private static final String HEAD =
            "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n";

    private final ServerSocket server;
    private final Behaviour behaviour;
    private final List<Socket> sockets = new CopyOnWriteArrayList<>();

    public final List<String> heads = new CopyOnWriteArrayList<>();
    public final List<String> bodies = new CopyOnWriteArrayList<>();
    public final AtomicInteger connections = new AtomicInteger();
    public final AtomicInteger left = new AtomicInteger();

    public FakeEngine(Behaviour behaviour) throws IOException {
        this.behaviour = behaviour;
        server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        Thread.ofVirtual().start(this::accept);
    }

    public URI address() {
        return URI.create("http://127.0.0.1:" + server.getLocalPort());
    }

    /** A complete answer of these words. */
    public static Behaviour words(String... words) {
        return (_, out) -> {
            begin(out);
            event(out, "{\"choices\":[{\"delta\":{\"role\":\"assistant\",\"content\":\"\"}}]}");
            for (var word : words) {
                event(out, "{\"choices\":[{\"delta\":{\"content\":\"" + word + "\"}}],\"usage\":null}");
            }
            event(
                    out,
                    "{\"choices\":[],\"usage\":{\"prompt_tokens\":100,\"completion_tokens\":" + words.length
                            + ",\"prompt_tokens_details\":{\"cached_tokens\":60}}}");
            event(out, "[DONE]");
            end(out);
            return true;
        };
    }

    public static void begin(OutputStream out) throws IOException {
        out.write(HEAD.getBytes(StandardCharsets.US_ASCII));
        out.flush();
    }

    public static void event(OutputStream out, String data) throws IOException {
        var bytes = ("data: " + data + "\n\n").getBytes(StandardCharsets.UTF_8);
        // Two chunks, cut anywhere.
        int cut = bytes.length / 2;
        chunk(out, bytes, 0, cut);
        chunk(out, bytes, cut, bytes.length - cut);
    }

    public static void end(OutputStream out) throws IOException {
        out.write("0\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        out.flush();
    }

    @Override
    public void close() throws IOException {
        server.close();
        for (var socket : sockets) {
            socket.close();
        }
    }

    private static void chunk(OutputStream out, byte[] bytes, int offset, int length) throws IOException {
        out.write((Integer.toHexString(length) + "\r\n").getBytes(StandardCharsets.US_ASCII));
        out.write(bytes, offset, length);
        out.write("\r\n".getBytes(StandardCharsets.US_ASCII));
        out.flush();
    }

    private void accept() {
        try {
            while (true) {
                var socket = server.accept();
                sockets.add(socket);
                connections.incrementAndGet();
                Thread.ofVirtual().start(() -> serve(socket));
            }
        } catch (IOException _) {
            // closed: the test is over
        }
    }

    private void serve(Socket socket) {
        try (socket) {
            var in = new BufferedInputStream(socket.getInputStream());
            var body = read(in);
            while (body != null) {
                bodies.add(body);
                if (!behaviour.answer(body, socket.getOutputStream())) {
                    return;
                }
                body = read(in);
            }
        } catch (IOException _) {
            // the client went away
        } finally {
            left.incrementAndGet();
        }
    }

    private @Nullable String read(InputStream in) throws IOException {
        int length = 0;
        var head = new StringBuilder();
        for (var line = line(in); !line.isEmpty(); line = line(in)) {
            head.append(line).append('\n');
            if (line.toLowerCase(Locale.ROOT).startsWith("content-length:")) {
                length = Integer.parseInt(line.substring(line.indexOf(':') + 1).strip());
            }
        }
        if (length > 0) {
            heads.add(head.toString());
        }
        return length == 0 ? null : new String(in.readNBytes(length), StandardCharsets.UTF_8);
    }

    private static String line(InputStream in) throws IOException {
        var line = new StringBuilder();
        for (int b = in.read(); b >= 0 && b != '\n'; b = in.read()) {
            if (b != '\r') {
                line.append((char) b);
            }
        }
        return line.toString();
    }
}
