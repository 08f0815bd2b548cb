package dev.warmgate.dialect;

import static java.util.Objects.requireNonNull;

/** A wire format that clients speak. */
public enum Dialect {
    /** {@code POST /v1/chat/completions}. */
    OPENAI_CHAT("openai-chat"),
    /** {@code POST /v1/completions}. */
    OPENAI_COMPLETIONS("openai-completions"),
    /** {@code POST /v1/embeddings}. */
    OPENAI_EMBEDDINGS("openai-embeddings"),
    /** {@code POST /v1/responses}. */
    OPENAI_RESPONSES("openai-responses"),
    /** {@code POST /v1/messages}. */
    ANTHROPIC_MESSAGES("anthropic-messages"),
    /** {@code POST /v1/rerank} and {@code /v1/score}, which engines and their clients know by more paths. */
    RERANK("rerank"),
    /**
     * JSON that is read for the model it is for and nothing else, such as {@code POST /v1/messages/count_tokens}, or for the
     * file that a batch is of.
     */
    BY_MODEL("by-model"),
    /** Forms that may carry large files, such as {@code POST /v1/audio/transcriptions}: read for their model in passing. */
    UPLOAD("upload"),
    /** Everything else: forwarded without being understood. */
    OTHER("other");

    private static final String ANTHROPIC_ROOT = "/v1/messages";

    private static final String BATCHES = "/v1/batches";

    private final String label;

    Dialect(String label) {
        this.label = label;
    }

    /**
     * Returns the dialect of a request.
     *
     * @param method the HTTP method, upper case
     * @param path the path without its query
     */
    public static Dialect of(String method, String path) {
        requireNonNull(path, "path");
        if (!method.equals("POST")) {
            return OTHER;
        }
        return switch (path) {
            case "/v1/chat/completions" -> OPENAI_CHAT;
            case "/v1/completions" -> OPENAI_COMPLETIONS;
            case "/v1/embeddings" -> OPENAI_EMBEDDINGS;
            case "/v1/responses" -> OPENAI_RESPONSES;
            case ANTHROPIC_ROOT -> ANTHROPIC_MESSAGES;
            case "/v1/rerank", "/v2/rerank", "/rerank", "/v1/score", "/score" -> RERANK;
            case ANTHROPIC_ROOT + "/count_tokens",
                    "/tokenize",
                    "/detokenize",
                    BATCHES,
                    "/v1/audio/speech",
                    "/v1/images/generations",
                    "/v1/moderations" -> BY_MODEL;
            case "/v1/audio/transcriptions", "/v1/audio/translations", "/v1/images/edits", "/v1/images/variations" ->
                UPLOAD;
            default -> OTHER;
        };
    }

    /** Returns the dialect's name in metrics and logs. */
    public String label() {
        return label;
    }

    /** Returns whether the body is read whole before the request goes anywhere. */
    public boolean isReadWhole() {
        return this != UPLOAD && this != OTHER;
    }

    /** Returns whether the answer has no tokens that are generated one after the other. */
    public boolean isWithoutOutput() {
        return this == OPENAI_EMBEDDINGS || this == RERANK || this == BY_MODEL;
    }

    /** Returns whether this is Anthropic's API. {@link ApiError#toJson} also knows the paths below it. */
    public boolean anthropic() {
        return this == ANTHROPIC_MESSAGES;
    }

    /** Returns whether {@code path} belongs to Anthropic's API, understood or not. */
    static boolean isAnthropicPath(String path) {
        return path.startsWith(ANTHROPIC_ROOT)
                && (path.length() == ANTHROPIC_ROOT.length()
                        || "/?".indexOf(path.charAt(ANTHROPIC_ROOT.length())) >= 0);
    }
}
