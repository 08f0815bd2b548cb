package dev.warmgate.app.epp;

import static dev.warmgate.app.epp.PluginRole.DETECTOR;
import static dev.warmgate.app.epp.PluginRole.EXTRACTOR;
import static dev.warmgate.app.epp.PluginRole.FAIRNESS;
import static dev.warmgate.app.epp.PluginRole.FILTER;
import static dev.warmgate.app.epp.PluginRole.HANDLER;
import static dev.warmgate.app.epp.PluginRole.LIMIT;
import static dev.warmgate.app.epp.PluginRole.ORDERING;
import static dev.warmgate.app.epp.PluginRole.OTHER;
import static dev.warmgate.app.epp.PluginRole.PARSER;
import static dev.warmgate.app.epp.PluginRole.PICKER;
import static dev.warmgate.app.epp.PluginRole.PRODUCER;
import static dev.warmgate.app.epp.PluginRole.SCORER;
import static dev.warmgate.app.epp.PluginRole.SOURCE;

import dev.warmgate.app.epp.PluginType.Fate;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** All types of plugins of the reference at commit ebab687, and a few that its samples have had since. */
final class PluginTypes {
    static final String SINGLE_HANDLER = "single-profile-handler";
    static final String HEADER_HANDLER = "header-profile-handler";
    static final String MAX_SCORE = "max-score-picker";
    static final String APPROXIMATE_PREFIX = "approx-prefix-cache-producer";
    static final String PRECISE_PREFIX = "precise-prefix-cache-producer";
    static final String IN_FLIGHT_LOAD = "inflight-load-producer";
    static final String TOKENS = "token-producer";
    static final String SESSION_ID = "session-id-producer";
    static final String METRICS_SOURCE = "metrics-data-source";
    static final String CORE_METRICS = "core-metrics-extractor";
    static final String UTILIZATION = "utilization-detector";
    static final String CONCURRENCY = "concurrency-detector";
    static final String FCFS = "fcfs-ordering-policy";
    static final String STRICT_FAIRNESS = "global-strict-fairness-policy";
    static final String STATIC_LIMIT = "static-usage-limit-policy";
    static final String AGENT_IDENTITY = "agent-identity";

    private static final boolean ALPHA = true;
    private static final boolean STABLE = false;
    private static final Fate TAKES = new Fate.Takes();

    private static final String PREDICTS =
            "pools[].policy: warm predicts times to the first token itself and prices them;"
                    + " targets are objectives[].ttft and tpot";
    private static final String INDEX =
            "pools[].policy: warm, or approx-prefix-cache-producer: what an endpoint holds is"
                    + " known from what was sent there; events of KV caches are not read yet";
    private static final String STAGES = "single-profile-handler: prefill and decode are not split here yet, and"
            + " pools[].endpoints[].role keeps requests off servers that only prefill or encode";
    private static final String CLUSTERS = "the type without multicluster-: a gateway knows endpoints, not clusters";
    private static final String TOPOLOGY =
            "label-selector-filter, which keeps the endpoints of a zone; where endpoints stand is not known otherwise";
    private static final String RANKS = "single-profile-handler, with each rank as an endpoint of its own";
    private static final String IMAGES = "prefix-cache-scorer: images are part of the prompt whose prefix is matched";

    private static final Map<String, PluginType> ALL = new LinkedHashMap<>();

    static {
        filtersAndScorers();
        pickersAndHandlers();
        producersAndOthers();
        dataAndDialects();
        flowControl();
    }

    private PluginTypes() {}

