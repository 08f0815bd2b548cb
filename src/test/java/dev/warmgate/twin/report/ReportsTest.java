package dev.warmgate.twin.report;

import static dev.warmgate.twin.report.SampleRuns.outcome;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.regex.Pattern;
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
            for (var name : List.of("ttft", "itl")) {
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
    void thePicturesAreWellFormed() throws Exception {
        var html = HtmlReport.of(COMPARISON);
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
}
