package dev.warmgate.twin.report;

import dev.warmgate.router.Explanation;
import dev.warmgate.router.Explanation.Candidate;
import dev.warmgate.router.Explanation.Part;
import dev.warmgate.router.Explanation.Term;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.TreeSet;

/** Decisions taken apart, in plain text: a table of candidates for each request and policy. */
final class ExplanationTable {
    /** Candidates shown of a large fleet; JSON has all. */
    private static final int MOST_ROWS = 16;

    private ExplanationTable() {}

    /** Returns the lines of all requests to be explained, under one policy after the other; none if there are none. */
    static List<String> lines(Comparison comparison) {
        var indexes = new TreeSet<Integer>();
        comparison.runs().forEach(run -> run.explained().forEach(request -> indexes.add(request.index())));
        var lines = new ArrayList<String>();
        for (int index : indexes) {
            for (var run : comparison.runs()) {
                for (var request : run.explained()) {
                    if (request.index() == index) {
                        lines.add("");
                        add(lines, run.policy(), request);
                    }
                }
            }
        }
        return lines;
    }

    private static void add(List<String> lines, String policy, ExplainedRequest request) {
        var explanation = request.explanation();
        lines.add("Request " + request.index() + " under " + policy + ", sent at "
                + Format.seconds(request.outcome().sentSeconds()) + ", "
                + Format.count(request.decision().promptTokens()) + " prompt tokens");
        lines.add("  Why:  " + explanation.reason());
        lines.add("  Then: " + outcome(request));
        candidates(explanation).forEach(line -> lines.add("  " + line));
        int hidden = explanation.candidates().size() - MOST_ROWS;
        if (hidden > 0) {
            lines.add("  and " + Format.count(hidden) + " more");
        }
    }

    private static String outcome(ExplainedRequest request) {
        var outcome = request.outcome();
        if (outcome.ttftSeconds() < 0) {
            return "no answer";
        }
        var chosen = request.explanation().chosen();
        double predicted = chosen.price().ttftSeconds();
        return "TTFT " + Format.seconds(outcome.ttftSeconds())
                + (Double.isNaN(predicted) ? "" : " (predicted " + Format.seconds(predicted) + ")") + ", "
                + Format.count(outcome.cachedTokens()) + " of " + Format.count(outcome.promptTokens())
                + " prompt tokens from the cache"
                + (chosen.facts().cacheKnown()
                        ? " (predicted " + Format.count(chosen.facts().cachedTokens()) + ")"
                        : "");
    }

    private static List<String> candidates(Explanation explanation) {
        boolean priced = explanation.candidates().stream()
                .anyMatch(candidate -> candidate.price().known());
        boolean rated = explanation.chosen().rated();
        var terms =
                explanation.chosen().price().terms().stream().map(Term::name).toList();
        var rows = new ArrayList<List<String>>();
        var head = new ArrayList<>(List.of(""));
        if (priced) {
            head.add("cost");
            head.addAll(terms);
            head.add("TTFT");
        }
        if (rated) {
            head.add("score");
            parts(explanation).forEach(part -> head.add(part.name()));
        }
        head.addAll(List.of("in flight", "pending prefill", "cached", "uncached"));
        rows.add(head);
        explanation.candidates().stream()
                .limit(MOST_ROWS)
                .forEach(candidate -> rows.add(row(candidate, explanation, priced, terms)));
        return TextTable.aligned(rows);
    }

    private static List<String> row(Candidate candidate, Explanation explanation, boolean priced, List<String> terms) {
        var facts = candidate.facts();
        var row = new ArrayList<String>();
        row.add((candidate.equals(explanation.chosen()) ? "> " : "  ") + candidate.endpoint());
        if (priced) {
            row.add(Format.seconds(candidate.price().costSeconds()));
            terms.forEach(name -> row.add(Format.seconds(term(candidate, name))));
            row.add(Format.seconds(candidate.price().ttftSeconds()));
        }
        var score = candidate.score();
        if (score != null) {
            row.add(score.leftOutBy() == null ? number(score.total()) : "-");
            var parts = score.parts().iterator();
            parts(explanation)
                    .forEach(_ -> row.add(parts.hasNext() ? number(parts.next().weighted()) : "-"));
        }
        row.add(Format.count(facts.inFlight()));
        row.add(Format.count(facts.pendingPrefillTokens()));
        row.add(Format.count(facts.cachedTokens()));
        row.add(Format.count(facts.uncachedTokens()));
        return row;
    }

    private static List<Part> parts(Explanation explanation) {
        var score = explanation.chosen().score();
        return score == null ? List.of() : score.parts();
    }

    private static String number(double value) {
        return String.format(Locale.ROOT, "%.3f", value);
    }

    private static double term(Candidate candidate, String name) {
        return candidate.price().terms().stream()
                .filter(term -> term.name().equals(name))
                .mapToDouble(Term::seconds)
                .findFirst()
                .orElse(Double.NaN);
    }
}