    private static void filtersAndScorers() {
        add(
                STABLE,
                TAKES,
                FILTER,
                "label-selector-filter",
                "by-label-selector",
                "by-label",
                "decode-filter",
                "prefill-filter",
                "encode-filter",
                "prefix-cache-affinity-filter",
                "header-based-testing-filter");
        add(
                ALPHA,
                TAKES,
                FILTER,
                "session-affinity-filter",
                "multicluster-session-affinity-filter",
                "endpoint-attribute-filter",
                "utilization-filter");
        add("context-length-aware", STABLE, TAKES, FILTER, SCORER);
        add(UTILIZATION, STABLE, TAKES, FILTER, DETECTOR);
        add(CONCURRENCY, STABLE, TAKES, FILTER, DETECTOR);
        add(ALPHA, new Fate.Refused(TOPOLOGY), FILTER, "topology-affinity-filter");
        add(STABLE, new Fate.Refused(PREDICTS), FILTER, "slo-headroom-tier-filter");

        add(
                STABLE,
                TAKES,
                SCORER,
                "queue-scorer",
                "running-requests-size-scorer",
                "kv-cache-utilization-scorer",
                "load-aware-scorer",
                "prefix-cache-scorer",
                "lora-affinity-scorer",
                "active-request-scorer",
                "token-load-scorer",
                "no-hit-lru-scorer");
        add(
                ALPHA,
                TAKES,
                SCORER,
                "session-affinity-scorer",
                "header-label-affinity-scorer",
                "endpoint-attribute-scorer");
        add(STABLE, new Fate.Refused(INDEX), SCORER, "precise-prefix-cache-scorer");
        add(ALPHA, new Fate.Refused(TOPOLOGY), SCORER, "topology-affinity-scorer");
        add(STABLE, new Fate.Refused(IMAGES), SCORER, "mm-embeddings-cache-scorer");
        add(STABLE, new Fate.Refused(PREDICTS), SCORER, "latency-scorer");
        add(
                ALPHA,
                new Fate.Refused(CLUSTERS),
                SCORER,
                "multicluster-queue-scorer",
                "multicluster-kv-cache-utilization-scorer",
                "multicluster-prefix-cache-scorer");
    }

    private static void pickersAndHandlers() {
        add(STABLE, TAKES, PICKER, MAX_SCORE, "random-picker", "weighted-random-picker");
        add(STABLE, TAKES, HANDLER, SINGLE_HANDLER);
        add(ALPHA, TAKES, HANDLER, HEADER_HANDLER);
        add(STABLE, new Fate.Refused(STAGES), HANDLER, "disagg-profile-handler", "pd-profile-handler");
        add(STABLE, new Fate.Refused(RANKS), HANDLER, "data-parallel-profile-handler");
        add(
                STABLE,
                new Fate.Refused(STAGES),
                OTHER,
                "prefix-based-pd-decider",
                "always-disagg-pd-decider",
                "always-disagg-multimodal-decider",
                "disagg-headers-handler",
                "prefill-header-handler");
    }

    private static void producersAndOthers() {
        add(STABLE, TAKES, PRODUCER, TOKENS, "tokenizer", APPROXIMATE_PREFIX, IN_FLIGHT_LOAD, SESSION_ID);
        add(STABLE, new Fate.Refused(INDEX), PRODUCER, PRECISE_PREFIX);
        add(ALPHA, new Fate.Refused(CLUSTERS), PRODUCER, "multicluster-approx-prefix-cache-producer");
        add(
                ALPHA,
                new Fate.Refused("pools[].policy: warm, under which requests wait for the endpoint that computes"
                        + " their prefix already where that costs less"),
                PRODUCER,
                "burst-prefix-cache-producer");
        add(STABLE, new Fate.Refused(IMAGES), PRODUCER, "mm-embeddings-cache-producer");
        add(STABLE, new Fate.Refused(PREDICTS), PRODUCER, "predicted-latency-producer");
        add(
                ALPHA,
                new Fate.Refused("pools[].policy: warm, which goes where the cache is; caches are not copied between"
                        + " endpoints"),
                PRODUCER,
                "p2p-source-producer");
        add(
                STABLE,
                new Fate.Refused(PREDICTS + "; who cannot reach them waits behind who can"),
                OTHER,
                "latency-slo-admitter");
        add(
                STABLE,
                new Fate.Refused("admission: requests of negative priority wait, and are shed first"),
                OTHER,
                "probabilistic-admitter");
        add(
                ALPHA,
                new Fate.Refused("deleting the old endpoints from what discovery finds: they drain"),
                OTHER,
                "disaggregatedset-rollout-screener");
        add(
                STABLE,
                new Fate.Refused("quotas: tokens are counted for each tenant; no metadata about usage is sent to the"
                        + " gateway"),
                OTHER,
                "request-attribute-reporter");
        add(
                STABLE,
                new Fate.Refused("picker.conformance: true, under which answers say who served"),
                OTHER,
                "destination-endpoint-served-verifier");
        add(ALPHA, TAKES, OTHER, AGENT_IDENTITY);
        add(
                ALPHA,
                new Fate.Idle("a GET of /v1/models goes to one endpoint; serve answers it for all of them"),
                OTHER,
                "models-responder");
        add(
                ALPHA,
                new Fate.Refused(
                        "admission: sessions that begin wait while those that run would lose their cached" + " blocks"),
                OTHER,
                "thunder-agent");
    }

