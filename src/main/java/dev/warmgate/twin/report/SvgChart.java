package dev.warmgate.twin.report;

import java.util.List;
import java.util.Locale;
import java.util.function.Function;

/** Charts as inline SVG; colours come from the page's style by class. */
final class SvgChart {
    private static final int WIDTH = 440;
    private static final int HEIGHT = 250;
    private static final int LEFT = 54;
    private static final int RIGHT = 22;
    private static final int TOP = 10;
    private static final int BOTTOM = 40;

    private static final int BAR_HEIGHT = 14;
    private static final int BAR_GAP = 8;
    private static final int BAR_LABEL = 24;
    private static final int BAR_VALUE = 66;

    private SvgChart() {}

    /** Returns a line chart; {@code types} are the style classes that colour the lines. */
    static String lines(String title, Axis x, Axis y, List<Series> lines, List<String> types) {
        var svg = new Svg(title, HEIGHT);
        for (double tick : y.ticks()) {
            double at = top(y, tick);
            svg.line("grid", LEFT, at, WIDTH - RIGHT, at);
            svg.text("tick end", LEFT - 6, at + 4, y.label().apply(tick));
        }
        for (double tick : x.ticks()) {
            svg.text(
                    "tick middle",
                    left(x, tick),
                    HEIGHT - BOTTOM + 18,
                    x.label().apply(tick));
        }
        svg.text("tick middle", (LEFT + WIDTH - RIGHT) / 2.0, HEIGHT - 4, x.caption());
        for (int i = 0; i < lines.size(); i++) {
            svg.path(
                    "line " + types.get(i),
                    lines.get(i),
                    point -> number(left(x, point.x())) + " " + number(top(y, point.y())));
        }
        return svg.end();
    }

    /** Returns a bar per endpoint: prompt tokens from cache and computed, on a common scale. */
    static String endpoints(String type, PolicyRun run, long mostTokens) {
        var endpoints = run.samples().isEmpty()
                ? List.<EndpointSample>of()
                : run.samples().getLast().endpoints();
        var svg = new Svg(
                "Prompt tokens per endpoint under " + run.policy(),
                endpoints.size() * (BAR_HEIGHT + BAR_GAP) + BAR_GAP);
        double scale = (WIDTH - BAR_LABEL - BAR_VALUE) / (double) Math.max(1, mostTokens);
        for (int i = 0; i < endpoints.size(); i++) {
            var endpoint = endpoints.get(i);
            double y = BAR_GAP + i * (BAR_HEIGHT + BAR_GAP);
            double cached = endpoint.cachedTokens() * scale;
            double computed = (endpoint.promptTokens() - endpoint.cachedTokens()) * scale;
            svg.text("tick end", BAR_LABEL - 6, y + BAR_HEIGHT - 3, Integer.toString(i + 1));
            svg.bar("bar " + type, BAR_LABEL, y, cached);
            svg.bar("bar faint " + type, BAR_LABEL + cached, y, computed);
            svg.text(
                    "tick",
                    BAR_LABEL + cached + computed + 6,
                    y + BAR_HEIGHT - 3,
                    Format.wholePercent(endpoint.hitRatio()) + " hit");
        }
        return svg.end();
    }

    private static double left(Axis x, double value) {
        return LEFT + x.position(value) * (WIDTH - LEFT - RIGHT);
    }

    private static double top(Axis y, double value) {
        return HEIGHT - BOTTOM - y.position(value) * (HEIGHT - TOP - BOTTOM);
    }

    private static String number(double value) {
        return String.format(Locale.ROOT, "%.1f", value);
    }

    /** Text of one picture while it is written. */
    private static final class Svg {
        private final StringBuilder out = new StringBuilder();

        Svg(String title, int height) {
            out.append("<svg viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"%s\">\n"
                    .formatted(WIDTH, height, Html.escape(title)));
        }

        void line(String type, double x1, double y1, double x2, double y2) {
            out.append("<line class=\"%s\" x1=\"%s\" y1=\"%s\" x2=\"%s\" y2=\"%s\"/>\n"
                    .formatted(type, number(x1), number(y1), number(x2), number(y2)));
        }

        void text(String type, double x, double y, String text) {
            out.append("<text class=\"%s\" x=\"%s\" y=\"%s\">%s</text>\n"
                    .formatted(type, number(x), number(y), Html.escape(text)));
        }

        void bar(String type, double x, double y, double width) {
            out.append("<rect class=\"%s\" x=\"%s\" y=\"%s\" width=\"%s\" height=\"%d\"/>\n"
                    .formatted(type, number(x), number(y), number(width), BAR_HEIGHT));
        }

        void path(String type, Series series, Function<Series.Point, String> place) {
            if (series.points().isEmpty()) {
                return;
            }
            out.append("<path class=\"%s\" d=\"M".formatted(type));
            for (var point : series.points()) {
                out.append(place.apply(point)).append(' ');
            }
            out.append("\"><title>").append(Html.escape(series.name())).append("</title></path>\n");
        }

        String end() {
            return out.append("</svg>\n").toString();
        }
    }
}
