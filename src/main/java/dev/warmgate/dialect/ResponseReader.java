package dev.warmgate.dialect;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;

import dev.warmgate.router.Usage;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * A reader of one response, which watches its bytes pass: first token, end, error, usage.
 *
 * <p>Streams are read event by event however their bytes are cut, other answers in whatever pieces they come. Memory is
 * a few hundred bytes whatever the size of the answer. Bytes must be plain: a compressed answer has nothing to say.
 *
 * <p>Confined to one thread at a time.
 */
public final class ResponseReader {
    private static final int SCRATCH_BYTES = 4096;
    private static final byte[] NOTHING = {};

    private final Dialect dialect;
    private final boolean eventStream;
    private final UsageTally tally = new UsageTally();
    private final AnswerScanner scanner;

    /** Only of a stream. */
    private final @Nullable EventStream events;

    private final @Nullable UsageHider hider;

    /** What to add to an index in the array that is being read for one in the piece it is of. */
    private int shift;

    private byte[] scratch = NOTHING;
    private boolean firstToken;
    private int outputEvents;
    private boolean finished;
    private boolean failed;

    private ResponseReader(Dialect dialect, boolean eventStream, @Nullable UsageHider hider) {
        this.dialect = requireNonNull(dialect, "dialect");
        this.eventStream = eventStream;
        this.scanner = new AnswerScanner(tally, tellsId(dialect));
        this.events = eventStream ? new EventStream(scanner, new Events()) : null;
        this.hider = hider;
    }

    private static boolean tellsId(Dialect dialect) {
        return dialect == Dialect.OPENAI_RESPONSES || dialect == Dialect.BY_MODEL || dialect == Dialect.OTHER;
    }

    /**
     * Returns a reader for one response.
     *
     * @param dialect the request's dialect
     * @param eventStream whether the response's content type is {@code text/event-stream}
     */
    public static ResponseReader of(Dialect dialect, boolean eventStream) {
        return new ResponseReader(dialect, eventStream, null);
    }

    /** Returns a reader for a stream whose usage was asked for on behalf of a client that shall not see it. */
    public static ResponseReader hidingUsage(Dialect dialect) {
        return new ResponseReader(dialect, true, new UsageHider());
    }

    /** Reads all remaining bytes; the next call goes on where this one ended. */
    public void read(ByteBuffer bytes) {
        int begin = bytes.position();
        if (bytes.hasArray()) {
            int from = bytes.arrayOffset() + begin;
            shift = -from;
            read(bytes.array(), from, from + bytes.remaining());
            bytes.position(bytes.limit());
            return;
        }
        if (scratch.length == 0) {
            scratch = new byte[SCRATCH_BYTES];
        }
        while (bytes.hasRemaining()) {
            int length = Math.min(bytes.remaining(), SCRATCH_BYTES);
            shift = bytes.position() - begin;
            bytes.get(scratch, 0, length);
            read(scratch, 0, length);
        }
    }

    /**
     * Reads all remaining bytes, as {@link #read} does, and says what of them the client gets.
     *
     * @return what comes in their place, perhaps nothing; null if it is the very same
     */
    public byte @Nullable [] pass(ByteBuffer bytes) {
        int from = bytes.position();
        int length = bytes.remaining();
        if (hider != null) {
            hider.begin();
        }
        read(bytes);
        return hider == null ? null : hider.end(bytes, from, length, scanner.hasChoice() || scanner.error());
    }

    /**
     * Returns what was held back of an event that the end of the stream leaves unfinished; nothing as a rule. After it
     * nothing is to be read.
     */
    public byte[] rest() {
        return hider == null ? NOTHING : hider.rest(scanner.isUsageOnly());
    }

    private void read(byte[] bytes, int from, int to) {
        if (events != null) {
            events.read(bytes, from, to);
            return;
        }
        firstToken |= to > from;
        scanner.scan(bytes, from, to);
        finished |= scanner.complete();
        failed |= scanner.error();
    }

