package dev.warmgate.picker;

import java.util.List;

/** Names that the endpoint picker protocol gives to header fields and metadata (Gateway API Inference Extension, proposal 004). */
final class PickerHeaders {
    /** Where the request goes: one {@code ip:port}, or several in the order in which they are to be tried. */
    static final String DESTINATION = "x-gateway-destination-endpoint";

    /** Who really answered, as the gateway says it in the answer's metadata. */
    static final String SERVED = "x-gateway-destination-endpoint-served";

    /** Among whom to choose, as the gateway says it in the request's metadata. */
    static final String SUBSET = "x-gateway-destination-endpoint-subset";

    /** By which the conformance suite names the endpoints that are to be chosen from. */
    static final String TEST_SELECTION = "test-epp-endpoint-selection";

    /** By which it is told who served. */
    static final String TEST_SERVED = "x-conformance-test-served-endpoint";

    static final String LB_NAMESPACE = "envoy.lb";
    static final String SUBSET_NAMESPACE = "envoy.lb.subset_hint";

    static final String CONTENT_TYPE = "content-type";
    static final String CONTENT_LENGTH = "content-length";
    static final String REQUEST_ID = "x-request-id";

    /** W3C Trace Context. */
    static final String TRACE_PARENT = "traceparent";

    static final String TRACE_STATE = "tracestate";

    /** How clients name their conversation: the common name, Claude Code's, OpenCode's, Codex's and its old one. */
    static final List<String> SESSION =
            List.of("x-session-id", "x-claude-code-session-id", "x-session-affinity", "session-id", "session_id");

    private static final List<String> STEERING = List.of(
            "x-gateway-destination-endpoint",
            "x-gateway-inference-",
            "x-gateway-model-name-rewrite",
            "x-llm-d-",
            "x-prefiller-host-port",
            "x-encoder-hosts-ports",
            "x-data-parallel-host-port",
            "x-kv-cache-source-host-port",
            "x-slo-ttft-ms",
            "x-slo-tpot-ms",
            "x-warmgate-",
            "x-request-timeout-ms");

    private PickerHeaders() {}

    /**
     * Returns whether a field steers a gateway, a picker or an engine's sidecar: no engine may get it from a client.
     *
     * @param lowerCaseName the field's name
     */
    static boolean steers(String lowerCaseName) {
        for (String start : STEERING) {
            if (lowerCaseName.startsWith(start)) {
                return true;
            }
        }
        return false;
    }
}
