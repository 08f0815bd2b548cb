package dev.warmgate.twin.report;

import dev.warmgate.router.policy.Policies;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The comparison as one HTML file that refers to nothing outside itself: style and charts are inline, and there is no
 * script.
 */
public final class HtmlReport {
    /** Colours of lines in the style sheet: {@code p0} to {@code p6}; {@code warm} has one of its own. */
    private static final int COLOURS = 7;

    private static final List<String> STAGE_COLUMNS =
            List.of("policy, stage", "sent", "requests", "TTFT mean", "TTFT p90", "within target", "goodput");

    private static final int BUCKETS = 60;
    private static final double MIN_TTFT_SECONDS = 10e-3;
    private static final String STYLE = "report.css";

    private final Comparison comparison;
    private final @Nullable Sweep sweep;
    private final StringBuilder out = new StringBuilder();

    private HtmlReport(Comparison comparison, @Nullable Sweep sweep) {
        this.comparison = comparison;
        this.sweep = sweep;
    }

    /** Returns the document. */
    public static String of(Comparison comparison) {
        return of(comparison, null);
    }

    /** Returns the document, with a sweep of the same policies in the same order. */
    public static String of(Comparison comparison, @Nullable Sweep sweep) {
        return new HtmlReport(comparison, sweep).write();
    }

    private String write() {
        out.append("""
                <!doctype html>
                <html lang="en">
                <head>
                <meta charset="utf-8">
                <meta name="viewport" content="width=device-width, initial-scale=1">
                <meta name="color-scheme" content="light dark">
                <title>""")
                .append(Html.escape(comparison.facts().title()))
                .append("""
                </title>
                <style>
                """)
                .append(style())
                .append("""
                </style>
                </head>
                <body>
                <main>
                <header>
                <p class="brand">Warmgate</p>
                """);
        headline();
        out.append("</header>\n");
        tiles();
        table();
        classes("By priority", ClassTable.byPriority(comparison));
        classes("By tenant", ClassTable.byTenant(comparison));
        stages();
        sweep();
        charts();
        endpoints();
        facts();
        return out.append("</main>\n</body>\n</html>\n").toString();
    }

    private void headline() {
        var verdicts = comparison.verdicts();
        element("h1", verdicts.isEmpty() ? comparison.facts().title() : capital(verdicts.getFirst()));
        verdicts.stream().skip(1).forEach(verdict -> element("p class=\"also\"", capital(verdict)));
        element("p class=\"lead\"", comparison.facts().lead());
        for (var failure : comparison.failures()) {
            element("p class=\"warning\"", failure);
        }
        for (var refusal : comparison.refusals()) {
            element("p class=\"note\"", refusal);
        }
    }

    private void tiles() {
        out.append("<section class=\"tiles\">\n");
        tile("Mean time to first token", f -> Format.seconds(f.ttft().mean()));
        tile("Prompt tokens from cache", f -> Format.wholePercent(f.hitRatio()));
        tile("Requests within target", f -> Format.wholePercent(f.sloAttainment()));
        tile("Goodput", f -> Format.perSecond(f.goodput()));
        out.append("</section>\n");
    }

    private void tile(String label, Function<Figures, String> value) {
        out.append("<div class=\"tile\">\n");
        element("h2", label);
        out.append("<dl>\n");
        for (int i = 0; i < comparison.figures().size(); i++) {
            var figures = comparison.figures().get(i);
            out.append("<div class=\"").append(type(i)).append("\">");
            element("dt", figures.policy());
            element("dd", value.apply(figures));
            out.append("</div>\n");
        }
        out.append("</dl>\n</div>\n");
    }

    private void table() {
        out.append("<section>\n<h2>Figures</h2>\n<div class=\"scroll\"><table>\n<thead><tr><td></td>");
        for (var figures : comparison.figures()) {
            element("th scope=\"col\"", figures.policy());
        }
        out.append("</tr></thead>\n<tbody>\n");
        for (var row : comparison.rows()) {
            out.append("<tr>");
            element("th scope=\"row\"", row.label());
            row.cells().forEach(cell -> element("td", cell));
            out.append("</tr>\n");
        }
        out.append("</tbody>\n</table></div>\n");
        element("p class=\"note\"", comparison.facts().target());
        out.append("</section>\n");
    }

