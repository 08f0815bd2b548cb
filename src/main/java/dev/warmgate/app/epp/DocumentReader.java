package dev.warmgate.app.epp;

import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import tools.jackson.core.JacksonException;

/** Reads YAML or JSON text into a {@link Tree}. Used by one thread. */
final class DocumentReader {
    private final Problems problems;

    DocumentReader(Problems problems) {
        this.problems = problems;
    }

    /** Returns the tree, or null if the text is neither, which is then among the problems. */
    @Nullable
    Tree read(String text) {
        // A mapping in YAML's flow style begins like JSON; JSON has its own rules for numbers, so it is tried first.
        boolean mayBeJson = text.stripLeading().startsWith("{");
        if (mayBeJson && JsonTree.wellFormed(text)) {
            return json(text);
        }
        return yaml(text, mayBeJson);
    }

    private @Nullable Tree json(String text) {
        try {
            return new JsonTree(text).read();
        } catch (TreeLimits.Exceeded e) {
            problems.add(e.line, "", String.valueOf(e.getMessage()));
        } catch (JacksonException e) {
            problems.add(0, "", "not valid JSON: " + oneLine(String.valueOf(e.getOriginalMessage())));
        }
        return null;
    }

    private @Nullable Tree yaml(String text, boolean mayBeJson) {
        try {
            return new YamlTree(text, problems).read();
        } catch (TreeLimits.Exceeded e) {
            problems.add(e.line, "", String.valueOf(e.getMessage()));
        } catch (MarkedYamlEngineException e) {
            String what = e.getContext() == null ? e.getProblem() : e.getContext() + ": " + e.getProblem();
            int line = e.getProblemMark().map(mark -> mark.getLine() + 1).orElse(1);
            problems.add(line, "", "not valid YAML" + (mayBeJson ? " or JSON: " : ": ") + oneLine(what));
        } catch (YamlEngineException e) {
            problems.add(1, "", "not valid YAML: " + oneLine(String.valueOf(e.getMessage())));
        }
        return null;
    }

    private static String oneLine(String message) {
        return message.lines().findFirst().orElse("unreadable").replaceAll("\\s+", " ");
    }
}
