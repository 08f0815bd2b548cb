package dev.warmgate.dialect;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.warmgate.router.Usage;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Usage that is asked for on behalf of a client, and hidden from it. */
class UsageQuestionTest {
    private static final String ROLE = "data: {'choices':[{'delta':{'role':'assistant','content':''}}]}\n\n";
    private static final String TEXT = "data: {'id':'x','choices':[{'delta':{'content':'a'}}]}\n\n";
    private static final String USAGE =
            "data: {'id':'x','choices':[],'usage':{'prompt_tokens':7,'completion_tokens':2}}\n\n";
    private static final String DONE = "data: [DONE]\n\n";

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '`',
            delimiter = ';',
            value = {
                "{'model':'m','stream':true,M}; {'stream_options':{'include_usage':true},'model':'m','stream':true,M}",
                "{ 'model':'m','stream':true,M }; {'stream_options':{'include_usage':true}, 'model':'m','stream':true,M }",
                "{'model':'m','stream_options': null ,'stream':true,M}; {'model':'m','stream_options': {'include_usage':true} ,'stream':true,M}",
                "{'model':'m','stream_options':{},'stream':true,M}; {'model':'m','stream_options':{'include_usage':true},'stream':true,M}",
                "{'model':'m','stream_options':{ 'x':1},'stream':true,M}; {'model':'m','stream_options':{'include_usage':true, 'x':1},'stream':true,M}",
                "{'model':'m','stream_options':{'include_usage':false},'stream':true,M}; {'model':'m','stream_options':{'include_usage':true},'stream':true,M}",
                "{'model':'m','stream_options':{'include_usage':null,'x':{}},'stream':true,M}; {'model':'m','stream_options':{'include_usage':true,'x':{}},'stream':true,M}",
                "{'model':'m','stream_options':{'continuous_usage_stats':false},'stream':true,M}; {'model':'m','stream_options':{'include_usage':true,'continuous_usage_stats':false},'stream':true,M}",
                // The client asks itself, gets no stream, or would see counts in every event.
                "{'model':'m','stream_options':{'include_usage':true},'stream':true,M}; -",
                "{'model':'m','stream':false,M}; -",
                "{'model':'m',M}; -",
                "{'model':'m','stream_options':{'continuous_usage_stats':true},'stream':true,M}; -"
            })
    void asksWithTheSmallestChange(String body, String expected) {
        for (var dialect : List.of(Dialect.OPENAI_CHAT, Dialect.OPENAI_COMPLETIONS)) {
            String prompt = dialect == Dialect.OPENAI_CHAT ? "'messages':[]" : "'prompt':'x'";
            byte[] sent = body.replace("M", prompt).replace('\'', '"').getBytes(UTF_8);
            byte[] padded = new byte[sent.length + 5];
            System.arraycopy(sent, 0, padded, 5, sent.length);
            var result = new RequestReader().read(dialect, padded, 5, sent.length, new PromptRecorder());
            var edit = ((ReadResult.Understood) result).usageEdit();
            if (expected.equals("-")) {
                assertThat(edit).isNull();
            } else {
                assertThat(edit).isNotNull();
                assertThat(new String(Requests.apply(edit, sent), UTF_8).replace('"', '\''))
                        .isEqualTo(expected.replace("M", prompt));
            }
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "vllm/chat-stream-usage.sse",
                "vllm/completions-stream.sse",
                "llama.cpp/chat-stream-usage.sse",
                "vllm/chat-stream-no-usage.sse",
                "vllm/sse-keep-alive.sse",
                "vllm/engine-death.sse",
                "vllm/tools-required-stream.sse"
            })
    void hidesUsageOfRecordedStreamsWhereverTheyAreCut(String name) {
        byte[] stream = Recording.load(name).body();
        var visible = new StringBuilder();
        for (String event : new String(stream, UTF_8).split("(?<=\\n\\n)", -1)) {
            visible.append(event.contains("\"usage\":{") ? "" : event);
        }
        check(stream, visible.toString());
    }

    @ParameterizedTest
    @ValueSource(strings = {"\n", "\r", "\r\n"})
    void hidesUsageWhateverEndsALine(String end) {
        String before = ": hi\n\n" + ROLE + "event: x\n: c\n" + TEXT + ": keep-alive\n\n\n";
        check(
                (before + USAGE + DONE).replace('\'', '"').replace("\n", end).getBytes(UTF_8),
                (before + DONE).replace('\'', '"').replace("\n", end));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                // Usage beside output, in every event, or without the list that says that there is no output.
                "data: {'usage':{'prompt_tokens':7,'completion_tokens':2},'choices':[{'delta':{'content':'a'}}]}\n\n",
                "data: {'choices':[{'delta':{}}],'usage':{'prompt_tokens':7,'completion_tokens':2}}\n\n",
                "data: {'choices':[],'usage':null}\n\n",
                "data: {'choices':[],'prompt_filter_results':[]}\n\n",
                "data: {'x':{'choices':[],'usage':{'prompt_tokens':1}}}\n\n",
                "data: {'usage':{'prompt_tokens':1}}\n\n",
                "data: {'error':{'message':'x'},'choices':[],'usage':{'prompt_tokens':1}}\n\n",
                "data: not json\n\n",
                "data: {'choices':[],'usage':{}\n\n",
                "data: {'choices':[],'usage':{'prompt_tokens':1}", // unfinished
                "id: 5"
            })
    void whatIsMoreThanUsagePasses(String event) {
        String stream = (ROLE + event).replace('\'', '"');
        check(stream.getBytes(UTF_8), stream);
    }

    @Test
    void anEventIsNotHeldBackOnceItHasAChoice() {
        var reader = ResponseReader.hidingUsage(Dialect.OPENAI_CHAT);
        assertThat(pass(reader, "data: {'id':'x','cho")).isEmpty();
        assertThat(pass(reader, "ices':[{")).isEqualTo("data: {'id':'x','choices':[{");
        assertThat(pass(reader, "'delta'")).isEqualTo("'delta'");
        assertThat(pass(reader, ":{'content':'a'}}]}\n\ndata")).isEqualTo(":{'content':'a'}}]}\n\n");
        assertThat(pass(reader, ": [DONE]\n\n")).isEqualTo("data: [DONE]\n\n");
    }

    @Test
    void heldBytesAreBounded() {
        var reader = ResponseReader.hidingUsage(Dialect.OPENAI_CHAT);
        String large = "data: {'x':'" + "y".repeat(UsageHider.MOST_HELD) + "'";
        assertThat(pass(reader, large)).isEqualTo(large);
        assertThat(pass(reader, ",'choices':[],'usage':{}}\n\n")).isEqualTo(",'choices':[],'usage':{}}\n\n");
        assertThat(pass(reader, large + ",'choices':[],'usage':{}}\n\n"))
                .isEqualTo(large + ",'choices':[],'usage':{}}\n\n");
    }

    @Test
    void countsAreReadThoughTheyAreHidden() {
        var reader = ResponseReader.hidingUsage(Dialect.OPENAI_CHAT);
        assertThat(pass(reader, TEXT + USAGE + DONE)).isEqualTo(TEXT + DONE);
        assertThat(reader.usage()).isEqualTo(new Usage(7, -1, 2));
        assertThat(reader.finished()).isTrue();
        assertThat(reader.outputEvents()).isEqualTo(1);
    }

    /** Checks what passes of a stream that is whole, cut once, cut twice at random, and cut everywhere. */
    private static void check(byte[] stream, String visible) {
        assertThat(pass(stream, List.of())).isEqualTo(visible);
        for (int cut = 0; cut <= stream.length; cut++) {
            assertThat(pass(stream, List.of(cut))).as("cut at %d", cut).isEqualTo(visible);
        }
        var everywhere = new ArrayList<Integer>();
        for (int cut = 0; cut <= stream.length; cut++) {
            everywhere.add(cut);
        }
        assertThat(pass(stream, everywhere)).isEqualTo(visible);
        var random = new Random(11);
        for (int i = 0; i < 300; i++) {
            int cut = random.nextInt(stream.length + 1);
            int second = cut + random.nextInt(stream.length + 1 - cut);
            assertThat(pass(stream, List.of(cut, second)))
                    .as("cut at %d, %d", cut, second)
                    .isEqualTo(visible);
        }
    }

    private static String pass(byte[] stream, List<Integer> cuts) {
        var reader = ResponseReader.hidingUsage(Dialect.OPENAI_CHAT);
        var out = new ByteArrayOutputStream();
        int from = 0;
        for (int i = 0; i <= cuts.size(); i++) {
            int to = i < cuts.size() ? cuts.get(i) : stream.length;
            // Both kinds of buffers, with something around what counts.
            boolean direct = i % 2 == 1;
            var piece = direct ? ByteBuffer.allocateDirect(to - from + 3) : ByteBuffer.allocate(to - from + 3);
            piece.put(1, stream, from, to - from).position(1).limit(1 + to - from);
            byte[] changed = reader.pass(piece);
            assertThat(piece.hasRemaining()).isFalse();
            if (changed == null) {
                out.write(stream, from, to - from);
            } else {
                out.writeBytes(changed);
            }
            from = to;
        }
        out.writeBytes(reader.rest());
        return out.toString(UTF_8);
    }

    private static String pass(ResponseReader reader, String text) {
        byte[] changed = reader.pass(ByteBuffer.wrap(text.replace('\'', '"').getBytes(UTF_8)));
        return changed == null ? text : new String(changed, UTF_8).replace('"', '\'');
    }
}
