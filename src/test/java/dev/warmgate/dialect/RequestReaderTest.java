package dev.warmgate.dialect;

import static dev.warmgate.dialect.Dialect.ANTHROPIC_MESSAGES;
import static dev.warmgate.dialect.Dialect.OPENAI_CHAT;
import static dev.warmgate.dialect.Dialect.OPENAI_COMPLETIONS;
import static dev.warmgate.dialect.Dialect.OPENAI_EMBEDDINGS;
import static dev.warmgate.dialect.Dialect.OPENAI_RESPONSES;
import static dev.warmgate.dialect.Dialect.OTHER;
import static dev.warmgate.dialect.Requests.prompt;
import static dev.warmgate.dialect.Requests.understood;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.warmgate.dialect.ReadResult.Understood;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RequestReaderTest {
    private static final String HELLO = "'messages':[{'role':'user','content':'Hello'}]";

    @Test
    void readsWhatTheRouterNeeds() {
        assertThat(understood(
                        OPENAI_CHAT,
                        "{'model':'m','stream':true,'stream_options':{'include_usage':true},'max_tokens':7,'user':'u',"
                                + HELLO + "}"))
                .isEqualTo(new Understood("m", true, true, 7, "u"));
    }

    @Test
    void whatIsAbsentOrNullHasItsDefault() {
        var plain = new Understood("m", false, false, -1, null);
        assertThat(understood(OPENAI_CHAT, "{'model':'m'," + HELLO + "}")).isEqualTo(plain);
        assertThat(understood(
                        OPENAI_CHAT,
                        "{'model':'m','stream':null,'stream_options':null,'max_tokens':null,'user':null,'tools':null,"
                                + HELLO + "}"))
                .isEqualTo(plain);
    }

    @Test
    void readsWithinItsBoundsOnly() {
        byte[] body = "}]}x{\"model\":\"m\",\"prompt\":\"p\"}\"]}".getBytes(UTF_8);
        var recorder = new PromptRecorder();
        var result = new RequestReader().read(OPENAI_COMPLETIONS, body, 4, body.length - 7, recorder);
        assertThat(result).isEqualTo(new Understood("m", false, false, -1, null));
        assertThat(recorder.prompt()).isEqualTo("p");
        assertThatThrownBy(() -> new RequestReader().read(OTHER, body, 4, body.length, recorder))
                .isInstanceOf(IndexOutOfBoundsException.class);
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '`',
            delimiter = '|',
            nullValues = "-",
            value = {
                "OPENAI_RESPONSES | 'previous_response_id':'r' | r",
                "OPENAI_RESPONSES | 'conversation':'c' | c",
                "OPENAI_RESPONSES | 'conversation':{'id':'c'},'user':'u' | c",
                "OPENAI_RESPONSES | 'conversation':'c','previous_response_id':'r' | r",
                "OPENAI_RESPONSES | 'user':'u','previous_response_id':7,'conversation':[] | -",
                "OPENAI_RESPONSES | 'previous_response_id':'' | -",
                "OPENAI_RESPONSES | 'previous_response_id':'"
                        + "01234567890123456789012345678901234567890123456789012345678901234' | -",
                "OPENAI_COMPLETIONS | 'previous_response_id':'r' | -",
                "BY_MODEL | 'input_file_id':'f' | f"
            })
    void knowsWhatARequestGoesOnFrom(Dialect dialect, String fields, String id) {
        var read = understood(dialect, "{'model':'m','input':'i','prompt':'p'," + fields + "}");
        assertThat(read.continues()).isEqualTo(id);
    }

    @Test
    void isReusable() {
        var reader = new RequestReader();
        var recorder = new PromptRecorder();
        byte[] good = Requests.body("{'model':'m','prompt':'first'}");
        byte[] bad = Requests.body("{'model':'m','prompt':");
        reader.read(OPENAI_COMPLETIONS, good, 0, good.length, recorder);
        assertThat(reader.read(OPENAI_COMPLETIONS, bad, 0, bad.length, recorder))
                .isInstanceOf(ReadResult.Refused.class);
        assertThat(reader.read(OPENAI_COMPLETIONS, good, 0, good.length, recorder))
                .isInstanceOf(Understood.class);
        assertThat(recorder.prompt()).isEqualTo("first");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "'priority':5 |  | 5",
                "'priority':-5 |  | -5",
                "'priority':-2.0 |  | -2",
                "'priority':1e2 |  | 100",
                "'priority':-1.5 |  | 0",
                "'priority':-99999999999 |  | -2147483647",
                "'priority':1e999999999 |  | 2147483647",
                "'priority':'5' |  | 0",
                "'priority':true |  | 0",
                "'priority':null |  | 0",
                "'priority':[5] |  | 0",
                "'priority':1,'priority':2 |  | 2",
                "'service_tier':'flex' | flex | 0",
                "'service_tier':'fl\\u0065x','priority':3 | flex | 3",
                "'service_tier':'' |  | 0",
                "'service_tier':null |  | 0",
                "'service_tier':5 |  | 0",
                "'service_tier':{'a':'flex'} |  | 0",
                "'metadata':{'service_tier':'flex','priority':5} |  | 0",
            })
    void readsTierAndPriorityAndLeavesWhatIsWrongToTheEngine(String fields, @Nullable String tier, int priority) {
        String rest = ",'model':'m','input':'x','prompt':'x'," + HELLO + "}";
        for (var dialect : Dialect.values()) {
            var read = understood(dialect, "{" + fields + rest);
            boolean known = dialect.isReadWhole() && dialect != Dialect.BY_MODEL;
            assertThat(read.serviceTier()).as(dialect.name()).isEqualTo(known ? tier : null);
            assertThat(read.priority()).as(dialect.name()).isEqualTo(known ? priority : 0);
        }
    }

    @Test
    void aTierLongerThanAnyNameIsLeftToTheEngine() {
        String body = "{'model':'m','service_tier':'%s'," + HELLO + "}";
        assertThat(understood(OPENAI_CHAT, body.formatted("t".repeat(64))).serviceTier())
                .hasSize(64);
        assertThat(understood(OPENAI_CHAT, body.formatted("t".repeat(65))).serviceTier())
                .isNull();
    }

    @ParameterizedTest
    @CsvSource({
        "100, 100",
        "0, 0",
        "100.0, 100",
        "1e2, 100",
        "1E+2, 100",
        "1000e-1, 100",
        "2147483648, 2147483647",
        "123456789012345678901234567890, 2147483647",
        "1e999999999, 2147483647",
        "-1, -1",
        "-0, 0"
    })
    void readsLimitsHoweverTheyAreWritten(String number, int expected) {
        assertThat(understood(OPENAI_CHAT, "{'model':'m','max_tokens':" + number + "," + HELLO + "}")
                        .maxOutputTokens())
                .isEqualTo(expected);
    }

    @Test
    void takesTheLimitOfItsDialect() {
        String all = "{'model':'m','max_tokens':1,'max_completion_tokens':2,'max_output_tokens':3,'input':'x',"
                + "'prompt':'x'," + HELLO + "}";
        assertThat(understood(OPENAI_CHAT, all).maxOutputTokens()).isEqualTo(2);
        assertThat(understood(OPENAI_COMPLETIONS, all).maxOutputTokens()).isEqualTo(1);
        assertThat(understood(OPENAI_RESPONSES, all).maxOutputTokens()).isEqualTo(3);
        assertThat(understood(ANTHROPIC_MESSAGES, all).maxOutputTokens()).isEqualTo(1);
        assertThat(understood(OPENAI_EMBEDDINGS, all).maxOutputTokens()).isEqualTo(-1);
    }

    @Test
    void takesTheSessionOfItsDialect() {
        String chat = "{'model':'m','user':'u','prompt_cache_key':'k'," + HELLO + "}";
        assertThat(understood(OPENAI_CHAT, chat).session()).isEqualTo("k");
        String anthropic = "{'model':'m','user':'u','metadata':{'user_id':'id'}," + HELLO + "}";
        assertThat(understood(ANTHROPIC_MESSAGES, anthropic).session()).isEqualTo("id");
        assertThat(understood(OPENAI_CHAT, "{'model':'m','user':5," + HELLO + "}")
                        .session())
                .isNull();
        assertThat(understood(OPENAI_CHAT, "{'model':'m','user':''," + HELLO + "}")
                        .session())
                .isNull();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "'previous_response_id':'r' | r",
                "'previous_response_id':'r','user':'u' | u",
                "'previous_response_id':'r','user':'u','prompt_cache_key':'k' | k",
                "'user':'u','prompt_cache_key':'k','conversation':'c' | c",
                "'user':'u','prompt_cache_key':'k','conversation':{'id':'c'} | c",
                "'user':'u','conversation':{} | u"
            })
    void responsesPreferTheConversationsOwnName(String fields, String expected) {
        assertThat(understood(OPENAI_RESPONSES, "{'model':'m','input':'x'," + fields + "}")
                        .session())
                .isEqualTo(expected);
    }

    @Test
    void ofEqualKeysTheLastCounts() {
        String body = "{'model':'a','messages':[{'role':'user','content':'1'}],'model':'b','messages':[{'role':'x',"
                + "'content':'1','role':'user','content':'2'}]}";
        assertThat(understood(OPENAI_CHAT, body).model()).isEqualTo("b");
        assertThat(prompt(OPENAI_CHAT, body)).isEqualTo("<user|2>");
    }

    @Test
    void keysAndValuesMayBeEscaped() {
        String body = "{'mod\\u0065l':'\\u006d\\n','messages':[{'r\\u006fle':'\\u0075ser','content':'x'}],"
                + "'\\u0073tream':true}";
        assertThat(understood(OPENAI_CHAT, body).model()).isEqualTo("m\n");
        assertThat(understood(OPENAI_CHAT, body).stream()).isTrue();
        assertThat(prompt(OPENAI_CHAT, body)).isEqualTo("<user|x>");
    }

    @Test
    void stringsAreDecoded() {
        assertThat(prompt(
                        OPENAI_COMPLETIONS,
                        "{'model':'m','prompt':'a\\n\\t\\r\\b\\f\\/\\\\\\u0041é\\u00e9€\\u20ac"
                                + "😀\\ud83d\\ude00\\uD83D\\uDE00\\u0000'}"))
                .isEqualTo("a\n\t\r\b\f/\\Aéé€€😀😀😀\0");
        assertThat(prompt(OPENAI_COMPLETIONS, "{'model':'m','prompt':'\\\"'}")).isEqualTo("\"");
    }

    @ParameterizedTest
    @CsvSource({
        "\\ud800, \uFFFD",
        "\\ud800x, \uFFFDx",
        "\\ud800\\n, '\uFFFD\n'",
        "\\udc00\\ud800, \uFFFD\uFFFD",
        "\\ud800\\ud83d\\ude00, \uFFFD😀"
    })
    void aLoneSurrogateBecomesTheReplacementCharacter(String escaped, String expected) {
        assertThat(prompt(OPENAI_COMPLETIONS, "{'model':'m','prompt':'" + escaped + "'}"))
                .isEqualTo(expected);
    }

    @Test
    void contentMayComeInParts() {
        String parts = "{'model':'m','messages':[{'role':'user','content':[{'type':'text','text':'a'},"
                + "{'type':'text','text':'b'},{'type':'image_url','image_url':{'url':'data:x'}},"
                + "{'type':'text','text':'c'}]}]}";
        assertThat(prompt(OPENAI_CHAT, parts)).isEqualTo("<user|a\nb{1000#data:x}c>");
    }

    @Test
    void whatMovesFromTurnToTurnIsLeftOut() {
        String cached = "{'model':'m','messages':[{'role':'user','content':[{'type':'text','text':'a',"
                + "'cache_control':{'type':'ephemeral'}}]},{'role':'assistant','content':[{'type':'thinking',"
                + "'thinking':'hm','signature':'s'},{'type':'text','text':'b'}]}]}";
        assertThat(prompt(ANTHROPIC_MESSAGES, cached)).isEqualTo("<user|a><assistant|b>");
    }

    @Test
    void mediaAreNeverText() {
        String all = "{'model':'m','messages':[{'role':'user','content':["
                + "{'type':'image','source':{'type':'base64','data':'AAAA'},'cache_control':{}},"
                + "{'type':'input_audio','input_audio':{'data':'BBBB'}},{'type':'file','file':{'file_id':'f'}},"
                + "{'type':'document','unknown':1}]}]}";
        assertThat(prompt(OPENAI_CHAT, all))
                .isEqualTo(("<user|{1000#AAAA}{1000#BBBB}{1000#f}" + "{1000#{'type':'document','unknown':1}}>")
                        .replace('\'', '"'));
    }

    @Test
    void partsOfUnknownTypeAreFedAsTheyAre() {
        assertThat(prompt(
                        OPENAI_CHAT,
                        "{'model':'m','messages':[{'role':'user','content':[{'type':'x', 'y': [1, {}]}]}]}"))
                .isEqualTo("<user|{\"type\":\"x\",\"y\":[1,{}]}>");
    }

    @Test
    void emptyMessagesAreMessages() {
        assertThat(prompt(
                        OPENAI_CHAT,
                        "{'model':'m','messages':[{'role':'system','content':''},{'role':'user'},"
                                + "{'role':'assistant','content':null},{'role':'user','content':[]}]}"))
                .isEqualTo("<system|><user|><assistant|><user|>");
        assertThat(prompt(OPENAI_CHAT, "{'model':'m','messages':[]}")).isEmpty();
    }

    @Test
    void rolesAreLevelled() {
        assertThat(prompt(
                        OPENAI_CHAT,
                        "{'model':'m','messages':[{'role':'developer','content':'a'},"
                                + "{'role':'function','content':'b'},{'role':'critic','content':'c'}]}"))
                .isEqualTo("<system|a><tool|b><critic|c>");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '`',
            value = {
                "'one' ; one",
                "['one'] ; one",
                "['one','two'] ; one<prompt|two>",
                "[1,22,333] ; {1#1}{1#22}{1#333}",
                "[[1,22],[3]] ; {1#1}{1#22}<prompt|{1#3}>",
                "['one',[2]] ; one<prompt|{1#2}>"
            })
    void barePromptsComeInManyForms(String value, String expected) {
        assertThat(prompt(OPENAI_COMPLETIONS, "{'model':'m','prompt':" + value + "}"))
                .isEqualTo(expected);
        assertThat(prompt(OPENAI_EMBEDDINGS, "{'model':'m','input':" + value + "}"))
                .isEqualTo(expected);
    }

    @Test
    void completionsMayBringTensorsAndEmbeddingsConversations() {
        assertThat(prompt(OPENAI_COMPLETIONS, "{'model':'m','prompt_embeds':'AAAA'}"))
                .isEqualTo("{1000#AAAA}");
        assertThat(prompt(OPENAI_EMBEDDINGS, "{'model':'m'," + HELLO + "}")).isEqualTo("<user|Hello>");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "no json", "[1]", "{}", "{'model':5}", "{'model':'m'"})
    void anUnknownDialectIsNeverRefused(String body) {
        assertThat(understood(OTHER, body)).isEqualTo(new Understood("", false, false, -1, null));
    }

    @Test
    void anUnknownDialectMayNameItsModel() {
        assertThat(understood(OTHER, "{'query':'q','model':'ranker'}").model()).isEqualTo("ranker");
        assertThat(prompt(OTHER, "{'query':'q','model':'ranker'," + HELLO + "}"))
                .isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "vllm/chat-stream-usage.sse, tiny, true, true, 4, '<user|Hello, world!>'",
        "vllm/completions-stream.sse, tiny, true, true, 3, Hello",
        "vllm/responses-stream.sse, tiny, true, false, 4, <user|Hello>",
        "vllm/messages-stream.sse, tiny, true, false, 4, <user|Hello>",
        "llama.cpp/chat.json, smollm2, false, false, 8, <user|Say hello in one word.>",
        "llama.cpp/responses.json, smollm2, false, false, 8, <user|Say hello in one word.>",
        "llama.cpp/messages.json, smollm2, false, false, 8, <user|Say hello in one word.>"
    })
    void readsWhatRealEnginesWereSent(
            String name, String model, boolean stream, boolean usage, int maxTokens, String expected) {
        var recording = Recording.load(name);
        byte[] body = recording.requestBody();
        var recorder = new PromptRecorder();
        assertThat(new RequestReader().read(recording.dialect(), body, 0, body.length, recorder))
                .isEqualTo(new Understood(model, stream, usage, maxTokens, null));
        assertThat(recorder.prompt()).isEqualTo(expected);
    }

    @Test
    void aByteOrderMarkIsPassedOver() {
        assertThat(prompt(OPENAI_COMPLETIONS, "\uFEFF{'model':'m','prompt':'p'}"))
                .isEqualTo("p");
    }

    @Test
    void readsBodiesOfTenMegabytes() {
        String text = "0123456789abcde\\n".repeat(655_360);
        String body = "{'model':'m','messages':[{'role':'user','content':'" + text + "'}]}";
        assertThat(body.length()).isGreaterThan(10 << 20);
        assertThat(prompt(OPENAI_CHAT, body)).hasSize(16 * 655_360 + "<user|>".length());
        assertThat(Requests.blocks(OPENAI_CHAT, body).tokens()).isBetween(2_600_000, 2_700_000);
    }
}