    private void classes(String title, List<List<String>> rows) {
        if (rows.isEmpty()) {
            return;
        }
        out.append("<section>\n");
        element("h2", title);
        out.append("<div class=\"scroll\"><table class=\"dense\">\n<thead><tr>");
        rows.getFirst().forEach(cell -> element("th scope=\"col\"", cell));
        out.append("</tr></thead>\n<tbody>\n");
        for (var row : rows.subList(1, rows.size())) {
            out.append("<tr>");
            element("th scope=\"row\"", row.getFirst());
            row.subList(1, row.size()).forEach(cell -> element("td", cell));
            out.append("</tr>\n");
        }
        out.append("</tbody>\n</table></div>\n</section>\n");
    }

    private void stages() {
        if (comparison.stages().stream().allMatch(List::isEmpty)) {
            return;
        }
        out.append("<section>\n<h2>Stages</h2>\n<div class=\"scroll\"><table>\n<thead><tr>");
        STAGE_COLUMNS.forEach(column -> element("th scope=\"col\"", column));
        out.append("</tr></thead>\n<tbody>\n");
        for (var stages : comparison.stages()) {
            for (var stage : stages) {
                var figures = stage.figures();
                out.append("<tr>");
                element("th scope=\"row\"", figures.policy() + ", " + (stage.stage() + 1));
                element("td", Format.perSecond(stage.rate()));
                element("td", Format.count(figures.requests()));
                element("td", Format.seconds(figures.ttft().mean()));
                element("td", Format.seconds(figures.ttft().p90()));
                element("td", Format.percent(figures.sloAttainment()));
                element("td", Format.perSecond(figures.goodput()));
                out.append("</tr>\n");
            }
        }
        out.append("</tbody>\n</table></div>\n</section>\n");
    }

    private void sweep() {
        if (sweep == null) {
            return;
        }
        out.append("<section>\n<h2>Under a growing load</h2>\n");
        element("p", capital(sweep.lines().getFirst()));
        out.append("<ul>\n");
        sweep.lines().stream().skip(1).forEach(line -> element("li", line));
        out.append("</ul>\n");
        legend();
        out.append("<div class=\"charts\">\n");
        figure("Requests within target per second", SweepCharts.goodput(sweep, types()));
        figure("Time to first token, 90th percentile (logarithmic)", SweepCharts.ttft(sweep, types()));
        out.append("</div>\n");
        element("p class=\"note\"", "A line ends once two loads left fewer than half of the requests within target.");
        out.append("</section>\n");
    }

    private void figure(String caption, String picture) {
        out.append("<figure>\n");
        element("figcaption", caption);
        out.append(picture).append("</figure>\n");
    }

    private void charts() {
        double seconds = comparison.runs().stream()
                .mapToDouble(PolicyRun::endSeconds)
                .max()
                .orElse(0);
        var time = new Axis("seconds", 0, Math.max(seconds, 1), false, Format::digitsShort);
        out.append("<section>\n<h2>Curves</h2>\n");
        legend();
        out.append("<div class=\"charts\">\n");
        distribution();
        ttft(time);
        if (comparison.runs().stream().anyMatch(run -> !run.samples().isEmpty())) {
            fleet(time);
        }
        chart(
                "Share of prompt tokens served from cache",
                time,
                new Axis("", 0, 1, false, Format::wholePercent),
                map(run -> Series.overTime(
                        run,
                        time.max(),
                        BUCKETS,
                        o -> o.completed() ? Math.max(0, o.cachedTokens()) : 0,
                        o -> o.completed() && o.cachedTokens() >= 0 ? o.promptTokens() : 0)));
        out.append("</div>\n</section>\n");
    }

    private void ttft(Axis time) {
        var lines = map(run -> Series.overTime(
                run, time.max(), BUCKETS, o -> Math.max(0, o.ttftSeconds()), o -> o.ttftSeconds() >= 0 ? 1 : 0));
        var axis = Axis.holding(lines, MIN_TTFT_SECONDS, "", Format::secondsShort);
        chart(
                "Time to first token by time of sending" + (axis.logarithmic() ? " (logarithmic)" : ""),
                time,
                axis,
                lines);
    }

