package dev.warmgate.router.profile;

/**
 * Endpoints for prompts of certain lengths, which a label {@code min-max} in tokens names: {@code context-length-aware}.
 *
 * @param label the label's key
 * @param enableFiltering whether it filters, where it is used as a filter
 */
public record ContextLength(String label, boolean enableFiltering) implements Filter, Scorer {
    public static final String DEFAULT_LABEL = "llm-d.ai/context-length-range";

    public ContextLength {
        Require.named(label, "label");
    }
}
