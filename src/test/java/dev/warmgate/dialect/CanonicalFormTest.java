package dev.warmgate.dialect;

import static dev.warmgate.dialect.Dialect.ANTHROPIC_MESSAGES;
import static dev.warmgate.dialect.Dialect.OPENAI_CHAT;
import static dev.warmgate.dialect.Dialect.OPENAI_RESPONSES;
import static dev.warmgate.dialect.Requests.blocks;
import static dev.warmgate.dialect.Requests.prompt;
import static org.assertj.core.api.Assertions.assertThat;

import dev.warmgate.router.prefix.PromptBlocks;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Equal conversations feed equally, in all dialects and from turn to turn. */
class CanonicalFormTest {
    private static final String CHAT_TOOL = "{'type':'function','function':{'name':'weather','description':'Tells it.',"
            + "'parameters':{'type':'object','properties':{'city':{'type':'string'}}}}}";
    private static final String RESPONSES_TOOL = "{'type':'function','name':'weather','description':'Tells it.',"
            + "'parameters':{'type':'object','properties':{'city':{'type':'string'}}},'strict':true}";
    private static final String ANTHROPIC_TOOL = "{ 'name': 'weather', 'description': 'Tells it.', 'cache_control': {},"
            + " 'input_schema': {'type': 'object', 'properties': {'city': {'type': 'string'}}} }";

    private static final String CANONICAL = ("<tools|{'name':'weather','description':'Tells it.','parameters':"
                    + "{'type':'object','properties':{'city':{'type':'string'}}}}>"
                    + "<system|Be brief.><user|Paris?>"
                    + "<assistant|Looking.{'name':'weather','arguments':{'city':'Pa ris','days':[1,2]}}>"
                    + "<tool|12 degrees><assistant|Cool.><user|Thanks>")
            .replace('\'', '"');

    @Test
    void chatIsFedInTheOrderOfThePrompt() {
        assertThat(prompt(OPENAI_CHAT, chat(false))).isEqualTo(CANONICAL);
    }

    @Test
    void theOrderOfFieldsDoesNotMatter() {
        assertThat(prompt(OPENAI_CHAT, chat(true))).isEqualTo(CANONICAL);
    }

    @Test
    void responsesFeedAsChatDoes() {
        assertThat(prompt(
                        OPENAI_RESPONSES,
                        "{'input':[{'role':'user','content':[{'type':'input_text','text':'Paris?'}]},"
                                + "{'type':'reasoning','summary':[]},"
                                + "{'type':'message','role':'assistant','content':[{'type':'output_text','text':'Looking.'}]},"
                                + "{'type':'function_call','call_id':'c1','name':'weather',"
                                + "'arguments':'{\\'city\\': \\'Pa ris\\', \\'days\\': [1, 2]}'},"
                                + "{'type':'function_call_output','call_id':'c1','output':'12 degrees'},"
                                + "{'role':'assistant','content':'Cool.'},{'role':'user','content':'Thanks'}],"
                                + "'instructions':'Be brief.','model':'m','tools':["
                                + RESPONSES_TOOL + "]}"))
                .isEqualTo(CANONICAL);
    }

    @Test
    void anthropicFeedsAsChatDoes() {
        assertThat(prompt(
                        ANTHROPIC_MESSAGES,
                        "{'max_tokens':9,'messages':[{'role':'user','content':'Paris?'},"
                                + "{'role':'assistant','content':[{'type':'text','text':'Looking.'},"
                                + "{'type':'tool_use','id':'t','name':'weather','input':{'city': 'Pa ris', 'days': [1, 2]}}]},"
                                + "{'role':'user','content':[{'type':'tool_result','tool_use_id':'t',"
                                + "'content':[{'type':'text','text':'12 degrees'}]}]},"
                                + "{'role':'assistant','content':'Cool.'},{'role':'user','content':'Thanks'}],"
                                + "'model':'m','system':[{'type':'text','text':'Be brief.','cache_control':{}}],'tools':["
                                + ANTHROPIC_TOOL + "]}"))
                .isEqualTo(CANONICAL);
    }

    @Test
    void toolResultsSplitTheUsersMessage() {
        assertThat(prompt(
                        ANTHROPIC_MESSAGES,
                        "{'model':'m','messages':[{'role':'user','content':[{'type':'tool_result','content':'1'},"
                                + "{'type':'tool_result','content':'2'},{'type':'text','text':'go on'},"
                                + "{'type':'tool_result','content':[]}]}]}"))
                .isEqualTo("<tool|1><tool|2><user|go on><tool|>");
    }

