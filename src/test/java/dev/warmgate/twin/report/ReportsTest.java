package dev.warmgate.twin.report;

import static dev.warmgate.twin.report.SampleRuns.outcome;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.warmgate.router.Decision;
import dev.warmgate.router.Explanation;
import dev.warmgate.twin.workload.Message;
import dev.warmgate.twin.workload.Plan;
import dev.warmgate.twin.workload.PlannedRequest;
import dev.warmgate.twin.workload.Text;
import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.xml.sax.InputSource;
import tools.jackson.databind.ObjectMapper;

class ReportsTest {
    private static final Comparison COMPARISON = SampleRuns.comparison();

    @Test
    void theTableIsAsItWas() throws IOException {
        try (var golden = ReportsTest.class.getResourceAsStream("table.txt")) {
            assertThat(golden).isNotNull();
            assertThat(String.join("\n", TextTable.lines(COMPARISON)) + "\n")
                    .isEqualTo(new String(golden.readAllBytes(), StandardCharsets.UTF_8));
        }
    }

    @Test
    void theTableNamesWhatFailed() {
        var run = new PolicyRun(
                "warm",
                List.of(outcome(0, -1, -1, 0, 0, 0, "connect"), outcome(0, -1, -1, 0, 0, 0, "truncated")),
                List.of());
        var comparison = Comparison.of(COMPARISON.facts(), List.of(run), LatencyTarget.INTERACTIVE);
        assertThat(TextTable.lines(comparison)).contains("warm: 2 requests failed (connect: 1, truncated: 1)");
        assertThat(HtmlReport.of(comparison)).contains("warm: 2 requests failed");
    }

    @Test
    void theJsonHasTheFiguresOfEachPolicy() {
        var root = new ObjectMapper().readTree(JsonReport.of(COMPARISON));
        assertThat(root.path("policies").propertyNames()).containsExactly("round-robin", "warm");
        for (var figures : COMPARISON.figures()) {
            var node = root.path("policies").path(figures.policy());
            assertThat(node.path("requests").intValue()).isEqualTo(400);
            assertThat(node.path("completed").intValue()).isEqualTo(400);
            for (var name : List.of("ttft", "tpot", "itl", "e2e")) {
                assertThat(node.path(name).propertyNames()).containsExactly("mean", "p50", "p90", "p99");
            }
            assertThat(node.path("ttft").path("p99").doubleValue())
                    .isCloseTo(figures.ttft().p99(), within(1e-12));
            for (var name : List.of("hitRatio", "sloAttainment", "goodput", "outputTokensPerSecond")) {
                assertThat(node.path(name).isNumber()).as(name).isTrue();
            }
        }
        assertThat(root.path("speedUp").doubleValue()).isEqualTo(20);
    }

    @Test
    void whatNobodyCanKnowIsNullInJsonAndADashInTheTable() {
        var run = new PolicyRun("warm", List.of(outcome(0, -1, -1, 0, 0, 0, "connect")), List.of());
        var comparison = Comparison.of(COMPARISON.facts(), List.of(run), LatencyTarget.INTERACTIVE);
        var text = JsonReport.of(comparison);
        var node = new ObjectMapper().readTree(text).path("policies").path("warm");
        assertThat(text).doesNotContain("NaN", "Infinity");
        assertThat(node.path("ttft").path("mean").isNull()).isTrue();
        assertThat(node.path("hitRatio").isNull()).isTrue();
        assertThat(node.path("preemptions").isNull()).isTrue();
        assertThat(node.path("imbalance").isNull()).isTrue();
        assertThat(node.path("sloAttainment").doubleValue()).isZero();
        assertThat(TextTable.lines(comparison)).contains("TTFT mean                       -");
    }

