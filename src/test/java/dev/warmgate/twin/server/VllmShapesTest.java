package dev.warmgate.twin.server;

import static dev.warmgate.twin.server.Recordings.shape;
import static java.util.stream.Collectors.joining;
import static java.util.stream.Collectors.toCollection;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/** Every answer has the members of the recorded one, no more and no fewer. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class VllmShapesTest {
    private static final String CHAT = "{'model':'tiny','messages':[{'role':'user','content':'Hello, world!'}]";

    private TwinFleet fleet;
    private TwinClient client;

    @BeforeAll
    void start() throws IOException {
        fleet = TwinFleet.start(TwinSettings.DEFAULTS
                .withReplicas(1)
                .withModels(List.of("tiny", "tiny-alias"))
                .withSpeedUp(1000));
        client = new TwinClient(fleet.replica(0));
    }

    @AfterAll
    void stop() {
        client.close();
        fleet.close();
    }

    @ParameterizedTest
    @CsvSource(quoteCharacter = '`', delimiter = '|', textBlock = """
            /v1/chat/completions | chat.json | {'model':'tiny','messages':[{'role':'user','content':'Hi'}],'max_tokens':8}
            /v1/completions | completions-token-ids.json | {'model':'tiny','prompt':[1,2,3],'max_tokens':3}
            /v1/responses | responses.json | {'model':'tiny','input':'Hello','max_output_tokens':6}
            /v1/messages | messages.json | {'model':'tiny','max_tokens':6,'messages':[{'role':'user','content':'Hi'}]}
            /v1/messages/count_tokens | messages-count-tokens.json | {'model':'tiny','messages':[{'role':'user','content':'Hi'}]}
            /tokenize | tokenize-chat.json | {'model':'tiny','messages':[{'role':'user','content':'Hi'}]}
            /tokenize | tokenize-prompt.json | {'model':'tiny','prompt':'Hello','return_token_strs':true}
            """)
    void wholeAnswersHaveTheRecordedShape(String path, String recording, String body) throws Exception {
        assertThat(shape(client.json(path, quoted(body)))).isEqualTo(shape(Recordings.json(recording)));
    }

    @ParameterizedTest
    @CsvSource(quoteCharacter = '`', delimiter = '|', textBlock = """
            /v1/chat/completions | chat-stream-usage.sse | {'model':'tiny','messages':[{'role':'user','content':'Hi'}],'max_tokens':4,'stream':true,'stream_options':{'include_usage':true}}
            /v1/chat/completions | chat-stream-no-usage.sse | {'model':'tiny','messages':[{'role':'user','content':'Hi'}],'max_tokens':2,'stream':true}
            /v1/chat/completions | tools-required-stream.sse | {'model':'tiny','messages':[{'role':'user','content':'Hi'}],'stream':true,'tool_choice':'required','tools':[{'type':'function','function':{'name':'f'}}]}
            /v1/completions | completions-stream.sse | {'model':'tiny','prompt':'Hi','max_tokens':3,'stream':true,'stream_options':{'include_usage':true}}
            /v1/responses | responses-stream.sse | {'model':'tiny','input':'Hi','max_output_tokens':2,'stream':true}
            /v1/messages | messages-stream.sse | {'model':'tiny','max_tokens':4,'stream':true,'messages':[{'role':'user','content':'Hi'}]}
            """)
    void streamsHaveTheRecordedEvents(String path, String recording, String body) throws Exception {
        List<JsonNode> events = client.stream(path, quoted(body));
        List<JsonNode> recorded = Recordings.events(recording);
        assertThat(events.stream().map(Recordings::shape))
                .containsExactlyElementsOf(
                        recorded.stream().map(Recordings::shape).toList());
        assertThat(types(events)).isEqualTo(types(recorded));
    }

    @Test
    void onlyAnthropicStreamsEndWithoutDone() throws Exception {
        String chat = client.post("/v1/chat/completions", quoted(CHAT + ",'max_tokens':2,'stream':true}"))
                .body();
        String messages = client.post("/v1/messages", quoted(CHAT + ",'max_tokens':2,'stream':true}"))
                .body();
        assertThat(chat).endsWith("}\n\ndata: [DONE]\n\n");
        assertThat(messages).endsWith("event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n");
    }

    @Test
    void theModelListNamesEveryAlias() throws Exception {
        var response = client.get("/v1/models");
        JsonNode models = TwinClient.JSON.readTree(response.body());
        assertThat(shape(models)).isEqualTo(shape(Recordings.json("models.json")));
        assertThat(models.path("data")
                        .valueStream()
                        .map(model -> model.path("id").asString()))
                .containsExactly("tiny", "tiny-alias");
    }

    @Test
    void healthVersionAndUnknownPathsAnswerLikeVllm() throws Exception {
        assertThat(client.get("/health").body()).isEmpty();
        assertThat(client.get("/version").body()).isEqualToIgnoringNewLines(Recordings.text("version.json"));
        var unknown = client.get("/nope?x=1");
        assertThat(unknown.statusCode()).isEqualTo(404);
        assertThat(unknown.body()).isEqualToIgnoringNewLines(Recordings.text("error-404.json"));
        var wrongMethod = client.get("/v1/chat/completions");
        assertThat(wrongMethod.statusCode()).isEqualTo(405);
        assertThat(wrongMethod.headers().firstValue("allow")).contains("POST");
        assertThat(wrongMethod.body()).isEqualToIgnoringNewLines(Recordings.text("error-405.json"));
    }

    @ParameterizedTest
    @CsvSource(quoteCharacter = '`', delimiter = '|', textBlock = """
            /v1/chat/completions | error-unknown-model.json | {'model':'nope','messages':[{'role':'user','content':'x'}]}
            /v1/chat/completions | error-unknown-model.json | {'model':'nope','stream':true,'messages':[{'role':'user','content':'x'}]}
            /v1/messages | error-messages-unknown-model.json | {'model':'nope','max_tokens':6,'messages':[{'role':'user','content':'x'}]}
            """)
    void anUnknownModelIsRefusedWithTheRecordedWords(String path, String recording, String body) throws Exception {
        var response = client.post(path, quoted(body));
        assertThat(response.statusCode()).isEqualTo(404);
        assertThat(TwinClient.JSON.readTree(response.body())).isEqualTo(Recordings.json(recording));
    }

    @ParameterizedTest
    @CsvSource(quoteCharacter = '`', delimiter = '|', textBlock = """
            {'model':                                                                | error-missing-messages.json
            []                                                                       | error-missing-messages.json
            {'model':'tiny'}                                                         | error-missing-messages.json
            {'messages':[{'role':'user','content':'x'}]}                             | error-missing-messages.json
            {'model':'tiny','max_tokens':200000,'messages':[{'role':'user','content':'x'}]} | error-max-tokens-over.json
            """)
    void badRequestsAreRefusedInTheRecordedShape(String body, String recording) throws Exception {
        var response = client.post("/v1/chat/completions", quoted(body));
        assertThat(response.statusCode()).isEqualTo(400);
        JsonNode error = TwinClient.JSON.readTree(response.body());
        JsonNode recorded = Recordings.json(recording);
        assertThat(shape(error)).isEqualTo(shape(recorded));
        assertThat(error.at("/error/type")).isEqualTo(recorded.at("/error/type"));
        assertThat(error.at("/error/code")).isEqualTo(recorded.at("/error/code"));
    }

    @Test
    void aPromptBeyondTheModelsLengthIsRefused() throws Exception {
        var response =
                client.post("/v1/completions", "{\"model\":\"tiny\",\"prompt\":\"" + "x".repeat(600_000) + "\"}");
        assertThat(response.statusCode()).isEqualTo(400);
        assertThat(shape(TwinClient.JSON.readTree(response.body())))
                .isEqualTo(shape(Recordings.json("error-too-long-prompt.json")));
    }

    @Test
    void theRequestIdBecomesTheAnswersId() throws Exception {
        var response =
                client.post("/v1/chat/completions", quoted(CHAT + ",'max_tokens':1}"), "X-Request-Id", "gw-\"1\\");
        assertThat(TwinClient.JSON.readTree(response.body()).path("id").asString())
                .isEqualTo("chatcmpl-gw-\"1\\");
    }

    private static Set<String> types(List<JsonNode> events) {
        return events.stream()
                .map(event -> event.path("type").asString("")
                        + event.at("/choices/0/finish_reason").isNull())
                .filter(type -> !type.startsWith("false"))
                .collect(toCollection(LinkedHashSet::new));
    }

    private static String quoted(String body) {
        return body.chars()
                .mapToObj(c -> c == '\'' ? "\"" : Character.toString(c))
                .collect(joining());
    }
}
