package dev.warmgate.app;

import static dev.warmgate.app.Rehearsal.ascii;
import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.warmgate.door.Access;
import dev.warmgate.engine.ModelCatalog;
import dev.warmgate.proxy.ProxyServer;
import dev.warmgate.proxy.ProxySettings;
import dev.warmgate.telemetry.Telemetry;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;

/** A client before a front door of its own, behind which stands an engine that is part of this. */
final class ClientRehearsal implements Rehearsal {
    private static final String STREAM_END = "0\r\n\r\n";
    private static final byte[] STREAM_ANSWER = ascii("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
            + "Transfer-Encoding: chunked\r\n\r\n" + chunk(EVENT) + chunk(EVENT + LAST_EVENT) + STREAM_END);
    private static final byte[] WHOLE_ANSWER =
            ascii("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: " + WHOLE.length() + "\r\n\r\n"
                    + WHOLE);

    private final ServerSocket engine;
    private final ProxyServer door;
    private final Socket client;
    private final BufferedInputStream in;

    private ClientRehearsal(ServerSocket engine, ProxyServer door, Socket client) throws IOException {
        this.engine = engine;
        this.door = door;
        this.client = client;
        client.setTcpNoDelay(true);
        client.setSoTimeout((int) PATIENCE.toMillis());
        in = new BufferedInputStream(client.getInputStream());
    }

    static Rehearsal open() throws IOException {
        var loopback = InetAddress.getLoopbackAddress();
        var engine = new ServerSocket(0, 8, loopback);
        Thread.ofPlatform().name("warm-up-engine").daemon().start(() -> answer(engine));
        var router = Rehearsal.router(URI.create("http://" + loopback.getHostAddress() + ":" + engine.getLocalPort()));
        var door = ProxyServer.start(
                ProxySettings.defaults(new InetSocketAddress(loopback, 0)),
                router,
                Access.OPEN,
                1,
                new ServedModels(new ModelCatalog(router)),
                new Telemetry(router, VersionCommand.version()));
        return new ClientRehearsal(
                engine, door, new Socket(loopback, door.address().getPort()));
    }

    @Override
    public boolean ask(Question question) throws IOException {
        String body = question.body();
        client.getOutputStream()
                .write(ascii("POST " + question.path() + " HTTP/1.1\r\nHost: warm-up\r\nUser-Agent: warm-up\r\n"
                        + "Accept: */*\r\nContent-Type: application/json\r\nContent-Length: " + body.length()
                        + "\r\n\r\n" + body));
        return await(in, question.stream() ? STREAM_END : WHOLE).startsWith("HTTP/1.1 200");
    }

    /** The engine: one connection after the other, one request after the other. */
    private static void answer(ServerSocket engine) {
        while (!engine.isClosed()) {
            try (var connection = engine.accept()) {
                connection.setTcpNoDelay(true);
                var in = new BufferedInputStream(connection.getInputStream());
                while (true) {
                    boolean stream = await(in, BODY_END).contains("\"stream\":true");
                    connection.getOutputStream().write(stream ? STREAM_ANSWER : WHOLE_ANSWER);
                }
            } catch (IOException _) {
                // The connection or the engine was closed.
            }
        }
    }

    /** Reads until what was read ends with {@code end}, and returns it. */
    private static String await(InputStream in, String end) throws IOException {
        var read = new StringBuilder();
        byte[] piece = new byte[8 << 10];
        do {
            int count = in.read(piece);
            if (count < 0) {
                throw new IOException("closed");
            }
            read.append(new String(piece, 0, count, US_ASCII));
        } while (read.lastIndexOf(end) != read.length() - end.length());
        return read.toString();
    }

    private static String chunk(String text) {
        return Integer.toHexString(text.length()) + "\r\n" + text + "\r\n";
    }

    @Override
    public void close() {
        try {
            client.close();
            door.close();
            engine.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