    @Test
    void stagesAreShownEverywhere() {
        var plan = new Plan("ladder", List.of(request(0, 0), request(0, 10), request(1, 0), request(1, 5)));
        var outcomes = List.of(
                outcome(0, 1, 0.05, 100, 0, 10),
                outcome(10, 1, 0.05, 100, 0, 10),
                outcome(20, 3, 0.05, 100, 0, 10),
                outcome(25, 1, 0.05, 100, 0, 10));
        var comparison = Comparison.of(
                COMPARISON.facts(),
                plan,
                List.of(new PolicyRun("warm", outcomes, List.of())),
                LatencyTarget.INTERACTIVE);
        var stages = new ObjectMapper()
                .readTree(JsonReport.of(comparison))
                .path("policies")
                .path("warm")
                .path("stages");
        assertThat(stages).hasSize(2);
        assertThat(stages.get(0).path("rate").doubleValue()).isEqualTo(0.2);
        assertThat(stages.get(1).path("requests").intValue()).isEqualTo(2);
        assertThat(stages.get(1).path("ttft").path("mean").doubleValue()).isEqualTo(2);
        assertThat(stages.get(1).path("sloAttainment").doubleValue()).isEqualTo(0.5);
        assertThat(TextTable.lines(comparison)).anyMatch(line -> line.startsWith("2  ") && line.contains("2.00 s"));
        assertThat(HtmlReport.of(comparison)).contains(">warm, 2<").doesNotContain("NaN");
    }

    @Test
    void ofALargeFleetTheCheapestCandidatesAreShownAndCounted() {
        var candidates = IntStream.range(0, 40)
                .mapToObj(i -> new Explanation.Candidate(
                        "endpoint-" + i,
                        new Explanation.Facts(i, 0, 0, 100, 900),
                        Explanation.Price.of(List.of(new Explanation.Term("prefill", 1 + i)), 0.5)))
                .toList();
        var decision = new Decision(
                "pool",
                "endpoint-0",
                "warm",
                1000,
                100,
                1,
                new Explanation(candidates, candidates.getFirst(), "endpoint-0 is near"));
        var outcome = outcome(0, 1, 0.05, 1001, 96, 10);
        var run = new PolicyRun(
                "warm",
                List.of(outcome),
                List.of(),
                ItlFigures.of(Distribution.NONE),
                0,
                List.of(new ExplainedRequest(0, decision, outcome)),
                Map.of());
        var comparison = Comparison.of(COMPARISON.facts(), List.of(run), LatencyTarget.INTERACTIVE);
        var lines = TextTable.lines(comparison);
        assertThat(lines)
                .contains(
                        "Request 0 under warm, sent at 0 s, 1,000 prompt tokens",
                        "  Why:  endpoint-0 is near",
                        "  Then: TTFT 1.00 s (predicted 500 ms), 96 of 1,001 prompt tokens from the cache (predicted 100)",
                        "  and 24 more")
                .anyMatch(line -> line.startsWith("  > endpoint-0 "))
                .anyMatch(line -> line.startsWith("    endpoint-15 "))
                .noneMatch(line -> line.contains("endpoint-16 "));
        var explained = new ObjectMapper()
                .readTree(JsonReport.of(comparison))
                .path("policies")
                .path("warm")
                .path("explained");
        assertThat(explained.get(0).path("candidates")).hasSize(40);
    }

    @Test
    void aSweepIsShownEverywhere() throws Exception {
        var sweep = new Sweep(List.of(
                sweep("round-robin", Map.of(1.0, 0.99, 2.0, 0.4)),
                sweep("warm", Map.of(1.0, 1.0, 2.0, 0.96, 3.0, 0.2))));
        assertThat(sweep.lines())
                .contains(
                        "  round-robin   1.00/s (time scale 1.000)",
                        "  warm          2.00/s (time scale 0.500)",
                        "warm bears 2.00 times the load of round-robin");
        var node = new ObjectMapper()
                .readTree(JsonReport.of(COMPARISON, sweep))
                .path("sweep")
                .path("warm");
        assertThat(node.path("knee").path("load").doubleValue()).isEqualTo(2);
        assertThat(node.path("points")).hasSize(3);
        assertThat(node.path("points").get(2).propertyNames())
                .containsExactly("timeScale", "load", "goodput", "attainment", "ttftMean", "ttftP90");
        var html = HtmlReport.of(COMPARISON, sweep);
        assertThat(html.split("<svg ", -1)).hasSize(1 + 2 + 6 + 2);
        assertThat(html).contains("warm bears 2.00 times").doesNotContain("NaN", "Infinity");
        requireWellFormed(html);
    }

