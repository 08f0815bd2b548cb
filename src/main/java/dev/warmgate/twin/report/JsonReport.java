package dev.warmgate.twin.report;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.ObjectMapper;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * The comparison as JSON: what was run, then {@code policies} keyed by name. Times are model seconds, rates per model
 * second; what nobody can know is null.
 */
public final class JsonReport {
    private static final ObjectMapper JSON =
            JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

    private JsonReport() {}

    /** Returns the document. */
    public static String of(Comparison comparison) {
        return of(comparison, null);
    }

    /** Returns the document, with a sweep of the same policies. */
    public static String of(Comparison comparison, @Nullable Sweep sweep) {
        var root = JSON.createObjectNode();
        comparison.facts().fields().forEach((name, value) -> root.set(name, JSON.valueToTree(value)));
        var policies = root.putObject("policies");
        for (int i = 0; i < comparison.figures().size(); i++) {
            var figures = comparison.figures().get(i);
            var node = policies.putObject(figures.policy());
            put(node, figures);
            var classes = comparison.classes().get(i);
            put(node, "byPriority", classes.byPriority());
            put(node, "byTenant", classes.byTenant());
            var stages = comparison.stages().get(i);
            if (!stages.isEmpty()) {
                put(node, stages);
            }
            var explained = comparison.runs().get(i).explained();
            if (!explained.isEmpty()) {
                var array = node.putArray("explained");
                explained.forEach(request -> put(array.addObject(), request));
            }
        }
        if (sweep != null) {
            put(root.putObject("sweep"), sweep);
        }
        return JSON.writeValueAsString(root) + "\n";
    }

    private static void put(ObjectNode node, Figures figures) {
        putClass(node, figures);
        if (figures.preemptions() < 0) {
            node.putNull("preemptions");
        } else {
            node.put("preemptions", figures.preemptions());
        }
        put(node, "imbalance", figures.imbalance());
        put(node, "seconds", figures.seconds());
        put(node, "offeredSeconds", figures.offeredSeconds());
        putEndings(node, figures);
    }

    /** Puts what is known of a class of requests as well as of all. */
    private static void putClass(ObjectNode node, Figures figures) {
        node.put("requests", figures.requests());
        node.put("completed", figures.completed());
        put(node, "ttft", figures.ttft());
        put(node, "tpot", figures.tpot());
        put(node, "itl", figures.itl());
        put(node, "e2e", figures.e2e());
        put(node, "sloAttainment", figures.sloAttainment());
        put(node, "goodput", figures.goodput());
        put(node, "hitRatio", figures.hitRatio());
        put(node, "outputTokensPerSecond", figures.outputTokensPerSecond());
    }

    private static void putEndings(ObjectNode node, Figures figures) {
        put(node, "failures", figures.failures());
        put(node, "refused", figures.refused());
        node.put("notSent", figures.notSent());
    }

    private static void put(ObjectNode node, String name, Map<String, Integer> counts) {
        var entry = node.putObject(name);
        counts.entrySet().stream()
                .sorted(Map.Entry.comparingByKey())
                .forEach(count -> entry.put(count.getKey(), count.getValue()));
    }

    private static void put(ObjectNode node, String name, List<ClassFigures> classes) {
        if (classes.isEmpty()) {
            return;
        }
        var all = node.putObject(name);
        for (var one : classes) {
            var entry = all.putObject(one.name());
            putClass(entry, one.figures());
            put(entry, "prefillShare", one.prefillShare());
            put(entry, "decodeShare", one.decodeShare());
            put(entry, "gpuSeconds", one.gpuSeconds());
            put(entry, "gpuShare", one.gpuShare());
            put(entry, one.minutes());
            putEndings(entry, one.figures());
        }
    }

    private static void put(ObjectNode node, WorkMinutes minutes) {
        if (!minutes.seconds().isEmpty()) {
            var range = node.putObject("gpuShareByMinute");
            put(range, "least", minutes.leastShare());
            put(range, "most", minutes.mostShare());
            var seconds = node.putArray("gpuSecondsByMinute");
            minutes.seconds().forEach(seconds::add);
        }
    }

