package dev.warmgate.dialect;

import static java.util.Objects.requireNonNull;

import org.jspecify.annotations.Nullable;

/** What reading a request body came to. */
public sealed interface ReadResult {
    /** The longest id of something that engines keep, in bytes: a longer one is not looked at. */
    int LONGEST_ID = 64;

    /**
     * A request that can be routed; its prompt was fed to the sink.
     *
     * @param model the model the client asked for; empty only in {@link Dialect#OTHER}
     * @param stream whether the client wants server-sent events
     * @param includeUsage whether the client wants usage at the end of the stream
     * @param maxOutputTokens the client's limit on generated tokens, or -1 if it set none
     * @param session the client's own name for this conversation, if it sent one
     * @param continues the id of what it goes on from, which only the engine that keeps it has: {@code
     *     previous_response_id} or {@code conversation} of Responses, {@code input_file_id} of batches, if it is a string of 1 to {@link #LONGEST_ID} bytes
     * @param serviceTier the field {@code service_tier}, such as {@code flex}, if it is a string of 1 to 64 bytes
     * @param priority the field {@code priority} as vLLM understands it: lower goes first, 0 if it is absent; limited to
     *     ±{@link Integer#MAX_VALUE}
     * @param usageEdit the change of the body that makes an engine tell its usage at the end of the stream; null if it
     *     does so without, or cannot be made to
     */
    record Understood(
            String model,
            boolean stream,
            boolean includeUsage,
            int maxOutputTokens,
            @Nullable String session,
            @Nullable String continues,
            @Nullable String serviceTier,
            int priority,
            @Nullable BodyEdit usageEdit)
            implements ReadResult {
        public Understood {
            requireNonNull(model, "model");
        }

        /** Creates a request that goes on from nothing, that asks for no tier and no priority, and that needs no change. */
        public Understood(
                String model, boolean stream, boolean includeUsage, int maxOutputTokens, @Nullable String session) {
            this(model, stream, includeUsage, maxOutputTokens, session, null, null, 0, null);
        }
    }

    /** A request that no endpoint could serve; the sink was reset. */
    record Refused(ApiError error) implements ReadResult {
        public Refused {
            requireNonNull(error, "error");
        }
    }
}