    private static void dataAndDialects() {
        add(STABLE, TAKES, SOURCE, METRICS_SOURCE);
        add(STABLE, TAKES, EXTRACTOR, CORE_METRICS);
        add(STABLE, new Fate.Idle("endpoints are asked for their models in any case"), SOURCE, "models-data-source");
        add(
                STABLE,
                new Fate.Idle("endpoints are asked for their models in any case"),
                EXTRACTOR,
                "models-data-extractor");
        add(
                STABLE,
                new Fate.Idle("endpoints that come and go are known to all plugins in any case"),
                SOURCE,
                "endpoint-notification-source");
        add(
                STABLE,
                new Fate.Idle("objects of Kubernetes are not watched; no plugin that is supported reads them"),
                SOURCE,
                "k8s-notification-source");
        add(
                ALPHA,
                new Fate.Refused("kv-cache-utilization-scorer: use of GPUs is not read"),
                SOURCE,
                "dcgm-data-source");
        add(
                ALPHA,
                new Fate.Refused("kv-cache-utilization-scorer: use of GPUs is not read"),
                EXTRACTOR,
                "dcgm-extractor");
        add(ALPHA, new Fate.Refused(CLUSTERS), SOURCE, "multicluster-metrics-data-source");
        add(ALPHA, new Fate.Refused(CLUSTERS), EXTRACTOR, "multicluster-metrics-extractor");
        add(ALPHA, new Fate.Refused(TOPOLOGY), EXTRACTOR, "topology-extractor");
        add(
                STABLE,
                new Fate.Refused("--endpoints-file or pools[].discovery.file, which read the same file"),
                OTHER,
                "file-discovery");
        add(
                STABLE,
                new Fate.Idle("all dialects are understood, each by its path"),
                PARSER,
                "openai-parser",
                "anthropic-parser",
                "vllmhttp-parser",
                "passthrough-parser");
        add(
                STABLE,
                new Fate.Refused("nothing: requests whose bodies cannot be read are placed by load"),
                PARSER,
                "sglanghttp-parser",
                "vllmgrpc-parser",
                "vertexai-parser");
    }

    private static void flowControl() {
        add(STABLE, TAKES, FAIRNESS, STRICT_FAIRNESS, "round-robin-fairness-policy", "program-aware-fairness");
        add(STABLE, TAKES, ORDERING, FCFS, "edf-ordering-policy", "slo-deadline-ordering-policy");
        add(STABLE, TAKES, LIMIT, STATIC_LIMIT);
        add(
                ALPHA,
                new Fate.Refused("admission.bands[].minShare: a share of the work that a band is sure of"),
                LIMIT,
                "priority-holdback-policy",
                "soft-reflective-ceiling-policy");
    }

    private static void add(String type, boolean alpha, Fate fate, PluginRole... roles) {
        ALL.put(type, new PluginType(type, alpha, Set.of(roles), fate));
    }

    private static void add(boolean alpha, Fate fate, PluginRole role, String... types) {
        for (String type : types) {
            add(type, alpha, fate, role);
        }
    }

    /** Returns a type, or null if the reference knows none of that name. */
    static @Nullable PluginType named(String type) {
        return ALL.get(type);
    }

    /** Returns all names. */
    static Collection<String> names() {
        return ALL.keySet();
    }

    /** Returns all types. */
    static Collection<PluginType> all() {
        return ALL.values();
    }
}
