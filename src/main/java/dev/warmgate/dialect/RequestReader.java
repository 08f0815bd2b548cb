package dev.warmgate.dialect;

import static dev.warmgate.dialect.BadRequestException.missing;
import static dev.warmgate.dialect.BadRequestException.mistyped;
import static dev.warmgate.dialect.JsonIndex.NONE;
import static java.util.Objects.requireNonNull;

import dev.warmgate.dialect.ApiError.Kind;
import dev.warmgate.router.prefix.PromptSink;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A reader of request bodies: what the router needs to know, and the prompt in canonical form.
 *
 * <p>The whole body is checked as JSON, in one pass over its bytes ({@link JsonScanner}); the values found are then
 * visited in the order an engine renders them, strings without escapes straight from the body. Fields that are null
 * count as absent, fields nobody here needs are ignored, of equal keys the last one counts.
 *
 * <p>The client's name for the conversation is {@code prompt_cache_key}, else {@code user}; in Responses
 * {@code conversation} (or its id) goes before both and {@code previous_response_id} after them, since it names a turn
 * rather than the conversation; in Anthropic's API it is {@code metadata.user_id}. It is only a hint: in any other type
 * it is ignored.
 *
 * <p>So are {@code service_tier} and {@code priority}: what is wrong about them is for the engine to say.
 *
 * <p>Reusable, confined to one thread at a time; holds on to nothing of a body between calls.
 */
public final class RequestReader {
    private static final int LONGEST_TIER = 64;

    /** What is ranked: by the names of rerank requests, and of scores. */
    private static final Name[] RERANKED = {Name.QUERY, Name.QUERIES, Name.TEXT_1, Name.DOCUMENTS, Name.TEXT_2};

    private static final ReadResult NOT_UNDERSTOOD = new ReadResult.Understood("", false, false, -1, null);

    private final JsonIndex index = new JsonIndex();
    private final JsonScanner scanner = new JsonScanner(index);
    private final StreamOptions streamOptions = new StreamOptions(index);

    /** Where the model stands in the body read last, in bytes from its first; -1 if it has none. */
    private int modelAt;

    private int modelLength;

    /** Creates a reader. */
    public RequestReader() {}

    /**
     * Reads one body.
     *
     * <p>A body in {@link Dialect#BY_MODEL}, {@link Dialect#UPLOAD} or {@link Dialect#OTHER} is never refused and has no
     * prompt: its model, and the file of a batch, are taken if it is JSON and has them.
     *
     * @param sink takes the prompt; it is reset first, and again if the body is refused
     */
    public ReadResult read(Dialect dialect, byte[] body, int offset, int length, PromptSink sink) {
        requireNonNull(dialect, "dialect");
        Objects.checkFromIndexSize(offset, length, body.length);
        sink.reset();
        modelAt = -1;
        try {
            boolean valid = scanner.scan(body, offset, length);
            if (dialect == Dialect.BY_MODEL || !dialect.isReadWhole()) {
                return valid ? readOther(offset) : NOT_UNDERSTOOD;
            }
            if (!valid) {
                return new ReadResult.Refused(malformed(body, offset, length));
            }
            if (!index.isObject(0)) {
                String what = BadRequestException.describe(index, 0);
                return refused("The request body must be a JSON object, not " + what + ".");
            }
            String model = model(requiredModel(), offset);
            feed(dialect, sink);
            boolean stream = streamOptions.flag(0, Name.STREAM);
            boolean hasOption = dialect == Dialect.OPENAI_CHAT || dialect == Dialect.OPENAI_COMPLETIONS;
            boolean includeUsage = hasOption && streamOptions.includeUsage();
            return new ReadResult.Understood(
                    model,
                    stream,
                    includeUsage,
                    maxOutputTokens(dialect),
                    session(dialect),
                    dialect == Dialect.OPENAI_RESPONSES ? continues() : null,
                    serviceTier(),
                    priority(),
                    stream && hasOption && !includeUsage ? streamOptions.ask(offset) : null);
        } catch (BadRequestException e) {
            sink.reset();
            return new ReadResult.Refused(e.error());
        } finally {
            index.release();
        }
    }

    /**
     * Returns the change that makes the body read last ask for another model.
     *
     * @throws IllegalStateException if that body has no model
     */
    public BodyEdit rename(String model) {
        if (modelAt < 0) {
            throw new IllegalStateException("the body that was read has no model");
        }
        return new BodyEdit(modelAt, modelLength, JsonText.quoted(model));
    }

