package dev.warmgate.dialect;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Events that begin as one before did are not read from their first byte: what is found in a stream is the same as when its
 * bytes come one by one, where no beginning is ever seen as a whole.
 */
class BeginningTest {
    private static final List<String> BEFORE =
            List.of("", "{'id':'c-1','object':'chunk',", "{'type':'content_block_delta',", "{");

    private static final List<String> MIDDLE = List.of(
            "'choices':[{'index':0,'delta':{'content':'",
            "'choices':[{'index':0,'delta':{'role':'",
            "'choices':[{'index':1,'delta':{'tool_calls':[{'index':0,'function':{'arguments':'",
            "'error':{'message':'no'},'choices':[{'delta':{'content':'",
            "'usage':{'prompt_tokens':7},'choices':[{'delta':{'content':'",
            "'message':{'usage':{'input_tokens':9}},'choices':[{'delta':{'content':'",
            "'choices':[{'finish_reason':'stop','delta':{'content':'",
            "'sequence_number':3,'choices':[{'delta':{'content':'",
            "'type':'error','choices':[{'delta':{'content':'",
            "'delta':{'text':'");

    private static final List<String> AFTER = List.of(
            "word'}}]}",
            "'}}]}",
            "a\\\"b'},'finish_reason':'length'}]}",
            "x'}}],'usage':{'prompt_tokens':5,'completion_tokens':2}}",
            "y'}}],'error':'late'}",
            "cut");

    @ParameterizedTest
    @EnumSource(names = {"OPENAI_CHAT", "OPENAI_RESPONSES", "ANTHROPIC_MESSAGES", "OTHER"})
    void whatIsFoundDoesNotDependOnIt(Dialect dialect) {
        long seed = System.nanoTime();
        var random = new Random(seed);
        for (int run = 0; run < 300; run++) {
            var events = new ArrayList<String>();
            int kinds = 1 + random.nextInt(4);
            var begins = new ArrayList<String>();
            for (int i = 0; i < kinds; i++) {
                begins.add(any(BEFORE, random) + any(MIDDLE, random));
            }
            for (int i = 0; i < 25; i++) {
                events.add(("data: " + any(begins, random) + any(AFTER, random) + "\n\n").replace('\'', '"'));
            }
            var whole = ResponseReader.of(dialect, true);
            var bytewise = ResponseReader.of(dialect, true);
            for (String event : events) {
                byte[] bytes = event.getBytes(UTF_8);
                whole.read(ByteBuffer.wrap(bytes));
                for (int i = 0; i < bytes.length; i++) {
                    bytewise.read(ByteBuffer.wrap(bytes, i, 1));
                }
                assertThat(found(whole))
                        .as("seed %d, run %d: %s", seed, run, events)
                        .isEqualTo(found(bytewise));
            }
        }
    }

    private static String any(List<String> of, Random random) {
        return of.get(random.nextInt(of.size()));
    }

    private static List<Object> found(ResponseReader reader) {
        return List.of(
                reader.firstToken(),
                reader.outputEvents(),
                reader.finished(),
                reader.whole(),
                reader.failed(),
                reader.usage(),
                String.valueOf(reader.objectId()));
    }
}
