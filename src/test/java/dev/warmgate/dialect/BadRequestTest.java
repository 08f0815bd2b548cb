package dev.warmgate.dialect;

import static dev.warmgate.dialect.Dialect.ANTHROPIC_MESSAGES;
import static dev.warmgate.dialect.Dialect.OPENAI_CHAT;
import static dev.warmgate.dialect.Requests.body;
import static dev.warmgate.dialect.Requests.refused;
import static java.nio.charset.StandardCharsets.UTF_16BE;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class BadRequestTest {
    private static final String MESSAGES = "'messages':[{'role':'user','content':'x'}]";
    private static final String UNREADABLE = "The request body could not be read: ";

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '`',
            value = {
                "OPENAI_CHAT; 'a':1; model; missing, expected the name of a model",
                "OPENAI_CHAT; 'model':null; model; missing, expected the name of a model",
                "OPENAI_CHAT; 'model':5; model; expected the name of a model, got a number",
                "OPENAI_CHAT; 'model':''; model; expected the name of a model, got an empty string",
                "ANTHROPIC_MESSAGES; 'model':{}; model; expected the name of a model, got an object",
                "OPENAI_CHAT; 'model':'m'; messages; missing, expected a list of messages",
                "OPENAI_CHAT; 'model':'m','messages':null; messages; missing, expected a list of messages",
                "OPENAI_CHAT; 'model':'m','messages':'hi'; messages; expected a list of messages, got a string",
                "ANTHROPIC_MESSAGES; 'model':'m'; messages; missing, expected a list of messages",
                "ANTHROPIC_MESSAGES; 'model':'m','messages':{}; messages; expected a list of messages, got an object",
                "OPENAI_COMPLETIONS; 'model':'m'; prompt; missing, expected a string or a list",
                "OPENAI_EMBEDDINGS; 'model':'m'; input; missing, expected a string or a list",
                "OPENAI_RESPONSES; 'model':'m'; input; missing, expected a string or a list of items",
                "OPENAI_RESPONSES; 'model':'m','input':5; input; expected a string or a list of items, got a number"
            })
    void whatIsRequiredHasToBeThere(Dialect dialect, String fields, String param, String problem) {
        assertRefused(dialect, "{" + fields + "}", param, problem);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '`',
            value = {
                "'stream':1; stream; expected true or false, got a number",
                "'stream':'true'; stream; expected true or false, got a string",
                "'stream_options':[]; stream_options; expected an object such as {\"include_usage\": true}, got a list",
                "'stream_options':{'include_usage':1}; stream_options.include_usage; expected true or false, got a number",
                "'max_tokens':'9'; max_tokens; expected a whole number, got a string",
                "'max_tokens':1.5; max_tokens; expected a whole number, got a number",
                "'max_tokens':1e-999999999; max_tokens; expected a whole number, got a number",
                "'max_tokens':1e99999999999; max_tokens; expected a whole number, got a number",
                "'max_completion_tokens':true; max_completion_tokens; expected a whole number, got a boolean",
                "'tools':{}; tools; expected a list of tools, got an object",
                "'tools':['x']; tools[0]; expected an object that defines a tool, got a string"
            })
    void optionsHaveTheirTypes(String field, String param, String problem) {
        assertRefused(OPENAI_CHAT, "{'model':'m'," + MESSAGES + "," + field + "}", param, problem);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '`',
            value = {
                "'x'; messages[1]; expected an object with role and content, got a string",
                "null; messages[1]; expected an object with role and content, got null",
                "{}; messages[1].role; missing, expected a string such as \"user\"",
                "{'role':1}; messages[1].role; expected a string such as \"user\", got a number",
                "{'role':null}; messages[1].role; expected a string such as \"user\", got null",
                "{'role':'user','content':5}; messages[1].content; expected a string or a list of parts, got a number",
                "{'role':'user','content':{}}; messages[1].content; expected a string or a list of parts, got an object",
                "{'role':'user','content':['a',5]}; messages[1].content[1]; expected an object such as "
                        + "{\"type\": \"text\", \"text\": …}, got a number",
                "{'role':'user','content':[{}]}; messages[1].content[0].text; missing, expected a string",
                "{'role':'user','content':[{'type':5}]}; messages[1].content[0].type; expected a string such as \"text\", "
                        + "got a number",
                "{'role':'user','content':[{'type':'text','text':{}}]}; messages[1].content[0].text; expected a string, "
                        + "got an object",
                "{'role':'user','content':[{'type':'refusal'}]}; messages[1].content[0].refusal; missing, expected a string",
                "{'role':'assistant','tool_calls':5}; messages[1].tool_calls; expected a list of tool calls, got a number",
                "{'role':'assistant','tool_calls':[5]}; messages[1].tool_calls[0]; expected an object with a function, "
                        + "got a number",
                "{'role':'assistant','tool_calls':[{'function':5}]}; messages[1].tool_calls[0].function; expected an object "
                        + "with name and arguments, got a number",
                "{'role':'assistant','tool_calls':[{'function':{}}]}; messages[1].tool_calls[0].function.name; missing, "
                        + "expected a string"
            })
    void messagesHaveTheirShape(String message, String param, String problem) {
        String json = "{'model':'m','messages':[{'role':'user','content':'x'}," + message + "]}";
        assertRefused(OPENAI_CHAT, json, param, problem);
    }

    @Test
    void partsOfAnthropicMessagesHaveTheirShape() {
        assertRefused(
                ANTHROPIC_MESSAGES,
                "{'model':'m','messages':[{'role':'user','content':[{'type':'tool_result','content':[{'type':'text'}]}]}]}",
                "messages[0].content[0].content[0].text",
                "missing, expected a string");
        assertRefused(
                ANTHROPIC_MESSAGES,
                "{'model':'m','messages':[{'role':'assistant','content':[{'type':'tool_use'}]}]}",
                "messages[0].content[0].name",
                "missing, expected a string");
        assertRefused(
                ANTHROPIC_MESSAGES,
                "{'model':'m','system':5," + MESSAGES + "}",
                "system",
                "expected a string or a list of parts, got a number");
    }

    @Test
    void itemsOfResponsesHaveTheirShape() {
        String item = "{'model':'m','input':[%s]}";
        assertRefused(
                Dialect.OPENAI_RESPONSES,
                item.formatted("5"),
                "input[0]",
                "expected an object with a type, got a number");
        assertRefused(
                Dialect.OPENAI_RESPONSES,
                item.formatted("{'content':'x'}"),
                "input[0].role",
                "missing, expected a string such as \"user\"");
        assertRefused(
                Dialect.OPENAI_RESPONSES,
                item.formatted("{'type':'function_call'}"),
                "input[0].name",
                "missing, expected a string");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '`',
            value = {
                "5; prompt; expected a string, a list of strings, a list of token ids or a list of such lists, got a number",
                "{}; prompt; expected a string, a list of strings, a list of token ids or a list of such lists, got an object",
                "[1,'a']; prompt[1]; expected a token id, a whole number of at least 0, got a string",
                "[1,2.5]; prompt[1]; expected a token id, a whole number of at least 0, got a number",
                "[-1]; prompt[0]; expected a string or a list of token ids, got a number",
                "['a',1]; prompt[1]; expected a string or a list of token ids, got a number",
                "[[1],[2,[3]]]; prompt[1][1]; expected a token id, a whole number of at least 0, got a list",
                "[null]; prompt[0]; expected a string or a list of token ids, got null"
            })
    void barePromptsHaveTheirShape(String prompt, String param, String problem) {
        assertRefused(Dialect.OPENAI_COMPLETIONS, "{'model':'m','prompt':" + prompt + "}", param, problem);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " \r\n\t "})
    void anEmptyBodyIsNamedAsSuch(String body) {
        assertThat(refused(OPENAI_CHAT, body.getBytes(UTF_8)))
                .isEqualTo(invalid("The request body is empty: send a JSON object."));
    }

    @ParameterizedTest
    @CsvSource({"[], a list", "5, a number", "null, null", "true, a boolean", "'\"x\"', a string"})
    void aBodyHasToBeAnObject(String body, String what) {
        assertThat(refused(OPENAI_CHAT, body.getBytes(UTF_8)))
                .isEqualTo(invalid("The request body must be a JSON object, not " + what + "."));
    }

    @Test
    void malformedJsonIsExplainedWithItsPlace() {
        var error = refused(OPENAI_CHAT, body("{'model':'m',\n 'messages':[}"));
        assertThat(error.kind()).isEqualTo(ApiError.Kind.INVALID_REQUEST);
        assertThat(error.param()).isNull();
        assertThat(error.message())
                .startsWith(UNREADABLE)
                .endsWith("(line 2, column 14)")
                .contains("'}'");
    }

    @Test
    void theExplanationDoesNotQuoteThePrompt() {
        var error = refused(OPENAI_CHAT, body("{'model':'m','messages':[secret words]}"));
        assertThat(error.message())
                .startsWith(UNREADABLE)
                .doesNotContain("secret")
                .endsWith("(line 1, column 26)");
    }

    @Test
    void aTruncatedBodyIsExplained() {
        assertThat(refused(OPENAI_CHAT, body("{'model':")).message())
                .startsWith(UNREADABLE)
                .contains("end-of-input")
                .doesNotContain("Source")
                .endsWith("(line 1, column 10)");
        assertThat(refused(OPENAI_CHAT, body("{'model':'m")).message())
                .startsWith(UNREADABLE)
                .contains("end-of-input");
    }

    @Test
    void invalidUtf8IsExplained() {
        byte[] body = body("{'model':'m','x':'??'}");
        body[18] = (byte) 0xC3;
        assertThat(refused(OPENAI_CHAT, body))
                .isEqualTo(invalid(UNREADABLE + "text that is not valid UTF-8 (byte 18)"));
    }

    @Test
    void deepNestingIsExplained() {
        String deep = "[".repeat(500) + "]".repeat(500);
        assertThat(refused(OPENAI_CHAT, body("{'model':'m','x':" + deep + "}")))
                .isEqualTo(invalid(UNREADABLE + "JSON nested deeper than 500 levels (byte 516)"));
        String hostile = "[".repeat(5_000_000);
        assertThat(refused(OPENAI_CHAT, body(hostile)).message()).contains("nested deeper than 500");
    }

    @Test
    void whatOnlyWarmgateRefusesIsExplainedToo() {
        // Jackson would read this as UTF-16.
        byte[] utf16 = "{\"model\":\"m\"}".getBytes(UTF_16BE);
        assertThat(refused(OPENAI_CHAT, utf16)).isEqualTo(invalid(UNREADABLE + "it is not one JSON value (byte 0)"));
    }

    private static void assertRefused(Dialect dialect, String json, String param, String problem) {
        assertThat(refused(dialect, body(json)))
                .isEqualTo(new ApiError(ApiError.Kind.INVALID_REQUEST, param + ": " + problem, param));
    }

    private static ApiError invalid(String message) {
        return new ApiError(ApiError.Kind.INVALID_REQUEST, message, null);
    }
}