    private String model(int node, int offset) {
        modelAt = index.start(node) - offset;
        modelLength = index.end(node) - index.start(node);
        return index.string(node);
    }

    private static ReadResult refused(String message) {
        return new ReadResult.Refused(new ApiError(Kind.INVALID_REQUEST, message, null));
    }

    private ApiError malformed(byte[] body, int offset, int length) {
        for (int i = offset; i < offset + length; i++) {
            if (!JsonScanner.isSpace(body[i])) {
                return MalformedBody.explain(scanner.fault(), scanner.faultAt(), body, offset, length);
            }
        }
        return new ApiError(Kind.INVALID_REQUEST, "The request body is empty: send a JSON object.", null);
    }

    private ReadResult readOther(int offset) {
        if (!index.isObject(0)) {
            return NOT_UNDERSTOOD;
        }
        int model = index.get(0, Name.MODEL);
        String named = model != NONE && index.isString(model) ? model(model, offset) : "";
        String file = hint(0, Name.INPUT_FILE_ID, ReadResult.LONGEST_ID);
        return new ReadResult.Understood(named, false, false, -1, null, file, null, 0, null);
    }

    private int requiredModel() {
        String expected = "the name of a model";
        int model = index.getPresent(0, Name.MODEL);
        if (model == NONE) {
            throw missing(index, 0, Name.MODEL, expected);
        }
        if (!index.isString(model) || index.end(model) - index.start(model) == 2) {
            throw mistyped(index, model, expected);
        }
        return model;
    }

    private void feed(Dialect dialect, PromptSink sink) {
        var writer = new PromptWriter(index, sink);
        var conversation = new ConversationFeeder(index, writer);
        // vLLM: requests with different salts share no cached blocks.
        int salt = index.getPresent(0, Name.CACHE_SALT);
        if (salt != NONE && index.isString(salt)) {
            writer.salt(salt);
        }
        switch (dialect) {
            case OPENAI_CHAT -> {
                tools(conversation);
                conversation.chat(requiredList(Name.MESSAGES, "a list of messages"));
            }
            case OPENAI_RESPONSES -> {
                conversation.tools(index.get(0, Name.TOOLS));
                conversation.system(index.get(0, Name.INSTRUCTIONS));
                conversation.responses(responsesInput());
            }
            case ANTHROPIC_MESSAGES -> {
                conversation.tools(index.get(0, Name.TOOLS));
                conversation.system(index.get(0, Name.SYSTEM));
                conversation.anthropic(requiredList(Name.MESSAGES, "a list of messages"));
            }
            case OPENAI_COMPLETIONS -> bare(writer, Name.PROMPT);
            case OPENAI_EMBEDDINGS -> {
                // vLLM embeds conversations too.
                if (!index.isPresent(index.get(0, Name.INPUT)) && index.isPresent(index.get(0, Name.MESSAGES))) {
                    conversation.chat(requiredList(Name.MESSAGES, "a list of messages"));
                } else {
                    bare(writer, Name.INPUT);
                }
            }
            case RERANK -> {
                for (Name part : RERANKED) {
                    int text = index.getPresent(0, part);
                    if (text != NONE) {
                        writer.minified(text);
                    }
                }
            }
            case BY_MODEL, UPLOAD, OTHER -> throw new IllegalArgumentException("dialect: " + dialect);
        }
    }

    private void tools(ConversationFeeder conversation) {
        int tools = index.get(0, Name.TOOLS);
        conversation.tools(index.isPresent(tools) ? tools : index.get(0, Name.FUNCTIONS));
    }

    private int requiredList(Name name, String expected) {
        int list = required(name, expected);
        if (!index.isList(list)) {
            throw mistyped(index, list, expected);
        }
        return list;
    }

    private int responsesInput() {
        String expected = "a string or a list of items";
        int input = required(Name.INPUT, expected);
        if (!index.isString(input) && !index.isList(input)) {
            throw mistyped(index, input, expected);
        }
        return input;
    }

    private int required(Name name, String expected) {
        int value = index.getPresent(0, name);
        if (value == NONE) {
            throw missing(index, 0, name, expected);
        }
        return value;
    }

