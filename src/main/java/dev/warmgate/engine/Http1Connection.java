package dev.warmgate.engine;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.warmgate.engine.EndpointHttp.Answer;
import dev.warmgate.engine.EndpointHttp.Body;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.util.Arrays;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A connection of HTTP/1.1 (RFC 9112) on which one question is asked after the other, by one blocking thread.
 *
 * <p>The JDK's clients make many objects, and threads of their own, for what is asked of every endpoint every second or two.
 */
final class Http1Connection implements EndpointConnection {
    private static final int LONGEST_HEADER = 64 << 10;
    private static final int LONGEST_CHUNK_DIGITS = 7;

    private final Socket socket;
    private final InputStream in;
    private final OutputStream out;
    private final byte[] buffer = new byte[16 << 10];

    // What was received and not looked at.
    private int from;
    private int to;

    private boolean usable = true;

    // The answer at hand.
    private long deadline;
    private int mayCome;
    private int status;
    private @Nullable String server;

    /** Of the body; -1 if the header says nothing. */
    private long length;

    private boolean chunked;
    private boolean closes;

    Http1Connection(Socket socket) throws IOException {
        this.socket = socket;
        this.in = socket.getInputStream();
        this.out = socket.getOutputStream();
    }

    @Override
    public boolean usable() {
        return usable;
    }

    @Override
    public Answer ask(Question question, long until, int maxBytes, Body body) throws IOException {
        usable = false; // until the answer is read
        deadline = until;
        mayCome = maxBytes;
        send(coded(question));
        do {
            readHeader();
        } while (status < 200);
        readBody(body);
        usable = !closes && from == to;
        return new Answer(status, server);
    }

    private static byte[] coded(Question question) {
        var header = new StringBuilder(256)
                .append(question.post() ? "POST " : "GET ")
                .append(question.path())
                .append(" HTTP/1.1\r\nhost: ")
                .append(question.authority());
        question.fields()
                .forEach((name, value) ->
                        header.append("\r\n").append(name).append(": ").append(value));
        byte[] head = header.append("\r\n\r\n").toString().getBytes(ISO_8859_1);
        byte[] content = question.content();
        byte[] whole = Arrays.copyOf(head, head.length + content.length);
        System.arraycopy(content, 0, whole, head.length, content.length);
        return whole;
    }

    private void send(byte[] question) throws IOException {
        try {
            if (in.available() > 0) {
                throw new Unheard("an answer that nobody asked for");
            }
            out.write(question);
            fill();
        } catch (EOFException | SocketException e) {
            throw new Unheard("the connection is closed");
        }
    }

    private void readHeader() throws IOException {
        String first = line();
        if (!first.startsWith("HTTP/1.") || first.length() < 12) {
            throw new IOException("not an HTTP answer");
        }
        status = number(first.substring(9, 12), 10, 3);
        server = null;
        length = -1;
        chunked = false;
        closes = first.startsWith("HTTP/1.0");
        int size = 0;
        for (var field = line(); !field.isEmpty(); field = line()) {
            size += field.length();
            if (size > LONGEST_HEADER) {
                throw new IOException("a header longer than " + LONGEST_HEADER + " bytes");
            }
            int colon = field.indexOf(':');
            if (colon > 0) {
                readField(
                        field.substring(0, colon).toLowerCase(Locale.ROOT),
                        field.substring(colon + 1).strip());
            }
        }
    }

    private void readField(String name, String value) throws IOException {
        switch (name) {
            case "server" -> server = value;
            case "content-length" -> length = number(value, 10, 9);
            case "transfer-encoding" -> chunked = value.toLowerCase(Locale.ROOT).endsWith("chunked");
            case "connection" -> {
                String option = value.toLowerCase(Locale.ROOT);
                closes = option.contains("close") || (closes && !option.contains("keep-alive"));
            }
            default -> {}
        }
    }

    private void readBody(Body body) throws IOException {
        if (status == 204 || status == 304) {
            return;
        }
        if (chunked) {
            readChunks(body);
        } else if (length >= 0) {
            readPart(length, body);
        } else {
            closes = true;
            while (from < to || more()) {
                readPart(to - from, body);
            }
        }
    }

    private void readChunks(Body body) throws IOException {
        int size;
        do {
            String line = line();
            int end = line.indexOf(';');
            size = number((end < 0 ? line : line.substring(0, end)).strip(), 16, LONGEST_CHUNK_DIGITS);
            readPart(size, body);
            if (size > 0 && !line().isEmpty()) {
                throw new IOException("a chunk that does not end where it should");
            }
        } while (size > 0);
        int trailers = 0;
        for (var field = line(); !field.isEmpty(); field = line()) {
            trailers += field.length();
            if (trailers > LONGEST_HEADER) {
                throw new IOException("trailers longer than " + LONGEST_HEADER + " bytes");
            }
        }
    }

    /** Reads so much of the body. */
    private void readPart(long size, Body body) throws IOException {
        if (size > mayCome) {
            throw new IOException("answer longer than it may be");
        }
        mayCome -= (int) size;
        int left = (int) size;
        while (left > 0) {
            if (from == to) {
                fill();
            }
            int count = Math.min(left, to - from);
            if (status == 200) {
                body.part(buffer, from, count);
            }
            from += count;
            left -= count;
        }
    }

    /** Returns the next line, without its end. */
    private String line() throws IOException {
        int at = from;
        while (true) {
            while (at < to && buffer[at] != '\n') {
                at++;
            }
            if (at < to) {
                break;
            }
            if (to - from == buffer.length) {
                throw new IOException("a line longer than " + buffer.length + " bytes");
            }
            at -= from;
            fill();
        }
        int end = at > from && buffer[at - 1] == '\r' ? at - 1 : at;
        var line = new String(buffer, from, end - from, ISO_8859_1);
        from = at + 1;
        return line;
    }

    private boolean more() throws IOException {
        try {
            fill();
            return true;
        } catch (EOFException _) {
            return false;
        }
    }

    /** Receives more; what is there moves to the beginning. */
    private void fill() throws IOException {
        System.arraycopy(buffer, from, buffer, 0, to - from);
        to -= from;
        from = 0;
        long left = deadline - System.nanoTime();
        if (left <= 0) {
            throw new SocketTimeoutException("answer not complete in time");
        }
        socket.setSoTimeout((int) Math.max(1, left / 1_000_000));
        int count = in.read(buffer, to, buffer.length - to);
        if (count < 0) {
            throw new EOFException("the connection ended");
        }
        to += count;
    }

    private static int number(String text, int radix, int mostDigits) throws IOException {
        boolean digits = !text.isEmpty() && text.length() <= mostDigits;
        for (int i = 0; digits && i < text.length(); i++) {
            digits = Character.digit(text.charAt(i), radix) >= 0 && text.charAt(i) < 128;
        }
        if (!digits) {
            throw new IOException("not an HTTP answer");
        }
        return Integer.parseInt(text, radix);
    }

    @Override
    public void close() {
        try {
            socket.close();
        } catch (IOException _) {
            return; // nothing is left to close
        }
    }
}
