package dev.warmgate.proxy;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMessage;
import io.netty.util.AsciiString;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Which header fields cross the gateway. Fields are edited in place: a request's header is never needed in its old form.
 *
 * <p>Everything passes except what belongs to one connection only (RFC 9110 section 7.6.1), what steers a gateway or a
 * prefill/decode sidecar, and the client libraries' own telemetry.
 */
final class Headers {
    static final AsciiString REQUEST_ID = AsciiString.cached("x-request-id");

    /** Would invite clients to go to the engine's other addresses, past us (RFC 7838). */
    private static final AsciiString ALT_SVC = AsciiString.cached("alt-svc");

    private static final AsciiString KEEP_ALIVE = AsciiString.cached("keep-alive");
    private static final int LONGEST_REQUEST_ID = 128;

    private static final AsciiString[] HOP_BY_HOP = {
        HttpHeaderNames.CONNECTION,
        KEEP_ALIVE,
        AsciiString.cached("proxy-connection"),
        HttpHeaderNames.PROXY_AUTHENTICATE,
        HttpHeaderNames.PROXY_AUTHORIZATION,
        HttpHeaderNames.TE,
        HttpHeaderNames.TRAILER,
        HttpHeaderNames.TRANSFER_ENCODING,
        HttpHeaderNames.UPGRADE,
        AsciiString.cached("http2-settings")
    };

    private static final AsciiString[] DIGESTS = {
        AsciiString.cached("content-digest"),
        AsciiString.cached("repr-digest"),
        AsciiString.cached("digest"),
        AsciiString.cached("content-md5")
    };

    /**
     * Fields that make engines' sidecars connect to an address of the sender's choice, or that only a gateway may set
     * (the endpoint picker protocol of the Gateway API Inference Extension, llm-d).
     */
    private static final String[] CONTROL_PREFIXES = {
        "x-gateway-",
        "x-llm-d-",
        "x-stainless-",
        "x-prefiller-host-port",
        "x-encoder-hosts-ports",
        "x-data-parallel-host-port",
        "x-kv-cache-source-host-port",
        "x-slo-ttft-ms",
        "x-slo-tpot-ms",
        "x-warmgate-",
        "x-request-timeout-ms",
        "x-session-token",
        "x-original-path",
        "x-forwarded-path",
        "x-went-into-resp-headers",
        "x-conformance-test-",
        "epp-profile",
        "test-epp-endpoint-selection"
    };

    /** How clients name their conversation: the common name, Claude Code's, OpenCode's, Codex's and its old one. */
    private static final AsciiString[] SESSION = {
        AsciiString.cached("x-session-id"),
        AsciiString.cached("x-claude-code-session-id"),
        AsciiString.cached("x-session-affinity"),
        AsciiString.cached("session-id"),
        AsciiString.cached("session_id")
    };

    private Headers() {}

    /** Returns the client's own request id, or null if it sent none that is safe to log and to pass on. */
    static @Nullable String requestId(HttpHeaders headers) {
        String id = headers.get(REQUEST_ID);
        if (id == null || id.isEmpty() || id.length() > LONGEST_REQUEST_ID) {
            return null;
        }
        for (int i = 0; i < id.length(); i++) {
            char c = id.charAt(i);
            if (c <= ' ' || c > '~') {
                return null;
            }
        }
        return id;
    }

    /** Returns the client's name for the conversation, or null. */
    static @Nullable String session(HttpHeaders headers) {
        for (AsciiString name : SESSION) {
            String value = headers.get(name);
            if (value != null && !value.isEmpty()) {
                return value;
            }
        }
        return null;
    }

    /**
     * Removes what no engine may see from a request's header, and adds where it came from. Framing is the caller's:
     * transfer-encoding is gone. So are {@link Credentials}.
     */
    static void toEngine(HttpHeaders headers, String requestId, Peer peer, boolean http10) {
        removeHopByHop(headers);
        headers.remove(HttpHeaderNames.EXPECT);
        removeClaims(headers, peer);
        TraceContext.check(headers);
        Forwarding.tell(headers, peer, http10);
        headers.set(REQUEST_ID, requestId);
    }