    private void bare(PromptWriter writer, Name name) {
        int prompt = index.getPresent(0, name);
        int embeddings = index.getPresent(0, Name.PROMPT_EMBEDS);
        if (prompt == NONE && embeddings != NONE) {
            writer.media(embeddings); // vLLM: tensors in place of text
            return;
        }
        new CompletionFeeder(index, writer).prompts(required(name, "a string or a list"));
    }

    private int maxOutputTokens(Dialect dialect) {
        return switch (dialect) {
            case OPENAI_CHAT -> {
                int limit = wholeNumber(Name.MAX_COMPLETION_TOKENS);
                int olderLimit = wholeNumber(Name.MAX_TOKENS);
                yield limit >= 0 ? limit : olderLimit;
            }
            case OPENAI_COMPLETIONS, ANTHROPIC_MESSAGES -> wholeNumber(Name.MAX_TOKENS);
            case OPENAI_RESPONSES -> wholeNumber(Name.MAX_OUTPUT_TOKENS);
            case OPENAI_EMBEDDINGS, RERANK, BY_MODEL, UPLOAD, OTHER -> -1;
        };
    }

    /** Returns the number, at most {@link Integer#MAX_VALUE}; -1 if it is absent or negative, llama.cpp's "no limit". */
    private int wholeNumber(Name name) {
        int node = index.getPresent(0, name);
        if (node == NONE) {
            return -1;
        }
        int value = isNumber(node)
                ? WholeNumber.parse(index.json(), index.start(node), index.end(node))
                : WholeNumber.INVALID;
        if (value == WholeNumber.INVALID) {
            throw mistyped(index, node, "a whole number");
        }
        return value;
    }

    private @Nullable String session(Dialect dialect) {
        return switch (dialect) {
            case OPENAI_CHAT, OPENAI_COMPLETIONS, OPENAI_EMBEDDINGS, RERANK -> {
                String key = hint(0, Name.PROMPT_CACHE_KEY);
                yield key != null ? key : hint(0, Name.USER);
            }
            case OPENAI_RESPONSES -> responsesSession();
            case ANTHROPIC_MESSAGES -> {
                int metadata = index.getPresent(0, Name.METADATA);
                yield metadata != NONE && index.isObject(metadata) ? hint(metadata, Name.USER_ID) : null;
            }
            case BY_MODEL, UPLOAD, OTHER -> null;
        };
    }

    private @Nullable String responsesSession() {
        String session = conversation(Integer.MAX_VALUE);
        if (session == null) {
            session = hint(0, Name.PROMPT_CACHE_KEY);
        }
        if (session == null) {
            session = hint(0, Name.USER);
        }
        return session != null ? session : hint(0, Name.PREVIOUS_RESPONSE_ID);
    }

    /** Returns the conversation's id, which is a string or stands in an object. */
    private @Nullable String conversation(int longest) {
        int conversation = index.getPresent(0, Name.CONVERSATION);
        return conversation != NONE && index.isObject(conversation)
                ? hint(conversation, Name.ID, longest)
                : hint(0, Name.CONVERSATION, longest);
    }

    private @Nullable String continues() {
        String previous = hint(0, Name.PREVIOUS_RESPONSE_ID, ReadResult.LONGEST_ID);
        return previous != null ? previous : conversation(ReadResult.LONGEST_ID);
    }

    private @Nullable String serviceTier() {
        return hint(0, Name.SERVICE_TIER, LONGEST_TIER);
    }

    private int priority() {
        int node = index.getPresent(0, Name.PRIORITY);
        if (node == NONE || !isNumber(node)) {
            return 0;
        }
        int value = WholeNumber.parseSigned(index.json(), index.start(node), index.end(node));
        return value == WholeNumber.INVALID ? 0 : value;
    }

    private boolean isNumber(int node) {
        byte kind = index.kind(node);
        return kind == '-' || (kind >= '0' && kind <= '9');
    }

    private @Nullable String hint(int object, Name name) {
        return hint(object, name, Integer.MAX_VALUE);
    }

    /** Returns a string of 1 to so many bytes, as they stand in the body; null for anything else. */
    private @Nullable String hint(int object, Name name, int longest) {
        int value = index.getPresent(object, name);
        if (value == NONE || !index.isString(value)) {
            return null;
        }
        int length = index.end(value) - index.start(value) - 2;
        return length > 0 && length <= longest ? index.string(value) : null;
    }
}
