package dev.warmgate.twin.server;

import dev.warmgate.dialect.Dialect;
import dev.warmgate.dialect.ReadResult;
import dev.warmgate.router.prefix.XxHash64;
import dev.warmgate.twin.engine.AnswerText;
import dev.warmgate.twin.engine.TwinTokenizer;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** Reads inference requests, thinks up their answers, and sets them off. Stateless but for the ids it gives. */
final class Inference {
    private final TwinSettings settings;
    private final InstantSource clock;
    private final IdSource ids;

    Inference(TwinSettings settings, InstantSource clock) {
        this.settings = settings;
        this.clock = clock;
        ids = new IdSource(clock.millis());
    }

    void answer(TwinReplica replica, Dialect dialect, HttpCall call, ReplicaConnection connection) {
        int failure = replica.orderedFailure();
        if (failure != 0) {
            refuse(VllmError.ordered(failure), call, connection);
            return;
        }
        TwinTokenizer tokenizer = replica.loop().tokenizer();
        switch (replica.loop().reader().read(dialect, call.body(), 0, call.length(), tokenizer)) {
            case ReadResult.Refused refused -> refuse(VllmError.invalidBody(refused.error()), call, connection);
            case ReadResult.Understood understood -> {
                VllmError error = start(replica, dialect, call, understood, tokenizer, connection);
                if (error != null) {
                    refuse(error, call, connection);
                }
            }
        }
    }

    private @Nullable VllmError start(
            TwinReplica replica,
            Dialect dialect,
            HttpCall call,
            ReadResult.Understood request,
            TwinTokenizer tokenizer,
            ReplicaConnection connection) {
        if (!settings.models().contains(request.model())) {
            return VllmError.unknownModel(request.model(), settings.models());
        }
        String previous = dialect == Dialect.OPENAI_RESPONSES ? RequestExtras.previous(call) : null;
        if (previous != null && !replica.given().responses().has(previous)) {
            return VllmError.unknownResponse(previous);
        }
        int promptTokens = tokenizer.endPrompt(hasTemplate(dialect));
        int room = settings.maxModelLen() - promptTokens;
        int limit = request.maxOutputTokens();
        if (room < 1) {
            return VllmError.promptTooLong(promptTokens, settings.maxModelLen());
        }
        if (limit > room) {
            return VllmError.tooManyTokens(limit, promptTokens, settings.maxModelLen());
        }
        boolean stream = request.stream() && !dialect.isWithoutOutput();
        Cut cut = replica.cut(call, stream);
        if (cut != null && !cut.insideAnswer()) {
            cut.instead(replica, call, stream, connection);
            return null;
        }
        long seed = tokenizer.seed();
        ToolCall toolCall = dialect.isWithoutOutput() ? null : RequestExtras.toolCall(call, seed);
        byte[] text = text(dialect, toolCall, seed, limit, room);
        tokenizer.text(text, 0, text.length);
        String id = call.requestId();
        var answer = new Answer(
                id == null || dialect == Dialect.OPENAI_RESPONSES ? ids.next() : id,
                clock.millis() / 1000,
                request.model(),
                text,
                promptTokens,
                limit > 0,
                request.includeUsage(),
                toolCall);
        AnswerFormat events = format(dialect, answer, limit, call);
        WholeFormat whole = events != null ? events : whole(dialect, answer, call);
        new Exchange(replica, connection, answer, whole, stream ? events : null, cut, tokenizer.finish()).start();
        return null;
    }

    private static WholeFormat whole(Dialect dialect, Answer answer, HttpCall call) {
        return dialect == Dialect.RERANK
                ? new RankingFormat(answer, call.path(), RequestExtras.tree(call))
                : new EmbeddingsFormat(answer, RequestExtras.embedding(call));
    }

    /** Returns the answer's text; an embedding or a score takes the time of a prompt and one token. */
    private static byte[] text(Dialect dialect, @Nullable ToolCall toolCall, long seed, int limit, int room) {
        if (dialect.isWithoutOutput()) {
            return AnswerText.write(seed, 1);
        }
        if (toolCall != null) {
            return ByteBuilder.bytes(toolCall.arguments());
        }
        return AnswerText.write(seed, limit > 0 ? limit : AnswerText.length(seed, room));
    }

    private static boolean hasTemplate(Dialect dialect) {
        return switch (dialect) {
            case OPENAI_CHAT, OPENAI_RESPONSES, ANTHROPIC_MESSAGES -> true;
            case OPENAI_COMPLETIONS, OPENAI_EMBEDDINGS, RERANK, BY_MODEL, UPLOAD, OTHER -> false;
        };
    }

    private static @Nullable AnswerFormat format(Dialect dialect, Answer answer, int limit, HttpCall call) {
        return switch (dialect) {
            case OPENAI_CHAT -> new ChatFormat(answer);
            case OPENAI_COMPLETIONS -> new CompletionsFormat(answer);
            case OPENAI_RESPONSES -> new ResponsesFormat(answer, limit, call);
            case ANTHROPIC_MESSAGES -> new MessagesFormat(answer);
            case OPENAI_EMBEDDINGS, RERANK, BY_MODEL, UPLOAD, OTHER -> null;
        };
    }

    static void refuse(VllmError error, HttpCall call, ReplicaConnection connection) {
        var body = new ByteBuilder();
        error.addTo(body, call.path());
        connection.respond(error.status(), "application/json", "", body);
    }

    /** Names for requests that came without one: 16 hexadecimal digits, as vLLM's. Any thread. */
    private static final class IdSource {
        private final AtomicLong counter;

        IdSource(long seed) {
            counter = new AtomicLong(XxHash64.mix(seed));
        }

        String next() {
            return HexFormat.of().toHexDigits(XxHash64.mix(counter.incrementAndGet()));
        }
    }
}