    private static void put(ObjectNode node, List<StageFigures> stages) {
        var array = node.putArray("stages");
        for (var stage : stages) {
            var entry = array.addObject();
            entry.put("stage", stage.stage());
            put(entry, "rate", stage.rate());
            put(entry, stage.figures());
        }
    }

    private static void put(ObjectNode node, ExplainedRequest request) {
        var explanation = request.explanation();
        var outcome = request.outcome();
        node.put("request", request.index());
        node.put("sent", outcome.sentSeconds());
        node.put("promptTokens", request.decision().promptTokens());
        node.put("chosen", explanation.chosen().endpoint());
        var runnerUp = explanation.runnerUp();
        node.put("runnerUp", runnerUp == null ? null : runnerUp.endpoint());
        node.put("reason", explanation.reason());
        var candidates = node.putArray("candidates");
        for (var candidate : explanation.candidates()) {
            var entry = candidates.addObject();
            var facts = candidate.facts();
            entry.put("endpoint", candidate.endpoint());
            put(entry, "cost", candidate.price().costSeconds());
            var terms = entry.putObject("terms");
            candidate.price().terms().forEach(term -> terms.put(term.name(), term.seconds()));
            put(entry, "ttft", candidate.price().ttftSeconds());
            var score = candidate.score();
            if (score != null) {
                put(entry, "score", score.total());
                var parts = entry.putObject("scores");
                score.parts().forEach(part -> parts.put(part.name(), part.weighted()));
                entry.put("leftOutBy", score.leftOutBy());
            }
            entry.put("inFlight", facts.inFlight());
            entry.put("pendingPrefillTokens", facts.pendingPrefillTokens());
            entry.put("pendingPrefill", facts.pendingPrefillSeconds());
            entry.put("cachedTokens", facts.cacheKnown() ? facts.cachedTokens() : null);
            entry.put("uncachedTokens", facts.cacheKnown() ? facts.uncachedTokens() : null);
        }
        var predicted = node.putObject("predicted");
        put(predicted, "ttft", explanation.chosen().price().ttftSeconds());
        var facts = explanation.chosen().facts();
        predicted.put("cachedTokens", facts.cacheKnown() ? facts.cachedTokens() : null);
        var actual = node.putObject("actual");
        put(actual, "ttft", outcome.ttftSeconds() < 0 ? Double.NaN : outcome.ttftSeconds());
        actual.put("promptTokens", outcome.promptTokens());
        actual.put("cachedTokens", outcome.cachedTokens());
    }

    private static void put(ObjectNode node, Sweep sweep) {
        for (var policy : sweep.policies()) {
            var entry = node.putObject(policy.policy());
            var knee = policy.knee();
            if (knee == null) {
                entry.putNull("knee");
            } else {
                entry.putObject("knee").put("timeScale", knee.timeScale()).put("load", knee.load());
            }
            entry.put("unbroken", policy.unbroken());
            var points = entry.putArray("points");
            for (var point : policy.points()) {
                var place = points.addObject();
                place.put("timeScale", point.timeScale());
                place.put("load", point.load());
                put(place, "goodput", point.figures().goodput());
                put(place, "attainment", point.figures().sloAttainment());
                put(place, "ttftMean", point.figures().ttft().mean());
                put(place, "ttftP90", point.figures().ttft().p90());
            }
        }
    }

    private static void put(ObjectNode node, String name, Distribution distribution) {
        var entry = node.putObject(name);
        put(entry, "mean", distribution.mean());
        put(entry, "p50", distribution.p50());
        put(entry, "p90", distribution.p90());
        put(entry, "p99", distribution.p99());
    }

    private static void put(ObjectNode node, String name, double value) {
        if (Double.isFinite(value)) {
            node.put(name, value);
        } else {
            node.putNull(name);
        }
    }
}
