package dev.warmgate.picker;

import static java.nio.charset.StandardCharsets.US_ASCII;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.UnsafeByteOperations;
import dev.warmgate.picker.WireReader.Broken;
import dev.warmgate.picker.proto.Metadata;
import dev.warmgate.picker.proto.ProtocolConfiguration;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One message of a gateway's, a {@code ProcessingRequest} of the protocol in {@code ext_proc.proto}: read by hand, since
 * generated classes make three objects of each header field and a copy of each body. The array is the message's from now on.
 * Confined to its call.
 */
final class GatewayMessage {
    /** What a message is about: the fields of the protocol's {@code oneof}. */
    enum Part {
        REQUEST_HEADERS(2),
        RESPONSE_HEADERS(3),
        REQUEST_BODY(4),
        RESPONSE_BODY(5),
        REQUEST_TRAILERS(6),
        RESPONSE_TRAILERS(7),
        NOTHING(0);

        private final int number;

        Part(int number) {
            this.number = number;
        }
    }

    private static final Part[] PARTS = Part.values();

    private static final int METADATA = 8;
    private static final int OBSERVABILITY_MODE = 10;
    private static final int CONFIGURATION = 11;

    /** {@code HttpHeaders}: a {@code HeaderMap}, and whether nothing follows. */
    private static final int HEADERS = 1;

    private static final int HEADERS_END = 3;

    /** {@code HttpBody}. */
    private static final int BODY = 1;

    private static final int BODY_END = 2;

    /** {@code HeaderValue}. */
    private static final int KEY = 1;

    private static final int VALUE = 2;
    private static final int RAW_VALUE = 3;

    private Part part = Part.NOTHING;
    private Fields fields = Fields.NONE;
    private ByteString body = ByteString.EMPTY;
    private boolean last;
    private boolean observes;
    private @Nullable Metadata metadata;
    private @Nullable ProtocolConfiguration configuration;

    private GatewayMessage() {}

    /**
     * Reads a message.
     *
     * @throws Broken if it is none
     */
    static GatewayMessage read(byte[] bytes) throws Broken {
        var message = new GatewayMessage();
        var in = new WireReader(bytes);
        try {
            while (in.hasMore()) {
                message.readField(in, in.tag());
            }
        } catch (InvalidProtocolBufferException e) {
            throw new Broken(String.valueOf(e.getMessage()));
        }
        return message;
    }

    private void readField(WireReader in, int tag) throws Broken, InvalidProtocolBufferException {
        int number = tag >>> 3;
        if (number == OBSERVABILITY_MODE && (tag & 7) == WireReader.VARINT) {
            observes = in.varint() != 0;
            return;
        }
        var found = (tag & 7) == WireReader.BYTES ? part(number) : Part.NOTHING;
        if (found != Part.NOTHING) {
            part = found;
            fields = Fields.NONE;
            body = ByteString.EMPTY;
            last = false;
            int outer = in.enter();
            switch (found) {
                case REQUEST_HEADERS, RESPONSE_HEADERS -> readHeaders(in);
                case REQUEST_BODY, RESPONSE_BODY -> readBody(in);
                case REQUEST_TRAILERS, RESPONSE_TRAILERS, NOTHING -> {} // nobody asks what they say
            }
            in.leave(outer);
        } else if (number == METADATA && (tag & 7) == WireReader.BYTES) {
            metadata = Metadata.parseFrom(slice(in));
        } else if (number == CONFIGURATION && (tag & 7) == WireReader.BYTES) {
            configuration = ProtocolConfiguration.parseFrom(slice(in));
        } else {
            in.skip(tag);
        }
    }

    private static Part part(int number) {
        for (Part part : PARTS) {
            if (part.number == number) {
                return part;
            }
        }
        return Part.NOTHING;
    }

    private static ByteString slice(WireReader in) throws Broken {
        int length = in.length();
        in.pass(length);
        return UnsafeByteOperations.unsafeWrap(in.bytes(), in.at() - length, length);
    }

    private void readBody(WireReader in) throws Broken {
        while (in.hasMore()) {
            int tag = in.tag();
            if (tag == (BODY << 3 | WireReader.BYTES)) {
                body = slice(in);
            } else if (tag == (BODY_END << 3 | WireReader.VARINT)) {
                last = in.varint() != 0;
            } else {
                in.skip(tag);
            }
        }
    }

