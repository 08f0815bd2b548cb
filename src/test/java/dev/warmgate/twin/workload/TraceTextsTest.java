package dev.warmgate.twin.workload;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;

/** Random conversations as tokens, told as block ids, and read back: what is equal must stay equal, and nothing else. */
class TraceTextsTest {
    private static final int BLOCK = 8;
    private static final int LINES = 60;

    private final Map<List<Integer>, Long> ids = new HashMap<>();

    /** Per line, the tokens of prompt and answer. */
    private final List<List<Integer>> sequences = new ArrayList<>();

    private final List<TraceLine> lines = new ArrayList<>();

    @RepeatedTest(20)
    void equalBlocksStayEqualAndNothingElse(RepetitionInfo repetition) {
        long seed = 20_261_124L + repetition.getCurrentRepetition();
        converse(new SplittableRandom(seed));
        var texts = new TraceTexts(lines, BLOCK);
        var told = new ArrayList<List<Long>>();
        for (int i = 0; i < LINES; i++) {
            var spelled = new ArrayList<Long>();
            texts.prompt(lines.get(i)).parts().forEach(text -> spell(text, spelled));
            assertThat(spelled).hasSize(lines.get(i).inputTokens());
            texts.answer(lines.get(i), i).forEach(text -> spell(text, spelled));
            assertThat(spelled).hasSameSizeAs(sequences.get(i));
            told.add(spelled);
        }
        for (int i = 0; i < LINES; i++) {
            for (int j = 0; j < i; j++) {
                int meant = common(sequences.get(i), sequences.get(j));
                assertThat(common(told.get(i), told.get(j)))
                        .as("lines %d and %d, seed %d", i, j, seed)
                        .isBetween(meant - meant % BLOCK, meant);
            }
        }
    }

    /** Every line goes on from somewhere in another one: its end, the middle of its answer, of its prompt, or nowhere. */
    private void converse(SplittableRandom random) {
        int fresh = 0;
        for (int i = 0; i < LINES; i++) {
            var sequence = new ArrayList<Integer>();
            if (i > 0) {
                var from = sequences.get(random.nextInt(i));
                int to = random.nextBoolean() ? from.size() : random.nextInt(from.size());
                sequence.addAll(from.subList(0, to));
            }
            for (int n = 1 + random.nextInt(2 * BLOCK); n > 0; n--) {
                sequence.add(fresh++);
            }
            int input = sequence.size();
            for (int n = 1 + random.nextInt(4 * BLOCK); n > 0; n--) {
                sequence.add(fresh++);
            }
            sequences.add(sequence);
            var blocks = new ArrayList<Long>();
            for (int end = BLOCK; end < input + BLOCK; end += BLOCK) {
                blocks.add(id(sequence.subList(0, Math.min(end, input))));
            }
            var completed = new ArrayList<Long>();
            for (int end = (input / BLOCK + 1) * BLOCK; end <= sequence.size(); end += BLOCK) {
                completed.add(id(sequence.subList(0, end)));
            }
            lines.add(new TraceLine(i, 0, input, sequence.size() - input, blocks, completed, null, null, -1, 0));
        }
    }

    /** Returns a block's id as engines form it: of all tokens up to its end. */
    private long id(List<Integer> prefix) {
        return ids.computeIfAbsent(List.copyOf(prefix), _ -> (long) ids.size());
    }

    private static void spell(Text text, List<Long> target) {
        for (int i = 0; i < text.tokens(); i++) {
            target.add(text.stream() * BLOCK * LINES + i);
        }
    }

    private static int common(List<?> one, List<?> other) {
        int n = 0;
        while (n < one.size() && n < other.size() && one.get(n).equals(other.get(n))) {
            n++;
        }
        return n;
    }
}
