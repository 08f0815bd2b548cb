package dev.warmgate.proxy;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;

/** One client connection, byte by byte. */
final class Client implements AutoCloseable {
    private static final int TIMEOUT_MILLIS = 20_000;

    private final Socket socket;
    private final Http.Input in;

    private Client(Socket socket) throws IOException {
        this.socket = socket;
        this.in = new Http.Input(socket.getInputStream());
    }

    static Client connect(InetSocketAddress address) throws IOException {
        return connect(address, 0);
    }

    /** Connects from another address of the loopback network. */
    static Client connect(String from, InetSocketAddress address) throws IOException {
        var socket = new Socket();
        socket.bind(new InetSocketAddress(from, 0));
        return connect(socket, address);
    }

    /** Connects with a small receive buffer, for a client that reads slowly. */
    static Client connect(InetSocketAddress address, int receiveBuffer) throws IOException {
        var socket = new Socket();
        if (receiveBuffer > 0) {
            socket.setReceiveBufferSize(receiveBuffer);
        }
        return connect(socket, address);
    }

    private static Client connect(Socket socket, InetSocketAddress address) throws IOException {
        socket.setTcpNoDelay(true);
        socket.setSoTimeout(TIMEOUT_MILLIS);
        socket.connect(address);
        return new Client(socket);
    }

    /** Waits so long for bytes from now on. */
    Client patience(Duration limit) throws IOException {
        socket.setSoTimeout((int) limit.toMillis());
        return this;
    }

    static String chatBody(String model, boolean stream) {
        return "{\"model\":\"" + model + "\",\"stream\":" + stream
                + ",\"messages\":[{\"role\":\"user\",\"content\":\"Tell me about warm caches.\"}]}";
    }

    Client post(String path, String body) throws IOException {
        return post(path, "", body.getBytes(UTF_8));
    }

    Client post(String path, String moreFields, byte[] body) throws IOException {
        send("POST " + path + " HTTP/1.1\r\nHost: gateway\r\nContent-Type: application/json\r\nContent-Length: "
                + body.length + "\r\n" + moreFields + "\r\n");
        return send(body);
    }

    Client chat(boolean stream) throws IOException {
        return post("/v1/chat/completions", chatBody("m", stream));
    }

    Client get(String path) throws IOException {
        return send("GET " + path + " HTTP/1.1\r\nHost: gateway\r\n\r\n");
    }

    Client send(String text) throws IOException {
        return send(text.getBytes(UTF_8));
    }

    Client send(byte[] bytes) throws IOException {
        socket.getOutputStream().write(bytes);
        return this;
    }

    Http.Message response() throws IOException {
        return in.readResponse(false);
    }

    Http.Message responseToHead() throws IOException {
        return in.readResponse(true);
    }

    Http.Message responseHead() throws IOException {
        return in.readResponseHead();
    }

    Http.Message bodyOf(Http.Message head) throws IOException {
        return in.readBodyOf(head);
    }

    String chunk() throws IOException {
        return new String(in.readChunk(), UTF_8);
    }

    /** Returns whether the gateway closes the connection without a further byte. */
    boolean closed() throws IOException {
        return in.read() < 0;
    }

    byte[] bytes(int count) throws IOException {
        return in.readBytes(count);
    }

    int read() throws IOException {
        return in.read();
    }

    void shutdownOutput() throws IOException {
        socket.shutdownOutput();
    }

    void reset() throws IOException {
        socket.setSoLinger(true, 0);
        socket.close();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
