package dev.warmgate.proxy.wire.head;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.DefaultHttpRequest;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.util.AsciiString;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Reads headers that are plain: HTTP/1.1, lines that end with CR LF, names that are tokens, values of visible ASCII, spaces and
 * tabs, one length or none (RFC 9112 sections 2 to 6). Of any other, and of one that is not there as a whole, it says nothing.
 *
 * <p>Reusable, for all connections of one event loop; confined to that.
 */
public final class HeadReader {
    /** The longest header that is read here, in bytes. */
    static final int MOST_BYTES = 8 << 10;

    private static final int MOST_FIELDS = 64;
    private static final int MOST_DIGITS = 18;

    private static final byte[] POST = bytes("POST ");
    private static final byte[] GET = bytes("GET ");
    private static final byte[] REQUEST_ENDS = bytes(" HTTP/1.1\r\n");
    private static final byte[] RESPONSE_BEGINS = bytes("HTTP/1.1 ");
    private static final byte[] CONTENT_LENGTH = bytes("content-length");
    private static final byte[] TRANSFER_ENCODING = bytes("transfer-encoding");
    private static final byte[] CHUNKED = bytes("chunked");

    /** Of old, a request with two such fields had a body of eight bytes without saying so. */
    private static final byte[] WEB_SOCKET = bytes("sec-websocket-");

    /** RFC 9110 section 5.6.2. */
    private static final boolean[] TOKEN = new boolean[256];

    static {
        for (byte sign : bytes("!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")) {
            TOKEN[sign] = true;
        }
    }

    /** What may be a header, and behind it a zero, which ends everything. */
    private final byte[] bytes = new byte[MOST_BYTES + 1];

    /** Four for each field: where name and value begin and end. */
    private final int[] marks = new int[4 * MOST_FIELDS];

    private int fields;
    private int length;
    private long contentLength;
    private boolean chunked;

    private static byte[] bytes(String ascii) {
        return ascii.getBytes(US_ASCII);
    }

    /** Returns how many bytes the header read last has. */
    int length() {
        return length;
    }

    /** Returns the length of the body that follows it; -1 if the header does not tell. */
    long contentLength() {
        return contentLength;
    }

    /** Returns whether the body that follows it comes in chunks. */
    boolean chunked() {
        return chunked;
    }

    /** Returns the request that begins here, if it is plain and no longer; the bytes stay. One in chunks is not plain. */
    @Nullable
    HttpRequest request(ByteBuf in, int mostBytes) {
        load(in, mostBytes);
        HttpMethod method;
        int target;
        if (has(POST, 0)) {
            method = HttpMethod.POST;
            target = POST.length;
        } else if (has(GET, 0)) {
            method = HttpMethod.GET;
            target = GET.length;
        } else {
            return null;
        }
        int end = target;
        while (bytes[end] > ' ' && bytes[end] < 0x7f) {
            end++;
        }
        if (end == target || !has(REQUEST_ENDS, end) || !readFields(end + REQUEST_ENDS.length) || chunked) {
            return null;
        }
        var uri = new String(bytes, target, end - target, US_ASCII);
        return new DefaultHttpRequest(HttpVersion.HTTP_1_1, method, uri, list());
    }

    /**
     * Returns the answer that begins here, if it is plain; the bytes stay. One whose status says something about its body, or
     * whose body ends with the connection, is not plain.
     */
    @Nullable
    HttpResponse response(ByteBuf in) {
        load(in, MOST_BYTES);
        if (!has(RESPONSE_BEGINS, 0)) {
            return null;
        }
        int at = RESPONSE_BEGINS.length;
        int code = 0;
        for (int i = 0; i < 3; i++, at++) {
            int digit = bytes[at] - '0';
            if (digit < 0 || digit > 9) {
                return null;
            }
            code = 10 * code + digit;
        }
        if (code < 200 || code > 599 || code == 204 || code == 205 || code == 304 || bytes[at++] != ' ') {
            return null;
        }
        var status = HttpResponseStatus.valueOf(code);
        String reason = status.reasonPhrase();
        for (int i = 0; i < reason.length(); i++) {
            if (at == MOST_BYTES || bytes[at++] != reason.charAt(i)) {
                return null;
            }
        }
        if (!endsLine(at) || !readFields(at + 2) || chunked == (contentLength >= 0)) {
            return null;
        }
        return new DefaultHttpResponse(HttpVersion.HTTP_1_1, status, list());
    }

