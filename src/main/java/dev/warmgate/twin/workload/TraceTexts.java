package dev.warmgate.twin.workload;

import dev.warmgate.twin.workload.Message.Role;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The texts behind the block ids of a trace: equal ids are equal words.
 *
 * <p>A block is a text of its own, but for one that begins in a prompt and ends in its answer: its first words are the
 * prompt's last ones, though the two have different ids where ids are hashes. Such a block is the prompt's piece and then a
 * text of its own, wherever it appears, so that its beginning is shared with prompts that end inside of it. If several lines
 * complete a block, the first one says how; what another line cannot say in the same words is nobody else's text.
 *
 * <p>Confined to one thread.
 */
final class TraceTexts {
    private final int blockTokens;

    /** By id, the texts of a whole block. */
    private final Map<Long, List<Text>> blocks = new HashMap<>();

    private long nextStream = TraceWorkload.BLOCK_STREAM;

    /** Creates the texts of a trace. */
    TraceTexts(List<TraceLine> lines, int blockTokens) {
        this.blockTokens = blockTokens;
        Set<Long> completed = new HashSet<>();
        for (var line : lines) {
            int part = line.partTokens(blockTokens);
            if (part == 0 || line.outputBlocks() == null || line.outputBlocks().isEmpty()) {
                continue;
            }
            long id = line.outputBlocks().getFirst();
            long begun = line.blocks().getLast();
            // A trace that numbers blocks by their place calls the begun block and the completed one the same.
            if (completed.add(id) && (id == begun || !blocks.containsKey(id))) {
                var texts = new ArrayList<>(head(block(begun), part));
                texts.add(fresh(blockTokens - part));
                blocks.put(id, List.copyOf(texts));
            }
        }
    }

    /** Returns a line's prompt. */
    Message prompt(TraceLine line) {
        var parts = new ArrayList<Text>(line.blocks().size());
        int left = line.inputTokens();
        for (long id : line.blocks()) {
            parts.addAll(head(block(id), Math.min(left, blockTokens)));
            left -= blockTokens;
        }
        return new Message(Role.USER, parts);
    }

    /** Returns the answer to a line, which is request {@code index} of its plan. */
    List<Text> answer(TraceLine line, int index) {
        if (line.outputBlocks() == null) {
            return Plan.answer(index, line.outputTokens());
        }
        var texts = new ArrayList<Text>();
        int part = line.partTokens(blockTokens);
        int left = line.outputTokens();
        for (long id : line.outputBlocks()) {
            texts.addAll(part == 0 ? block(id) : completion(block(line.blocks().getLast()), block(id), part));
            left -= blockTokens - part;
            part = 0;
        }
        if (left > 0) {
            texts.addAll(Plan.answer(index, left));
        }
        return texts;
    }

    private List<Text> block(long id) {
        return blocks.computeIfAbsent(id, _ -> List.of(fresh(blockTokens)));
    }

    private Text fresh(int tokens) {
        return new Text(nextStream++, tokens);
    }

    /** Returns what completes {@code begun}, of which there are {@code part} tokens, to {@code whole}. */
    private List<Text> completion(List<Text> begun, List<Text> whole, int part) {
        var head = head(begun, part);
        return head.size() < whole.size() && whole.subList(0, head.size()).equals(head)
                ? whole.subList(head.size(), whole.size())
                : List.of(fresh(blockTokens - part));
    }

    private static List<Text> head(List<Text> texts, int tokens) {
        var head = new ArrayList<Text>(texts.size());
        int left = tokens;
        for (var text : texts) {
            if (left <= text.tokens()) {
                head.add(left == text.tokens() ? text : new Text(text.stream(), left));
                break;
            }
            head.add(text);
            left -= text.tokens();
        }
        return head;
    }
}
