package dev.warmgate.app;

import static dev.warmgate.app.Rehearsal.ascii;
import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.warmgate.door.Access;
import dev.warmgate.picker.PickerServer;
import dev.warmgate.picker.PickerSettings;
import dev.warmgate.telemetry.Telemetry;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;

/**
 * A gateway before a picker of its own: the frames (RFC 9113) and messages ({@code ext_proc.proto}) that Envoy would send,
 * about requests to an endpoint that does not exist. Pickers connect to none.
 */
final class GatewayRehearsal implements Rehearsal {
    /** An address that is for documentation only (RFC 5737). */
    private static final String ENDPOINT = "192.0.2.1:8000";

    private static final int DATA = 0;
    private static final int HEADERS = 1;
    private static final int RST_STREAM = 3;
    private static final int SETTINGS = 4;
    private static final int WINDOW_UPDATE = 8;
    private static final int END_STREAM = 0x1;
    private static final int END_HEADERS = 0x4;
    private static final int CANCEL = 8;
    private static final int WINDOW = 64 << 20;

    /** The header block of a call with what gateways use of HPACK: its table, and Huffman's code (RFC 7541, C.4.1). */
    private static final byte[] CALL = bytes(
            bytes(0x83, 0x86, 0x44), // :method: POST, :scheme: http, :path
            text("/" + PickerServer.SERVICE + "/Process"),
            bytes(0x41, 0x8C, 0xF1, 0xE3, 0xC2, 0xE5, 0xF2, 0x3A, 0x6B, 0xA0, 0xAB, 0x90, 0xF4, 0xFF), // :authority
            bytes(0x5F), // content-type
            text("application/grpc"),
            bytes(0x40),
            text("te"),
            text("trailers"));

    /** {@code protocol_config}: both bodies {@code FULL_DUPLEX_STREAMED}. */
    private static final byte[] MODES = field(11, bytes(1 << 3, 4, 2 << 3, 4));

    /** {@code metadata_context}, in which Envoy says whom it asked: a {@code Struct} in a map. */
    private static final byte[] SERVED =
            field(8, entry("envoy.lb", entry("x-gateway-destination-endpoint-served", field(3, ascii(ENDPOINT)))));

    private final PickerServer door;
    private final Socket gateway;
    private final DataInputStream in;
    private final DataOutputStream out;
    private final ByteArrayOutputStream unsent = new ByteArrayOutputStream();

    /** What the picker has said about the question. */
    private final StringBuilder said = new StringBuilder();

    private int stream = -1;

    private GatewayRehearsal(PickerServer door, Socket gateway) throws IOException {
        this.door = door;
        this.gateway = gateway;
        gateway.setTcpNoDelay(true);
        gateway.setSoTimeout((int) PATIENCE.toMillis());
        in = new DataInputStream(gateway.getInputStream());
        out = new DataOutputStream(unsent);
        out.write(ascii("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"));
        frame(SETTINGS, 0, 0);
        frame(WINDOW_UPDATE, 0, 0, number(WINDOW));
    }

    static Rehearsal open() throws IOException {
        var loopback = InetAddress.getLoopbackAddress();
        var router = Rehearsal.router(URI.create("http://" + ENDPOINT));
        var door = PickerServer.start(
                PickerSettings.defaults(new InetSocketAddress(loopback, 0)),
                router,
                Access.OPEN,
                1,
                new Telemetry(router, VersionCommand.version()));
        return new GatewayRehearsal(door, new Socket(loopback, door.address().getPort()));
    }

    @Override
    public boolean ask(Question question) throws IOException {
        stream += 2;
        said.setLength(0);
        frame(HEADERS, END_HEADERS, stream, CALL);
        message(
                headers(
                        2,
                        header(":method", "POST"),
                        header(":path", question.path()),
                        header(":authority", "warm-up"),
                        header("content-type", "application/json"),
                        header("accept", "*/*"),
                        header("x-request-id", "warm-up")),
                MODES);
        message(body(4, question.body(), true));
        await(2);
        boolean placed = said.indexOf(ENDPOINT) > 0;
        message(
                headers(
                        3,
                        header(":status", "200"),
                        header("content-type", question.stream() ? "text/event-stream" : "application/json")),
                SERVED);
        message(body(5, question.stream() ? EVENT : "", false));
        message(body(5, question.stream() ? LAST_EVENT : WHOLE, true));
        await(3);
        boolean passed = said.indexOf(question.stream() ? LAST_EVENT : WHOLE) > 0;
        frame(RST_STREAM, 0, stream, number(CANCEL)); // as Envoy ends good calls, too
        return placed && passed;
    }

    /** Sends what was written, and reads until the picker has said so many messages more: each is a frame. */
    private void await(int messages) throws IOException {
        gateway.getOutputStream().write(unsent.toByteArray());
        unsent.reset();
        int come = 0;
        while (come < messages) {
            int length = in.readUnsignedByte() << 16 | in.readUnsignedShort();
            int type = in.readUnsignedByte();
            int flags = in.readUnsignedByte();
            int about = in.readInt();
            byte[] content = in.readNBytes(length);
            if (about == stream && type == DATA) {
                said.append(new String(content, ISO_8859_1));
                come++;
            } else if (about == stream && (type != HEADERS || (flags & END_STREAM) != 0)) {
                throw new IOException("the picker ended a call");
            }
        }
    }

    private void message(byte[]... parts) throws IOException {
        byte[] message = bytes(parts);
        frame(DATA, 0, stream, bytes(0), number(message.length), message);
    }

    private void frame(int type, int flags, int about, byte[]... parts) throws IOException {
        byte[] content = bytes(parts);
        out.write(number(content.length), 1, 3);
        out.writeByte(type);
        out.writeByte(flags);
        out.writeInt(about);
        out.write(content);
    }

    // ---- Protocol Buffers, as far as lengths go below 2^14.

    private static byte[] headers(int number, byte[]... fields) {
        return field(number, field(1, bytes(fields)));
    }

    private static byte[] header(String name, String value) {
        return field(1, field(1, ascii(name)), field(3, ascii(value)));
    }

    private static byte[] body(int number, String piece, boolean last) {
        return field(number, field(1, ascii(piece)), last ? bytes(2 << 3, 1) : new byte[0]);
    }

    /** An entry of the only map in a message. */
    private static byte[] entry(String key, byte[] value) {
        return field(1, field(1, ascii(key)), field(2, value));
    }

    private static byte[] field(int number, byte[]... parts) {
        byte[] value = bytes(parts);
        return bytes(bytes((number << 3) | 2, (value.length & 0x7F) | 0x80, value.length >> 7), value);
    }

    private static byte[] number(int value) {
        return bytes(value >>> 24, value >>> 16, value >>> 8, value);
    }

    private static byte[] text(String text) {
        return bytes(bytes(text.length()), ascii(text));
    }

    private static byte[] bytes(int... values) {
        byte[] bytes = new byte[values.length];
        for (int i = 0; i < values.length; i++) {
            bytes[i] = (byte) values[i];
        }
        return bytes;
    }

    private static byte[] bytes(byte[]... parts) {
        var all = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            all.writeBytes(part);
        }
        return all.toByteArray();
    }

    @Override
    public void close() {
        try {
            gateway.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            door.close();
        }
    }
}