    private final class Events implements EventStream.Listener {
        @Override
        public void event() {
            readEvent(requireNonNull(events, "events"));
        }

        @Override
        public void blockEnded(int next) {
            if (hider != null) {
                hider.blockEnded(next + shift, scanner.isUsageOnly());
            }
        }

        @Override
        public void lateLineFeed(int next) {
            if (hider != null) {
                hider.lateLineFeed(next + shift);
            }
        }
    }

    private void readEvent(EventStream event) {
        if (event.isDone()) {
            finished = true;
            return;
        }
        var type = event.type();
        boolean error = scanner.error() || type == AnswerScanner.Type.ERROR;
        failed |= error;
        finished |= type == AnswerScanner.Type.STOP || type == AnswerScanner.Type.ERROR;
        // What a stream in an unknown dialect carries is taken for output.
        boolean output = scanner.output() || type == AnswerScanner.Type.DELTA || !dialect.isReadWhole();
        if (output && !error) {
            firstToken = true;
            outputEvents++;
        }
    }

    /** Returns whether output has passed: in a stream the first event that carries some, else any byte of the body. */
    public boolean firstToken() {
        return firstToken;
    }

    /** Returns the number of events that carried output; 0 where the answer is not a stream. */
    public int outputEvents() {
        return outputEvents;
    }

    /** Returns whether the answer has come to its own end: a stream's last event, or the end of the JSON value. */
    public boolean finished() {
        return finished;
    }

    /**
     * Returns whether nothing of the answer is missing, or an error says what is: it has come to its own end, or all that
     * is missing is a stream's end mark after the reason why the model stopped.
     */
    public boolean whole() {
        return finished || failed || (eventStream && scanner.finishReason());
    }

    /**
     * Returns whether the engine reported an error inside the answer. vLLM ends such a stream with {@code [DONE]} like
     * any other, so a finished answer may have failed.
     */
    public boolean failed() {
        return failed;
    }

    /**
     * Returns the event that ends this stream with an error, in the request's dialect, and whatever has to follow it.
     * Only a stream that stands between two events can take it.
     *
     * <ul>
     *   <li>Anthropic's messages: an {@code error} event, which their API names as the way a stream fails.
     *   <li>OpenAI's responses: an {@code error} event with the number that is due. Beside the fields of the API reference
     *       it has them in an object {@code error}, as OpenAI's own service sends them: by that the SDKs know that the
     *       stream failed, and raise.
     *   <li>All others: an event with an error object, and {@code [DONE]}, as vLLM ends a stream whose engine died.
     * </ul>
     */
    public byte[] ending(ApiError error) {
        return error.toEvent(dialect, scanner.sequence() + 1);
    }

    /**
     * Returns the id of what the answer describes, if it is in a dialect whose ids can be asked for later: that of a
     * response in {@link Dialect#OPENAI_RESPONSES}, in a stream from its first event on, or of any object in
     * {@link Dialect#BY_MODEL} and {@link Dialect#OTHER}. Null before it has passed, and for one longer than {@link ReadResult#LONGEST_ID}.
     */
    public @Nullable String objectId() {
        byte[] id = scanner.id();
        return id == null ? null : new String(id, UTF_8);
    }

    /** Returns the usage reported so far; complete when the last byte has been read. */
    public Usage usage() {
        return tally.usage();
    }

    /** Returns the output tokens of a stream up to now, since each event has one or more of them; 0 where it is none. */
    public int outputTokens() {
        return eventStream ? Math.max(outputEvents, usage().outputTokens()) : 0;
    }

    /** Returns what is to be counted for an answer, which may have been cut off. */
    public Usage used() {
        var said = usage();
        return !eventStream || (finished && said.outputTokens() >= 0)
                ? said
                : new Usage(said.promptTokens(), said.cachedTokens(), outputTokens());
    }
}
