package dev.warmgate.router;

import static java.util.Objects.requireNonNull;

import dev.warmgate.router.prefix.PromptBlocks;
import org.jspecify.annotations.Nullable;

/**
 * One request as the router sees it: hashes and sizes, never text.
 *
 * @param model the model the client asked for
 * @param prompt the prompt as hashed blocks; {@link PromptBlocks#EMPTY} where there is none
 * @param maxOutputTokens the client's limit on generated tokens, or -1 if it set none
 * @param session the client's own name for this conversation, if it sent one
 * @param explain whether the {@link Decision} shall carry an {@link Explanation}; costs nothing where it is false
 */
public record InferenceRequest(
        String model,
        PromptBlocks prompt,
        int maxOutputTokens,
        @Nullable String session,
        boolean explain) {
    public InferenceRequest {
        requireNonNull(model, "model");
        requireNonNull(prompt, "prompt");
    }

    /** Creates a request whose decision need not be explained. */
    public InferenceRequest(String model, PromptBlocks prompt, int maxOutputTokens, @Nullable String session) {
        this(model, prompt, maxOutputTokens, session, false);
    }

    /** Returns the same request, asking for an explanation. */
    public InferenceRequest explained() {
        return new InferenceRequest(model, prompt, maxOutputTokens, session, true);
    }
}
