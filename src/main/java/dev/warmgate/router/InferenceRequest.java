package dev.warmgate.router;

import static java.util.Objects.requireNonNull;

import dev.warmgate.router.admission.Standing;
import dev.warmgate.router.prefix.PromptBlocks;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * One request as the router sees it: hashes and sizes, never text.
 *
 * @param model the model the client asked for
 * @param prompt the prompt as hashed blocks; {@link PromptBlocks#EMPTY} where there is none
 * @param maxOutputTokens the client's limit on generated tokens, or -1 if it set none
 * @param session the client's own name for this conversation, if it sent one
 * @param standing how important it is, and whose
 * @param bytes what holding it takes while it waits, at least 0: the length of its body
 * @param allowed which endpoints may take it, apart from what the pool says; null for all
 * @param hints what {@linkplain RoutingPolicy#hints policies want} to know of its header, by field names in lower case
 * @param streamed whether the router hears of the first token of its answer long before the last one
 * @param explain whether the {@link Decision} shall carry an {@link Explanation}; costs nothing where it is false
 */
public record InferenceRequest(
        String model,
        PromptBlocks prompt,
        int maxOutputTokens,
        @Nullable String session,
        Standing standing,
        long bytes,
        @Nullable Predicate<Endpoint> allowed,
        Map<String, String> hints,
        boolean streamed,
        boolean explain) {
    public InferenceRequest {
        requireNonNull(model, "model");
        requireNonNull(prompt, "prompt");
        requireNonNull(standing, "standing");
        hints = Map.copyOf(hints);
    }

    /** Creates a request of {@link Standing#DEFAULT} whose answer is streamed and whose decision need not be explained. */
    public InferenceRequest(String model, PromptBlocks prompt, int maxOutputTokens, @Nullable String session) {
        this(model, prompt, maxOutputTokens, session, Standing.DEFAULT, 0, null, Map.of(), true, false);
    }

    /** Returns the same request, asking for an explanation. */
    public InferenceRequest explained() {
        return new InferenceRequest(
                model, prompt, maxOutputTokens, session, standing, bytes, allowed, hints, streamed, true);
    }

    /** Returns the same request, with an answer that comes as a whole if it is not streamed. */
    public InferenceRequest streamed(boolean is) {
        return new InferenceRequest(
                model, prompt, maxOutputTokens, session, standing, bytes, allowed, hints, is, explain);
    }

    /** Returns the same request with a standing, held in so many bytes. */
    public InferenceRequest with(Standing newStanding, long newBytes) {
        return new InferenceRequest(
                model, prompt, maxOutputTokens, session, newStanding, newBytes, allowed, hints, streamed, explain);
    }

    /** Returns the same request for certain endpoints only. */
    public InferenceRequest onlyTo(@Nullable Predicate<Endpoint> these) {
        return new InferenceRequest(
                model, prompt, maxOutputTokens, session, standing, bytes, these, hints, streamed, explain);
    }

    /** Returns the same request with what policies want to know of its header. */
    public InferenceRequest hinted(Map<String, String> those) {
        return those.isEmpty() && hints.isEmpty()
                ? this
                : new InferenceRequest(
                        model, prompt, maxOutputTokens, session, standing, bytes, allowed, those, streamed, explain);
    }
}