    @Test
    void theHtmlRefersToNothingOutsideItself() {
        var html = HtmlReport.of(COMPARISON);
        assertThat(html)
                .doesNotContainPattern(Pattern.compile("https?:|//[a-z]", Pattern.CASE_INSENSITIVE))
                .doesNotContainPattern("<(script|link|img|iframe|object)|\\b(src|href)=|@import|url\\(");
        assertThat(html).contains("coding: 400 requests &lt;&amp;&gt; more", "prefers-color-scheme: dark", "viewport");
    }

    @Test
    void theHtmlHasEveryFigureAndCurve() {
        var html = HtmlReport.of(COMPARISON);
        for (var row : COMPARISON.rows()) {
            assertThat(html).contains(">" + row.label() + "<");
            row.cells().forEach(cell -> assertThat(html).contains(">" + cell + "<"));
        }
        assertThat(html.split("<svg ", -1)).hasSize(1 + 6 + 2);
        assertThat(html.split("class=\"line ", -1)).hasSize(1 + 6 * 2);
        assertThat(html).doesNotContain("NaN", "Infinity");
    }

    @Test
    void theHtmlComparesWarmToEachOther() {
        var runs = List.of("warm", "round-robin", "random").stream()
                .map(policy -> new PolicyRun(
                        policy, List.of(outcome(0, policy.equals("warm") ? 1 : 2, 0.05, 100, 0, 10)), List.of()))
                .toList();
        var html = HtmlReport.of(Comparison.of(COMPARISON.facts(), runs, LatencyTarget.INTERACTIVE));
        assertThat(html)
                .contains(
                        "<h1>Warm's mean TTFT is 2.00 times lower than round-robin's</h1>",
                        ">Warm's mean TTFT is 2.00 times lower than random's<",
                        "class=\"legend\"");
    }

    @Test
    void onePolicyNeedsNoLegend() {
        var run = new PolicyRun("measured", List.of(outcome(0, 1, 0.05, 100, 0, 10)), List.of());
        var comparison = Comparison.of(COMPARISON.facts(), List.of(run), LatencyTarget.INTERACTIVE);
        assertThat(HtmlReport.of(comparison)).doesNotContain("class=\"legend\"");
        assertThat(TextTable.lines(comparison).getLast()).startsWith("time until all answered");
    }

    @Test
    void thePicturesAreWellFormed() throws Exception {
        requireWellFormed(HtmlReport.of(COMPARISON));
    }

    private static void requireWellFormed(String html) throws Exception {
        var pictures = Pattern.compile("<svg .*?</svg>", Pattern.DOTALL).matcher(html);
        var builder = DocumentBuilderFactory.newInstance().newDocumentBuilder();
        while (pictures.find()) {
            assertThat(builder.parse(new InputSource(new StringReader(pictures.group()))))
                    .isNotNull();
        }
    }

    @Test
    void aComparisonWithoutAnAnswerCanBeShown() {
        var run = new PolicyRun("warm", List.of(), List.of());
        var comparison = Comparison.of(COMPARISON.facts(), List.of(run), LatencyTarget.INTERACTIVE);
        assertThat(HtmlReport.of(comparison)).doesNotContain("NaN", "Infinity");
        assertThat(TextTable.lines(comparison)).isNotEmpty();
    }

    private static PlannedRequest request(int stage, double at) {
        return new PlannedRequest(
                null,
                null,
                stage,
                at,
                -1,
                0,
                false,
                List.of(Message.of(Message.Role.USER, new Text(1, 100))),
                List.of(new Text(2, 10)));
    }

    private static Sweep.PolicySweep sweep(String policy, Map<Double, Double> attainments) {
        return new Sweep.PolicySweep(
                policy,
                attainments.entrySet().stream()
                        .map(entry -> new Sweep.Point(
                                1 / entry.getKey(), entry.getKey(), SampleRuns.figures(policy, entry.getValue())))
                        .toList());
    }
}