    @Test
    void callsWithoutAMessageBeginOne() {
        assertThat(prompt(
                        OPENAI_RESPONSES,
                        "{'model':'m','input':[{'role':'user','content':'x'},"
                                + "{'type':'function_call','name':'a','arguments':''},"
                                + "{'type':'function_call','name':'b','arguments':'{}'}]}"))
                .isEqualTo(prompt(
                        OPENAI_CHAT,
                        "{'model':'m','messages':[{'role':'user','content':'x'},{'role':'assistant','content':null,"
                                + "'tool_calls':[{'id':'1','type':'function','function':{'name':'a','arguments':'{}'}},"
                                + "{'id':'2','type':'function','function':{'name':'b'}}]}]}"))
                .isEqualTo("<user|x><assistant|{'name':'a','arguments':{}}{'name':'b','arguments':{}}>"
                        .replace('\'', '"'));
    }

    @Test
    void olderAndRarerFormsOfToolsAreFed() {
        assertThat(
                        prompt(
                                OPENAI_CHAT,
                                "{'model':'m','functions':[{'name':'f'}],'messages':[{'role':'assistant','function_call':"
                                        + "{'name':'f','arguments':'{}'},'tool_calls':[{'type':'custom', 'custom':{'name':'c'}}]}]}"))
                .isEqualTo(("<tools|{'name':'f'}><assistant|{'type':'custom','custom':{'name':'c'}}"
                                + "{'name':'f','arguments':{}}>")
                        .replace('\'', '"'));
        assertThat(prompt(
                        OPENAI_RESPONSES,
                        "{'model':'m','tools':[{'type': 'web_search'}],'input':[{'type': 'item_reference'}]}"))
                .isEqualTo("<tools|{'type':'web_search'}><assistant|{'type':'item_reference'}>".replace('\'', '"'));
        assertThat(prompt(OPENAI_CHAT, "{'model':'m','tools':[],'messages':[]}"))
                .isEmpty();
    }

    @Test
    void stringsSystemPromptsAndInputsAreMessages() {
        String chat = "{'model':'m','messages':[{'role':'system','content':'S'},{'role':'user','content':'U'}]}";
        String responses = "{'model':'m','instructions':'S','input':'U'}";
        String anthropic =
                "{'model':'m','system':'S','messages':[{'role':'user','content':[{'type':'text','text':'U'}]}]}";
        assertThat(prompt(OPENAI_CHAT, chat)).isEqualTo("<system|S><user|U>");
        assertThat(prompt(OPENAI_RESPONSES, responses)).isEqualTo("<system|S><user|U>");
        assertThat(prompt(ANTHROPIC_MESSAGES, anthropic)).isEqualTo("<system|S><user|U>");
        assertThat(hashes(blocks(OPENAI_RESPONSES, responses)))
                .isEqualTo(hashes(blocks(OPENAI_CHAT, chat)))
                .isEqualTo(hashes(blocks(ANTHROPIC_MESSAGES, anthropic)));
    }

    @Test
    void theNextTurnBeginsWithTheBlocksOfTheTurnBefore() {
        String first = "{'role':'system','content':'" + "You are a careful assistant. ".repeat(40) + "'},"
                + "{'role':'user','content':'What is new?'}";
        String second = first + ",{'role':'assistant','content':'" + "Much. ".repeat(100)
                + "'},{'role':'user','content':'Go on.'}";
        var before = hashes(blocks(OPENAI_CHAT, "{'model':'m','messages':[" + first + "]}"));
        var after = hashes(blocks(OPENAI_CHAT, "{'messages':[" + second + "],'temperature':0,'model':'m'}"));
        assertThat(before).hasSizeGreaterThan(5);
        assertThat(after).hasSizeGreaterThan(before.size()).startsWith(before.toArray(Long[]::new));
    }

