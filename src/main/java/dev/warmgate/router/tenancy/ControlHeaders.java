package dev.warmgate.router.tenancy;

import java.util.List;

/**
 * The request headers by which callers say who they are and what they want, in lower case.
 *
 * <p>Objective, fairness and target headers are those of the Kubernetes endpoint picker; each has an older name, and the
 * newer one counts if both are there.
 */
public final class ControlHeaders {
    public static final String OBJECTIVE = "x-llm-d-inference-objective";
    public static final String OBJECTIVE_ALIAS = "x-gateway-inference-objective";
    public static final String FAIRNESS_ID = "x-llm-d-inference-fairness-id";
    public static final String FAIRNESS_ID_ALIAS = "x-gateway-inference-fairness-id";
    public static final String TTFT_MS = "x-llm-d-slo-ttft-ms";
    public static final String TTFT_MS_ALIAS = "x-slo-ttft-ms";
    public static final String TPOT_MS = "x-llm-d-slo-tpot-ms";
    public static final String TPOT_MS_ALIAS = "x-slo-tpot-ms";
    public static final String PRIORITY = "x-warmgate-priority";
    public static final String TIMEOUT_MS = "x-request-timeout-ms";
    public static final String MODEL_REWRITE = "x-llm-d-model-name-rewrite";
    public static final String MODEL_REWRITE_ALIAS = "x-gateway-model-name-rewrite";
    public static final String AUTHORIZATION = "authorization";
    public static final String API_KEY = "x-api-key";

    /** All of them except those that carry an API key. */
    public static final List<String> WISHES = List.of(
            OBJECTIVE,
            OBJECTIVE_ALIAS,
            FAIRNESS_ID,
            FAIRNESS_ID_ALIAS,
            TTFT_MS,
            TTFT_MS_ALIAS,
            TPOT_MS,
            TPOT_MS_ALIAS,
            PRIORITY,
            TIMEOUT_MS);

    private ControlHeaders() {}
}