    /** Removes sums over a body that is not passed on as it came (RFC 9530). */
    static void removeDigests(HttpHeaders headers) {
        for (AsciiString name : DIGESTS) {
            headers.remove(name);
        }
    }

    /** Removes what no client may see from an answer's header. Framing is the caller's: transfer-encoding is gone. */
    static void toClient(HttpHeaders headers, String requestId) {
        removeHopByHop(headers);
        headers.remove(ALT_SVC);
        headers.set(REQUEST_ID, requestId);
    }

    /** Says to the client whether its connection stays open, in the words of its HTTP version. */
    static void setConnection(HttpMessage answer, boolean keepAlive, boolean http10) {
        if (!keepAlive) {
            answer.headers().set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
        } else if (http10) {
            answer.headers().set(HttpHeaderNames.CONNECTION, HttpHeaderValues.KEEP_ALIVE);
        }
    }

    private static void removeHopByHop(HttpHeaders headers) {
        String connection = headers.get(HttpHeaderNames.CONNECTION);
        if (connection != null) {
            if (!connection.equalsIgnoreCase("keep-alive") && !connection.equalsIgnoreCase("close")) {
                for (String line : headers.getAll(HttpHeaderNames.CONNECTION)) {
                    removeListed(headers, line);
                }
            }
        }
        for (AsciiString name : HOP_BY_HOP) {
            headers.remove(name);
        }
    }

    private static void removeListed(HttpHeaders headers, String connection) {
        int start = 0;
        while (start <= connection.length()) {
            int comma = connection.indexOf(',', start);
            int end = comma < 0 ? connection.length() : comma;
            String name = connection.substring(start, end).trim();
            // Not content-length: without it the body's end would be anybody's guess.
            if (!name.isEmpty() && !name.equalsIgnoreCase("content-length")) {
                headers.remove(name);
            }
            start = end + 1;
        }
    }

    private static void removeClaims(HttpHeaders headers, Peer peer) {
        if (peer.trusted() && peer.steers()) {
            return;
        }
        List<CharSequence> found = null;
        var fields = headers.iteratorCharSequence();
        while (fields.hasNext()) {
            CharSequence name = fields.next().getKey();
            boolean control = !peer.steers() && name.length() > 2 && mayBeControl(name.charAt(0)) && isControl(name);
            if (control || (!peer.trusted() && name.length() > 2 && Forwarding.claims(name))) {
                if (found == null) {
                    found = new ArrayList<>();
                }
                found.add(name);
            }
        }
        if (found != null) {
            found.forEach(headers::remove);
        }
    }

    /** Most names are none of them, as their first letter says. */
    private static boolean mayBeControl(char first) {
        char lower = (char) (first | 0x20);
        return lower == 'x' || lower == 'e' || lower == 't';
    }

    private static boolean isControl(CharSequence name) {
        for (String prefix : CONTROL_PREFIXES) {
            if (AsciiString.regionMatches(name, true, 0, prefix, 0, prefix.length())) {
                return true;
            }
        }
        return false;
    }

    /**
     * Lets an engine's refusal name a time to wait that clients obey: OpenAI's and Anthropic's wait from 1 to 60 seconds.
     * vLLM names none; a date stays.
     */
    static void makeRetryAfterUseful(HttpHeaders headers) {
        String said = headers.get(HttpHeaderNames.RETRY_AFTER);
        if (said == null) {
            headers.set(HttpHeaderNames.RETRY_AFTER, "1");
        } else if (said.matches("[0-9]{1,9}")) {
            headers.set(HttpHeaderNames.RETRY_AFTER, Integer.toString(Math.clamp(Integer.parseInt(said), 1, 60)));
        }
    }
}