    @Test
    void picturesSoundAndFilesAreTheSameInAllDialects() {
        String chat = prompt(
                OPENAI_CHAT,
                "{'model':'m','messages':[{'role':'user','content':[{'type':'text','text':'Look:'},"
                        + "{'type':'image_url','image_url':{'url':'data:image/png;base64,iVBORw0','detail':'high'}},"
                        + "{'type':'image_url','image_url':{'url':'https://x.example/y.png'}},"
                        + "{'type':'file','file':{'filename':'a.pdf','file_data':'data:application/pdf;base64,JVBERi'}},"
                        + "{'type':'text','text':'What is it?'}]}]}");
        assertThat(chat)
                .isEqualTo("<user|Look:{1000#iVBORw0}{1000#https://x.example/y.png}{1000#JVBERi}What is it?>")
                .isEqualTo(prompt(
                        OPENAI_RESPONSES,
                        "{'model':'m','input':[{'role':'user','content':[{'type':'input_text','text':'Look:'},"
                                + "{'type':'input_image','detail':'auto','image_url':'data:image/png;base64,iVBORw0'},"
                                + "{'type':'input_image','image_url':'https://x.example/y.png'},"
                                + "{'type':'input_file','file_data':'data:application/pdf;base64,JVBERi'},"
                                + "{'type':'input_text','text':'What is it?'}]}]}"))
                .isEqualTo(prompt(
                        ANTHROPIC_MESSAGES,
                        "{'model':'m','messages':[{'role':'user','content':[{'type':'text','text':'Look:'},"
                                + "{'type':'image','source':{'type':'base64','media_type':'image/png','data':'iVBORw0'}},"
                                + "{'type':'image','source':{'type':'url','url':'https://x.example/y.png'}},"
                                + "{'type':'document','source':{'type':'base64','data':'JVBERi'},'cache_control':{}},"
                                + "{'type':'text','text':'What is it?'}]}]}"));
        String sound =
                "{'model':'m','messages':[{'role':'user','content':[{'type':'input_audio','input_audio':{'data':'UklGRg','format':'wav'}}]}]}";
        assertThat(prompt(OPENAI_CHAT, sound)).isEqualTo("<user|{1000#UklGRg}>");
    }

    @Test
    void reasoningOfFormerTurnsIsLeftOut() {
        String expected = "<user|Hi><assistant|Hello><user|Go on>";
        assertThat(prompt(
                        OPENAI_CHAT,
                        "{'model':'m','messages':[{'role':'user','content':'Hi'},{'role':'assistant','content':'Hello',"
                                + "'reasoning_content':'hm','reasoning':'hm'},{'role':'user','content':'Go on'}]}"))
                .isEqualTo(expected);
        assertThat(
                        prompt(
                                OPENAI_RESPONSES,
                                "{'model':'m','input':[{'role':'user','content':'Hi'},{'type':'reasoning','summary':[],"
                                        + "'encrypted_content':'x'},{'role':'assistant','content':'Hello'},{'role':'user','content':'Go on'}]}"))
                .isEqualTo(expected);
        assertThat(prompt(
                        ANTHROPIC_MESSAGES,
                        "{'model':'m','messages':[{'role':'user','content':'Hi'},{'role':'assistant','content':"
                                + "[{'type':'thinking','thinking':'hm','signature':'x'},{'type':'text','text':'Hello'}]},"
                                + "{'role':'user','content':'Go on'}]}"))
                .isEqualTo(expected);
    }

    @Test
    void saltsKeepEqualPromptsApart() {
        String hello = "'messages':[{'role':'user','content':'Hello'}]}";
        var plain = hashes(blocks(OPENAI_CHAT, "{'model':'m'," + hello));
        var salted = hashes(blocks(OPENAI_CHAT, "{'model':'m','cache_salt':'a'," + hello));
        assertThat(salted).doesNotContainAnyElementsOf(plain);
        assertThat(hashes(blocks(OPENAI_CHAT, "{'cache_salt':'a','model':'m'," + hello)))
                .isEqualTo(salted);
        assertThat(hashes(blocks(OPENAI_CHAT, "{'model':'m','cache_salt':'b'," + hello)))
                .doesNotContainAnyElementsOf(salted);
    }

    @Test
    void billingIsNoPartOfTheSystemPrompt() {
        String request = "{'model':'m','system':[{'type':'text','text':'x-anthropic-billing-header: cch=NUMBER;'},"
                + "{'type':'text','text':'Be brief.'}],'messages':[]}";
        assertThat(prompt(ANTHROPIC_MESSAGES, request)).isEqualTo("<system|Be brief.>");
    }

    private static String chat(boolean reversed) {
        var fields = new ArrayList<>(List.of(
                "'model':'m'",
                "'tools':[" + CHAT_TOOL + "]",
                "'messages':[{'role':'developer','content':'Be brief.'},{'role':'user','content':'Paris?'},"
                        + "{'role':'assistant','content':'Looking.','tool_calls':[{'id':'c1','type':'function','function':"
                        + "{'name':'weather','arguments':'{\\'city\\': \\'Pa ris\\', \\'days\\': [1, 2]}'}}]},"
                        + "{'role':'tool','tool_call_id':'c1','content':'12 degrees'},"
                        + "{'content':'Cool.','role':'assistant'},{'role':'user','content':'Thanks'}]"));
        return "{" + String.join(",", reversed ? fields.reversed() : fields) + "}";
    }

    private static List<Long> hashes(PromptBlocks blocks) {
        var hashes = new ArrayList<Long>();
        for (int i = 0; i < blocks.count(); i++) {
            hashes.add(blocks.hash(i));
        }
        return hashes;
    }
}
