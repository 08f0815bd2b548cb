package dev.warmgate.proxy;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A small, strict HTTP/1.1 reader for tests: it believes nothing that is not on the wire. */
final class Http {
    private Http() {}

    /** A request or an answer: its first line, its fields as they came, its body. */
    record Message(
            String line,
            List<String> fields,
            @SuppressWarnings("ArrayRecordComponent") byte[] body) {
        int status() {
            return Integer.parseInt(line.split(" ", -1)[1]);
        }

        @Nullable
        String field(String name) {
            for (String field : fields) {
                int colon = field.indexOf(':');
                if (field.substring(0, colon).equalsIgnoreCase(name)) {
                    return field.substring(colon + 1).trim();
                }
            }
            return null;
        }

        String text() {
            return new String(body, UTF_8);
        }
    }

    static final class Input {
        private final InputStream in;

        Input(InputStream in) {
            this.in = new BufferedInputStream(in, 64 << 10);
        }

        byte[] readBytes(int count) throws IOException {
            return in.readNBytes(count);
        }

        int read() throws IOException {
            return in.read();
        }

        /** Reads a request; null if the connection ended before it began. */
        @Nullable
        Message readRequest() throws IOException {
            var head = readHead();
            return head == null ? null : withBody(head, false, true);
        }

        /** Reads a final answer; an answer that is cut off is an {@link EOFException}. */
        Message readResponse(boolean toHead) throws IOException {
            var head = readResponseHead();
            return withBody(head, toHead || head.status() == 204 || head.status() == 304, false);
        }

        Message readResponseHead() throws IOException {
            var head = readHead();
            if (head == null) {
                throw new EOFException("no answer");
            }
            return head;
        }

        /** Reads the body that belongs to an answer's header. */
        Message readBodyOf(Message head) throws IOException {
            return withBody(head, false, false);
        }

        private @Nullable Message readHead() throws IOException {
            int first = in.read();
            if (first < 0) {
                return null;
            }
            String line = (char) first + readLine();
            var fields = new ArrayList<String>();
            for (String field = readLine(); !field.isEmpty(); field = readLine()) {
                fields.add(field);
            }
            return new Message(line, fields, new byte[0]);
        }

        private Message withBody(Message head, boolean bodiless, boolean request) throws IOException {
            return new Message(head.line(), head.fields(), bodiless ? new byte[0] : readBody(head, request));
        }

        private byte[] readBody(Message head, boolean request) throws IOException {
            if (head.field("transfer-encoding") != null) {
                var body = new ByteArrayOutputStream();
                for (byte[] chunk = readChunk(); chunk.length > 0; chunk = readChunk()) {
                    body.writeBytes(chunk);
                }
                return body.toByteArray();
            }
            String length = head.field("content-length");
            if (length == null) {
                return request ? new byte[0] : in.readAllBytes();
            }
            byte[] body = in.readNBytes(Integer.parseInt(length));
            if (body.length < Integer.parseInt(length)) {
                throw new EOFException("the body ended after " + body.length + " of " + length + " bytes");
            }
            return body;
        }

        /** Reads one chunk; the last one is empty. */
        byte[] readChunk() throws IOException {
            int size = Integer.parseInt(readLine(), 16);
            byte[] chunk = in.readNBytes(size);
            if (chunk.length < size || !readLine().isEmpty()) {
                throw new EOFException("a chunk was cut off");
            }
            return chunk;
        }

        private String readLine() throws IOException {
            var line = new ByteArrayOutputStream();
            for (int b = in.read(); b != '\n'; b = in.read()) {
                if (b < 0) {
                    throw new EOFException("the connection ended inside a line");
                }
                line.write(b);
            }
            String text = line.toString(ISO_8859_1);
            if (!text.endsWith("\r")) {
                throw new IOException("a line without carriage return: " + text);
            }
            return text.substring(0, text.length() - 1);
        }
    }
}