    private void readHeaders(WireReader in) throws Broken {
        fields = new Fields(in.bytes());
        while (in.hasMore()) {
            int tag = in.tag();
            if (tag == (HEADERS << 3 | WireReader.BYTES)) {
                int outer = in.enter();
                readMap(in);
                in.leave(outer);
            } else if (tag == (HEADERS_END << 3 | WireReader.VARINT)) {
                last = in.varint() != 0;
            } else {
                in.skip(tag);
            }
        }
    }

    private void readMap(WireReader in) throws Broken {
        while (in.hasMore()) {
            int tag = in.tag();
            if (tag == (HEADERS << 3 | WireReader.BYTES)) {
                int outer = in.enter();
                readHeader(in);
                in.leave(outer);
            } else {
                in.skip(tag);
            }
        }
    }

    private void readHeader(WireReader in) throws Broken {
        String name = "";
        int at = 0;
        int length = 0;
        boolean raw = false;
        while (in.hasMore()) {
            int tag = in.tag();
            int number = tag >>> 3;
            if ((tag & 7) != WireReader.BYTES || number > RAW_VALUE) {
                in.skip(tag);
                continue;
            }
            int bytes = in.length();
            if (number == KEY) {
                name = Names.at(in, bytes);
            } else {
                // Envoy fills one of the two.
                if (number == RAW_VALUE ? bytes > 0 : number == VALUE && !raw) {
                    at = in.at();
                    length = bytes;
                    raw = number == RAW_VALUE;
                }
                in.pass(bytes);
            }
        }
        fields.add(name, at, length);
    }

    Part part() {
        return part;
    }

    /** Returns the header's fields. */
    Fields fields() {
        return fields;
    }

    /** Returns the piece of the body, which shares the message's bytes. */
    ByteString body() {
        return body;
    }

    /** Returns whether this ends the request or the answer. */
    boolean isLast() {
        return last;
    }

    /** Returns whether the gateway wants no answers. */
    boolean observes() {
        return observes;
    }

    /** Returns what the gateway says beside the message. */
    Metadata metadata() {
        return metadata == null ? Metadata.getDefaultInstance() : metadata;
    }

    boolean hasMetadata() {
        return metadata != null;
    }

    /** Returns how bodies are passed on, in a first message that says so. */
    @Nullable
    ProtocolConfiguration configuration() {
        return configuration;
    }

    /** Names of fields that come with nearly each message, so that they need not be made anew. */
    private static final class Names {
        private static final List<String> KNOWN = List.of(
                ":method",
                ":path",
                ":authority",
                ":scheme",
                ":status",
                "host",
                "accept",
                "accept-encoding",
                "accept-language",
                "authorization",
                "cache-control",
                "connection",
                "content-encoding",
                "content-length",
                "content-type",
                "cookie",
                "date",
                "server",
                "transfer-encoding",
                "traceparent",
                "tracestate",
                "user-agent",
                "via",
                "x-api-key",
                "x-envoy-expected-rq-timeout-ms",
                "x-envoy-upstream-service-time",
                "x-forwarded-for",
                "x-forwarded-proto",
                "x-request-id",
                "x-session-id",
                "x-stainless-arch",
                "x-stainless-async",
                "x-stainless-lang",
                "x-stainless-os",
                "x-stainless-package-version",
                "x-stainless-retry-count",
                "x-stainless-read-timeout",
                "x-stainless-runtime",
                "x-stainless-runtime-version",
                "anthropic-version",
                "x-gateway-inference-objective",
                "x-gateway-inference-fairness-id",
                "x-warmgate-tenant");

        private static final String[] TABLE = new String[256];
        private static final byte[][] BYTES = new byte[256][];

        static {
            for (String name : KNOWN) {
                byte[] bytes = name.getBytes(US_ASCII);
                int slot = slot(bytes, 0, bytes.length);
                TABLE[slot] = name; // of two that meet in a slot one is made anew each time
                BYTES[slot] = bytes;
            }
        }

        private static int slot(byte[] bytes, int at, int length) {
            return length == 0 ? 0 : (length * 31 + bytes[at + length - 1] * 7 + bytes[at + length / 2] * 131) & 0xFF;
        }

        static String at(WireReader in, int length) {
            byte[] bytes = in.bytes();
            int at = in.at();
            int slot = slot(bytes, at, length);
            byte[] known = BYTES[slot];
            if (known != null && Arrays.equals(known, 0, known.length, bytes, at, at + length)) {
                in.pass(length);
                return TABLE[slot];
            }
            return in.text(length);
        }
    }
}
