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
 */
public record InferenceRequest(
        String model,
        PromptBlocks prompt,
        int maxOutputTokens,
        @Nullable String session) {
    public InferenceRequest {
        requireNonNull(model, "model");
        requireNonNull(prompt, "prompt");
    }
}
