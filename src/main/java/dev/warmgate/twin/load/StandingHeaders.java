package dev.warmgate.twin.load;

import dev.warmgate.twin.workload.PlannedRequest;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaders;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

/** The headers by which a request says whose it is, how important, and by when it is due, and a gateway why it does not take it. */
final class StandingHeaders {
    /** Names the flow of a request; from the Gateway API inference extension, like the drop reason. */
    static final String FAIRNESS_ID = "x-gateway-inference-fairness-id";

    /** Warmgate's own: a whole number, -1000 to 1000. */
    static final String PRIORITY = "x-warmgate-priority";

    /** Milliseconds from now on. */
    static final String TIMEOUT_MILLIS = "x-request-timeout-ms";

    /** Why a request was turned away, in a word. */
    static final String DROP_REASON = "x-llm-d-request-dropped-reason";

    private static final HexFormat HEX = HexFormat.of().withUpperCase();

    private StandingHeaders() {}

    /** Returns the headers of a request; {@code speedUp} model seconds pass in one of the gateway's. */
    static HttpHeaders of(PlannedRequest request, double speedUp) {
        var headers = new DefaultHttpHeaders();
        var tenant = request.tenant();
        if (tenant != null) {
            headers.set(FAIRNESS_ID, printable(tenant));
        }
        if (request.priority() != 0) {
            headers.set(PRIORITY, Integer.toString(request.priority()));
        }
        if (request.hasDeadline()) {
            long millis = Math.round(request.deadlineSeconds() / speedUp * 1e3);
            headers.set(TIMEOUT_MILLIS, Long.toString(Math.max(1, millis)));
        }
        return headers;
    }

    /** Returns a name as a header can hold it: UTF-8, what is not printable ASCII as {@code %} and two digits. */
    private static String printable(String name) {
        var out = new StringBuilder(name.length());
        for (byte b : name.getBytes(StandardCharsets.UTF_8)) {
            if (b > ' ' && b < 0x7f && b != '%') {
                out.append((char) b);
            } else {
                HEX.toHexDigits(out.append('%'), b);
            }
        }
        return out.toString();
    }
}
