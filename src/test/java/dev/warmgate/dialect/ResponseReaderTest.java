package dev.warmgate.dialect;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.warmgate.router.Usage;
import java.nio.ByteBuffer;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ResponseReaderTest {
    /** What is known at the end of a response. */
    private record Seen(
            boolean firstToken,
            int outputEvents,
            boolean finished,
            boolean failed,
            int prompt,
            int cached,
            int output) {
        static Seen of(ResponseReader reader) {
            Usage usage = reader.usage();
            return new Seen(
                    reader.firstToken(),
                    reader.outputEvents(),
                    reader.finished(),
                    reader.failed(),
                    usage.promptTokens(),
                    usage.cachedTokens(),
                    usage.outputTokens());
        }
    }

    @ParameterizedTest
    @CsvSource({
        "vllm/chat.json,                           0, false, 16, 0, 8",
        "vllm/chat-cached-2.json,                  0, false, 431, 416, 2",
        "vllm/responses.json,                      0, false, 12, 0, 6",
        "vllm/messages.json,                       0, false, 12, 0, 6",
        "vllm/chat-stream-usage.sse,               4, false, 16, 0, 4",
        "vllm/chat-stream-continuous-usage.sse,    2, false, 16, 0, 3",
        "vllm/chat-stream-no-usage.sse,            2, false, -1, -1, -1",
        "vllm/completions-stream.sse,              3, false, 2, 0, 3",
        "vllm/responses-stream.sse,                2, false, 12, 0, 4",
        "vllm/messages-stream.sse,                 4, false, 12, 0, 4",
        "vllm/tools-required-stream.sse,           2, false, -1, -1, -1",
        "vllm/sse-keep-alive.sse,                  5, false, -1, -1, -1",
        "vllm/engine-death.sse,                    1, true, -1, -1, -1",
        "vllm/error-unknown-model.txt,             0, true, -1, -1, -1",
        "vllm/error-messages-unknown-model.txt,    0, true, -1, -1, -1",
        "llama.cpp/chat.json,                      0, false, 36, 0, 8",
        "llama.cpp/chat-cached-2.json,             0, false, 231, 230, 2",
        "llama.cpp/responses.json,                 0, false, 36, 1, 8",
        "llama.cpp/messages.json,                  0, false, 36, 35, 8",
        "llama.cpp/chat-stream-usage.sse,          6, false, 36, 35, 6",
        "llama.cpp/chat-stream-no-usage.sse,       4, false, -1, -1, -1",
        "llama.cpp/responses-stream.sse,           4, false, 36, 35, 4",
        "llama.cpp/messages-stream.sse,            4, false, 36, 35, 4",
        "llama.cpp/error-bad-json.txt,             0, true, -1, -1, -1"
    })
    void readsWhatRealEnginesAnswer(String name, int outputEvents, boolean failed, int prompt, int cached, int output) {
        var recording = Recording.load(name);
        var dialect = name.contains("engine-death") ? Dialect.OPENAI_CHAT : recording.dialect();
        var expected = new Seen(true, outputEvents, true, failed, prompt, cached, output);

        byte[] body = recording.body();
        var reader = ResponseReader.of(dialect, recording.isStream());
        reader.read(ByteBuffer.wrap(body));
        assertThat(Seen.of(reader)).isEqualTo(expected);

        for (int split = 0; split <= body.length; split++) {
            reader = ResponseReader.of(dialect, recording.isStream());
            reader.read(ByteBuffer.wrap(body, 0, split));
            reader.read(ByteBuffer.wrap(body, split, body.length - split));
            assertThat(Seen.of(reader)).as("split at %d", split).isEqualTo(expected);
        }
        reader = ResponseReader.of(dialect, recording.isStream());
        for (int i = 0; i < body.length; i++) {
            reader.read(ByteBuffer.wrap(body, i, 1));
        }
        assertThat(Seen.of(reader)).as("byte by byte").isEqualTo(expected);
    }

    @Test
    void knowsTheFirstTokenWhenItsEventEnds() {
        var reader = stream(Dialect.OPENAI_CHAT);
        read(reader, "data: {'choices':[{'delta':{'role':'assistant','content':''}}]}\n\n: keep-alive\n\n");
        assertThat(reader.firstToken()).as("a role is no output").isFalse();
        read(
                reader,
                "data: {'choices':[{'delta':{'content':null}}]}\n\ndata: {'choices':[{'delta':{'content':'a'}}]}\n");
        assertThat(reader.firstToken()).as("an event ends with an empty line").isFalse();
        read(reader, "\n");
        assertThat(reader.firstToken()).isTrue();
        assertThat(reader.finished()).isFalse();
        read(reader, "data: [DONE]\n\n");
        assertThat(reader.finished()).isTrue();
        assertThat(reader.outputEvents()).isEqualTo(1);
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '`',
            delimiter = ';',
            value = {
                "{'choices':[{'delta':{'reasoning_content':'hm'}}]}; true",
                "{'choices':[{'delta':{'reasoning':'hm'}}]}; true",
                "{'choices':[{'delta':{'content':'\\n'}}]}; true",
                "{'choices':[{'delta':{'tool_calls':[{'index':0,'function':{'name':'f'}}]}}]}; true",
                "{'choices':[{'text':'x'}]}; true",
                "{'choices':[{'text':''}]}; false",
                "{'choices':[{'delta':{'role':'assistant'},'finish_reason':'stop'}]}; false",
                "{'choices':[],'usage':{'prompt_tokens':1}}; false",
                "{'text':'x','delta':{'content':'x'}}; false"
            })
    void onlyOutputIsOutput(String data, boolean output) {
        var reader = stream(Dialect.OPENAI_CHAT);
        read(reader, "data: " + data + "\n\n");
        assertThat(reader.outputEvents()).isEqualTo(output ? 1 : 0);
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '`',
            delimiter = ';',
            value = {
                "OPENAI_CHAT; data: {'error':{'message':'boom','code':500}}; false",
                "OPENAI_CHAT; data: {'error':'boom'}; false",
                "ANTHROPIC_MESSAGES; data: {'type':'error','error':{'type':'overloaded_error'}}; true",
                "ANTHROPIC_MESSAGES; event: error\\ndata: {}; true",
                "OPENAI_RESPONSES; data: {'type':'response.failed','response':{'error':{'code':'server_error'}}}; true",
                "OPENAI_RESPONSES; data: {'type':'error','message':'boom'}; true",
                "OTHER; data: {'error':{}}; false"
            })
    void seesErrorsInsideStreams(Dialect dialect, String event, boolean finished) {
        var reader = stream(dialect);
        read(reader, event.replace("\\n", "\n") + "\n\n");
        assertThat(reader.failed()).isTrue();
        assertThat(reader.finished()).isEqualTo(finished);
        assertThat(reader.outputEvents()).isZero();
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '`',
            delimiter = ';',
            value = {
                "{'error':null,'choices':[]}",
                "{'choices':[{'delta':{'content':'{\\'error\\':{}}','error':{}}}]}",
                "{'x':{'error':{}}}",
                "{'choices':[{'error':{}}]}"
            })
    void whatIsNoErrorIsNone(String data) {
        var reader = stream(Dialect.OPENAI_CHAT);
        read(reader, "data: " + data + "\n\n");
        assertThat(reader.failed()).isFalse();
    }

    @Test
    void textThatLooksLikeUsageIsNotUsage() {
        var reader = ResponseReader.of(Dialect.OPENAI_CHAT, false);
        read(
                reader,
                "{'choices':[{'usage':{'prompt_tokens':1},'message':{'content':'\\'usage\\':{\\'prompt_tokens\\':2}',"
                        + "'usage':{'prompt_tokens':3}}}],'x':{'usage':{'prompt_tokens':4}},'usage':[{'prompt_tokens':5}]}");
        assertThat(reader.usage()).isEqualTo(Usage.UNKNOWN);
        assertThat(reader.finished()).isTrue();
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '`',
            delimiter = ';',
            value = {
                // OpenAI: cached tokens are included.
                "'prompt_tokens':100,'completion_tokens':5,'prompt_tokens_details':{'cached_tokens':60}; 100; 60; 5",
                "'prompt_tokens':100,'completion_tokens':5,'prompt_tokens_details':null; 100; -1; 5",
                "'prompt_tokens':null,'completion_tokens':'5'; -1; -1; -1",
                "'prompt_tokens':99999999999,'completion_tokens':1.5; 2147483647; -1; -1",
                // vLLM's Anthropic: both cache fields, cached tokens are included.
                "'input_tokens':100,'output_tokens':5,'cache_creation_input_tokens':0,'cache_read_input_tokens':60; 100; 60; 5",
                // llama.cpp's: no creation field, cached tokens are not included.
                "'cache_read_input_tokens':60,'input_tokens':100,'output_tokens':5; 160; 60; 5",
                "'cache_read_input_tokens':0,'input_tokens':100,'output_tokens':5; 100; 0; 5",
                // More cached than input: they cannot be included.
                "'input_tokens':10,'cache_creation_input_tokens':7,'cache_read_input_tokens':60,'output_tokens':5; 77; 60; 5",
                "'input_tokens':2147483647,'cache_read_input_tokens':2147483647; 2147483647; 2147483647; -1"
            })
    void usageAlwaysIncludesCachedTokens(String usage, int prompt, int cached, int output) {
        var reader = ResponseReader.of(Dialect.ANTHROPIC_MESSAGES, false);
        read(reader, "{'usage':{" + usage + "}}");
        assertThat(reader.usage()).isEqualTo(new Usage(prompt, cached, output));
    }

    @Test
    void laterCountsReplaceEarlierOnes() {
        var reader = stream(Dialect.OPENAI_CHAT);
        read(
                reader,
                "data: {'choices':[],'usage':{'prompt_tokens':9,'completion_tokens':1,"
                        + "'prompt_tokens_details':{'cached_tokens':4}}}\n\n");
        read(reader, "data: {'choices':[],'usage':{'prompt_tokens':9,'completion_tokens':2}}\n\n");
        read(reader, "data: {'choices':[],'usage':null}\n\n");
        assertThat(reader.usage()).isEqualTo(new Usage(9, 4, 2));
    }

    @ParameterizedTest
    @CsvSource({"\\n", "\\r", "\\r\\n"})
    void linesEndInThreeWays(String escaped) {
        String end = escaped.replace("\\n", "\n").replace("\\r", "\r");
        byte[] stream = (": hi\n\nid: 7\nevent:x\nretry\ndata:{\"choices\":[{\"text\":\"a\"}],\ndata: \"usage\":"
                        + "{\"prompt_tokens\":3}}\n\ndata\n\n\n\ndata: [DONE]\n\n")
                .replace("\n", end)
                .getBytes(UTF_8);
        for (int split = 0; split <= stream.length; split++) {
            var reader = stream(Dialect.OPENAI_COMPLETIONS);
            reader.read(ByteBuffer.wrap(stream, 0, split));
            reader.read(ByteBuffer.wrap(stream, split, stream.length - split));
            assertThat(Seen.of(reader)).as("split at %d", split).isEqualTo(new Seen(true, 1, true, false, 3, -1, -1));
        }
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '`',
            delimiter = ';',
            nullValues = "-",
            value = {
                "OPENAI_RESPONSES; {'output':[{'id':'msg_1'}],'text':{'id':'x'},'id':'resp_1','object':'response'}; resp_1",
                "OPENAI_RESPONSES; {'id':'resp_1','conversation':{'id':'conv_1'}}; resp_1",
                "OTHER; {'object':'file','id':'file-1','id':'file-2'}; file-1",
                "BY_MODEL; {'id':'batch_1','model':'id'}; batch_1",
                "OTHER; {'id':'0123456789012345678901234567890123456789012345678901234567890123'};"
                        + " 0123456789012345678901234567890123456789012345678901234567890123",
                "OTHER; {'id':'01234567890123456789012345678901234567890123456789012345678901234'}; -",
                "OTHER; {'id':''}; -",
                "OTHER; {'id':7}; -",
                "OTHER; {'id':null}; -",
                "OTHER; {'x':'id','data':[{'id':'a'}]}; -",
                "OTHER; [{'id':'a'}]; -",
                "OTHER; id; -",
                "OPENAI_CHAT; {'id':'chatcmpl-1'}; -"
            })
    void knowsTheIdOfWhatCanBeAskedForLater(Dialect dialect, String answer, String id) {
        var whole = ResponseReader.of(dialect, false);
        read(whole, answer);
        assertThat(whole.objectId()).isEqualTo(id);
        var slow = ResponseReader.of(dialect, false);
        answer.chars().forEach(c -> read(slow, Character.toString(c)));
        assertThat(slow.objectId()).isEqualTo(id);
    }

    @Test
    void knowsTheIdOfAStreamedResponseFromItsFirstEventOn() {
        var reader = stream(Dialect.OPENAI_RESPONSES);
        read(reader, "event: response.created\ndata: {'response':{'id':'resp_1','status':'in_progress'},");
        read(reader, "'sequence_number':0,'type':'response.created'}\n\n");
        assertThat(reader.objectId()).isEqualTo("resp_1");
        read(reader, "data: {'item':{'id':'msg_1'},'type':'response.output_item.added'}\n\n");
        read(reader, "data: {'response':{'id':'resp_2'},'type':'response.completed'}\n\n");
        assertThat(reader.objectId()).isEqualTo("resp_1");
    }

    @Test
    void everyEventOfAnUnknownDialectIsOutput() {
        var reader = stream(Dialect.OTHER);
        read(reader, "data: any\n\n: comment\n\ndata: thing\n\n");
        assertThat(reader.outputEvents()).isEqualTo(2);
    }

    @Test
    void endsStreamsInTheirDialect() {
        var error = new ApiError(ApiError.Kind.ENDPOINT_FAILED, "Say \"why\".", null);
        String openAi = "{'message':'Say \\'why\\'.','type':'server_error','param':null,'code':'bad_gateway'}";

        assertThat(ending("vllm/chat-stream-usage.sse", 0, error))
                .isEqualTo("data: {'error':" + openAi + "}||data: [DONE]||");
        assertThat(ending("vllm/messages-stream.sse", 0, error))
                .isEqualTo("event: error|data: {'type':'error','error':"
                        + "{'type':'api_error','message':'Say \\'why\\'.'}}||");
        for (int events : new int[] {0, 1, 5}) {
            assertThat(ending("vllm/responses-stream.sse", events, error))
                    .isEqualTo("event: error|data: {'type':'error','code':'bad_gateway','message':'Say \\'why\\'.',"
                            + "'param':null,'error':" + openAi + ",'sequence_number':" + events + "}||");
        }
    }

    /** Returns how a recorded stream ends after some of its events; line feeds as |. */
    private static String ending(String recording, int events, ApiError error) {
        var loaded = Recording.load(recording);
        var reader = ResponseReader.of(loaded.dialect(), true);
        int end = 0;
        for (int i = 0; i < events; i++) {
            end = loaded.response().indexOf("\n\n", end) + 2;
        }
        reader.read(ByteBuffer.wrap(loaded.body(), 0, end));
        return new String(reader.ending(error), UTF_8).replace('"', '\'').replace('\n', '|');
    }

    @Test
    void readsDirectBuffersToTheirEnd() {
        byte[] body = Recording.load("vllm/chat-stream-usage.sse").body();
        var buffer = ByteBuffer.allocateDirect(3 * body.length)
                .put(body)
                .put(body)
                .put(body)
                .flip();
        var reader = stream(Dialect.OPENAI_CHAT);
        reader.read(buffer);
        assertThat(buffer.hasRemaining()).isFalse();
        assertThat(reader.outputEvents()).isEqualTo(12);
        var heap = ByteBuffer.wrap(body, 100, 50).slice();
        ResponseReader.of(Dialect.OTHER, true).read(heap);
        assertThat(heap.hasRemaining()).isFalse();
    }

    @Test
    void readsAnswersOfAnySize() {
        var reader = ResponseReader.of(Dialect.OPENAI_EMBEDDINGS, false);
        read(reader, "{'data':[{'embedding':[");
        byte[] numbers = "0.012345,-0.5e-3,".repeat(1000).getBytes(UTF_8);
        for (int i = 0; i < 600; i++) {
            reader.read(ByteBuffer.wrap(numbers));
        }
        assertThat(reader.firstToken()).isTrue();
        read(reader, "0]}],'usage':{'prompt_tokens':8,'total_tokens':8}}");
        assertThat(reader.usage()).isEqualTo(new Usage(8, -1, -1));
        assertThat(reader.finished()).isTrue();
    }

    @Test
    void garbageIsHarmless() {
        byte[] body = Recording.load("llama.cpp/responses-stream.sse").body();
        for (long seed = 0; seed < 2000; seed++) {
            var random = new Random(seed);
            byte[] garbled = body.clone();
            for (int i = 0; i < 20; i++) {
                garbled[random.nextInt(garbled.length)] = (byte) "{}[]\",:\n\r \\x\0".charAt(random.nextInt(13));
            }
            for (boolean eventStream : new boolean[] {true, false}) {
                var whole = ResponseReader.of(Dialect.OPENAI_RESPONSES, eventStream);
                whole.read(ByteBuffer.wrap(garbled));
                var pieces = ResponseReader.of(Dialect.OPENAI_RESPONSES, eventStream);
                for (int at = 0; at < garbled.length; ) {
                    int length = Math.min(garbled.length - at, 1 + random.nextInt(100));
                    pieces.read(ByteBuffer.wrap(garbled, at, length));
                    at += length;
                }
                assertThat(Seen.of(pieces)).as("seed %d", seed).isEqualTo(Seen.of(whole));
            }
        }
    }

    @Test
    void deepNestingIsHarmless() {
        var reader = ResponseReader.of(Dialect.OPENAI_CHAT, false);
        read(
                reader,
                "{'x':" + "[{'usage':".repeat(100_000) + "1" + "}]".repeat(100_000) + ",'usage':{'prompt_tokens':3}}");
        assertThat(reader.usage()).isEqualTo(new Usage(3, -1, -1));
        assertThat(reader.finished()).isTrue();
    }

    private static ResponseReader stream(Dialect dialect) {
        return ResponseReader.of(dialect, true);
    }

    private static void read(ResponseReader reader, String text) {
        reader.read(ByteBuffer.wrap(text.replace('\'', '"').getBytes(UTF_8)));
    }
}