    private void load(ByteBuf in, int mostBytes) {
        int size = Math.min(in.readableBytes(), Math.min(mostBytes, MOST_BYTES));
        in.getBytes(in.readerIndex(), bytes, 0, size);
        bytes[size] = 0;
    }

    private boolean has(byte[] expected, int at) {
        int end = at + expected.length;
        return end <= MOST_BYTES && Arrays.equals(bytes, at, end, expected, 0, expected.length);
    }

    private boolean endsLine(int at) {
        return bytes[at] == '\r' && bytes[at + 1] == '\n';
    }

    /** Finds the fields up to the empty line; returns false if one is not plain, or the end is not there. */
    private boolean readFields(int from) {
        int at = from;
        fields = 0;
        contentLength = -1;
        chunked = false;
        while (bytes[at] != '\r') {
            int name = at;
            while (TOKEN[bytes[at] & 0xff]) {
                at++;
            }
            int nameEnd = at;
            if (nameEnd == name || bytes[at] != ':' || fields == MOST_FIELDS) {
                return false;
            }
            do {
                at++;
            } while (isBlank(bytes[at]));
            int value = at;
            while ((bytes[at] >= ' ' && bytes[at] < 0x7f) || bytes[at] == '\t') {
                at++;
            }
            int valueEnd = at;
            while (valueEnd > value && isBlank(bytes[valueEnd - 1])) {
                valueEnd--;
            }
            if (!endsLine(at) || !understands(name, nameEnd, value, valueEnd)) {
                return false;
            }
            mark(name, nameEnd, value, valueEnd);
            at += 2;
        }
        length = at + 2;
        return endsLine(at);
    }

    private static boolean isBlank(byte b) {
        return b == ' ' || b == '\t';
    }

    private void mark(int name, int nameEnd, int value, int valueEnd) {
        int at = 4 * fields++;
        marks[at] = name;
        marks[at + 1] = nameEnd;
        marks[at + 2] = value;
        marks[at + 3] = valueEnd;
    }

    /** Takes note of what a field says about the body; returns false if that is not plain. */
    private boolean understands(int name, int nameEnd, int value, int valueEnd) {
        int size = nameEnd - name;
        if (size == CONTENT_LENGTH.length && is(CONTENT_LENGTH, name)) {
            return contentLength < 0 && readLength(value, valueEnd);
        }
        if (size == TRANSFER_ENCODING.length && is(TRANSFER_ENCODING, name)) {
            boolean plain = !chunked && valueEnd - value == CHUNKED.length && is(CHUNKED, value);
            chunked = true;
            return plain;
        }
        return size <= WEB_SOCKET.length || !is(WEB_SOCKET, name);
    }

    private boolean readLength(int from, int to) {
        int digits = to - from;
        if (digits == 0 || digits > MOST_DIGITS || (bytes[from] == '0' && digits > 1)) {
            return false;
        }
        long number = 0;
        for (int i = from; i < to; i++) {
            int digit = bytes[i] - '0';
            if (digit < 0 || digit > 9) {
                return false;
            }
            number = 10 * number + digit;
        }
        contentLength = number;
        return true;
    }

    /** Returns whether letters that may be large here are these small ones. */
    private boolean is(byte[] small, int at) {
        for (int i = 0; i < small.length; i++) {
            byte b = bytes[at + i];
            if ((b >= 'A' && b <= 'Z' ? b | 0x20 : b) != small[i]) {
                return false;
            }
        }
        return true;
    }

    /** Returns the fields found, in one array of their own. */
    private FieldList list() {
        byte[] own = Arrays.copyOf(bytes, length);
        var list = new FieldList();
        for (int i = 0; i < 4 * fields; i += 4) {
            var name = new AsciiString(own, marks[i], marks[i + 1] - marks[i], false);
            list.append(name, new AsciiString(own, marks[i + 2], marks[i + 3] - marks[i + 2], false));
        }
        return list;
    }
}