    private void fleet(Axis time) {
        over(time, "Requests queued in the engines", run -> Series.ofFleet(run, FleetSample::waiting));
        over(time, "Requests in flight", run -> Series.ofFleet(run, FleetSample::inFlight));
        chart(
                "KV cache held by running requests",
                time,
                new Axis("", 0, 1, false, Format::wholePercent),
                map(run -> Series.ofFleet(run, FleetSample::kvUse)));
    }

    private void distribution() {
        double lowest = Double.MAX_VALUE;
        double highest = 0;
        for (var run : comparison.runs()) {
            for (double ttft : run.ttfts()) {
                lowest = Math.min(lowest, ttft);
                highest = Math.max(highest, ttft);
            }
        }
        if (highest == 0) {
            return;
        }
        chart(
                "Share of requests whose first token came within …",
                Axis.decades(
                        Math.max(lowest, MIN_TTFT_SECONDS),
                        Math.max(highest, MIN_TTFT_SECONDS),
                        "time to first token (logarithmic)",
                        Format::secondsShort),
                new Axis("", 0, 1, false, Format::wholePercent),
                map(run -> Series.cumulative(run.policy(), run.ttfts())));
    }

    private void over(Axis time, String title, Function<PolicyRun, Series> series) {
        var lines = map(series);
        double highest = lines.stream().mapToDouble(Series::maxY).max().orElse(0);
        chart(title, time, Axis.upTo(highest, "", Format::digitsShort), lines);
    }

    private void chart(String title, Axis x, Axis y, List<Series> lines) {
        figure(title, SvgChart.lines(title, x, y, lines, types()));
    }

    private void endpoints() {
        long most = comparison.runs().stream()
                .filter(run -> !run.samples().isEmpty())
                .flatMap(run -> run.samples().getLast().endpoints().stream())
                .mapToLong(EndpointSample::promptTokens)
                .max()
                .orElse(0);
        if (most == 0) {
            return;
        }
        out.append("<section>\n<h2>Prompt tokens per endpoint</h2>\n");
        element("p class=\"note\"", "Solid: served from the KV cache. Faint: computed.");
        out.append("<div class=\"charts\">\n");
        for (int i = 0; i < comparison.runs().size(); i++) {
            var run = comparison.runs().get(i);
            figure(run.policy(), SvgChart.endpoints(type(i), run, most));
        }
        out.append("</div>\n</section>\n");
    }

    private void facts() {
        var facts = comparison.facts();
        out.append("<section>\n<h2>What was run</h2>\n<ul>\n");
        for (var line : facts.lines()) {
            element("li", line);
        }
        out.append("</ul>\n<p>Run it again:</p>\n");
        element("pre", facts.command());
        out.append("</section>\n");
    }

    private void legend() {
        if (comparison.figures().size() == 1) {
            return;
        }
        out.append("<p class=\"legend\">");
        for (int i = 0; i < comparison.figures().size(); i++) {
            out.append("<span class=\"").append(type(i)).append("\">");
            out.append(Html.escape(comparison.figures().get(i).policy())).append("</span> ");
        }
        out.append("</p>\n");
    }

    private List<Series> map(Function<PolicyRun, Series> series) {
        return comparison.runs().stream().map(series).toList();
    }

    /** Returns the style class that gives a policy's colour: warm has its own, the others go by their order. */
    private String type(int index) {
        return comparison.figures().get(index).policy().equals(Policies.WARM) ? "warm" : "p" + index % COLOURS;
    }

    private List<String> types() {
        return IntStream.range(0, comparison.figures().size())
                .mapToObj(this::type)
                .toList();
    }

    private void element(String tag, String text) {
        int space = tag.indexOf(' ');
        out.append('<').append(tag).append('>').append(Html.escape(text));
        out.append("</").append(space < 0 ? tag : tag.substring(0, space)).append(">\n");
    }

    private static String capital(String text) {
        return Character.toUpperCase(text.charAt(0)) + text.substring(1);
    }

    private static String style() {
        try (InputStream in = HtmlReport.class.getResourceAsStream(STYLE)) {
            if (in == null) {
                throw new IllegalStateException(STYLE + " is missing in this build");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
