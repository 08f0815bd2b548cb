package dev.warmgate.twin.report;

import tools.jackson.databind.ObjectMapper;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** The comparison as JSON: {@code policies} keyed by name, times in model seconds. */
public final class JsonReport {
    private static final ObjectMapper JSON =
            JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

    private JsonReport() {}

    /** Returns the document. */
    public static String of(Comparison comparison) {
        var facts = comparison.facts();
        var root = JSON.createObjectNode()
                .put("replicas", facts.replicas())
                .put("profile", facts.profile())
                .put("speedUp", facts.speedUp())
                .put("seed", facts.seed())
                .put("windowSeconds", facts.windowSeconds());
        var policies = root.putObject("policies");
        for (var figures : comparison.figures()) {
            var node = policies.putObject(figures.policy());
            node.put("requests", figures.requests());
            node.put("completed", figures.completed());
            put(node.putObject("ttft"), figures.ttft());
            put(node.putObject("itl"), figures.itl());
            node.put("hitRatio", figures.hitRatio());
            node.put("sloAttainment", figures.sloAttainment());
            node.put("goodput", figures.goodput());
            node.put("outputTokensPerSecond", figures.outputTokensPerSecond());
            node.put("seconds", figures.seconds());
            var failures = node.putObject("failures");
            figures.failures().forEach(failures::put);
        }
        return JSON.writeValueAsString(root) + "\n";
    }

    private static void put(ObjectNode node, Distribution distribution) {
        node.put("mean", distribution.mean());
        node.put("p50", distribution.p50());
        node.put("p90", distribution.p90());
        node.put("p99", distribution.p99());
    }
}
