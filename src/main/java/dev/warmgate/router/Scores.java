package dev.warmgate.router;

import dev.warmgate.router.Explanation.Candidate;
import dev.warmgate.router.Explanation.Score;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** Finds the words for a choice that was made by scores. */
final class Scores {
    /** Scores that differ by less are said to be the same: they are sums in floating point. */
    private static final double SAME = 1e-9;

    private Scores() {}

    static String reason(List<Candidate> candidates, Candidate chosen, Score score) {
        return comparison(candidates, chosen, score) + leftOut(candidates);
    }

    private static String comparison(List<Candidate> candidates, Candidate chosen, Score score) {
        var name = chosen.endpoint();
        Candidate next = null;
        int equal = 0;
        for (var other : candidates) {
            if (other.rated() && !other.equals(chosen)) {
                next = next == null || other.rank() > next.rank() ? other : next;
                equal += Math.abs(other.rank() - score.total()) <= SAME ? 1 : 0;
            }
        }
        if (next == null) {
            return name + " is the only candidate" + (candidates.size() > 1 ? " left" : "");
        }
        if (next.rank() > score.total() + SAME) {
            return name + " was drawn with score " + number(score.total()) + parts(score) + "; " + next.endpoint()
                    + " has " + number(next.rank());
        }
        if (equal > 0) {
            return name + " was drawn from " + (equal + 1) + " of the highest score, " + number(score.total())
                    + parts(score);
        }
        return name + " has the highest score, " + number(score.total()) + parts(score) + "; " + next.endpoint()
                + " has " + number(next.rank());
    }

    private static String parts(Score score) {
        return score.parts().stream()
                .map(part -> part.name() + " " + number(part.weighted()))
                .collect(Collectors.joining(", ", " (", ")"));
    }

    private static String leftOut(List<Candidate> candidates) {
        var counts = new LinkedHashMap<String, Integer>();
        for (var candidate : candidates) {
            var score = candidate.score();
            if (score != null && score.leftOutBy() != null) {
                counts.merge(score.leftOutBy(), 1, Integer::sum);
            }
        }
        return counts.isEmpty()
                ? ""
                : counts.entrySet().stream()
                        .map(entry -> entry.getValue() + " by " + entry.getKey())
                        .collect(Collectors.joining(", ", "; left out: ", ""));
    }

    private static String number(double value) {
        return String.format(Locale.ROOT, "%.3f", value);
    }
}
