package dev.warmgate.picker;

import static dev.warmgate.picker.GatewayCall.CHAT;
import static dev.warmgate.picker.GatewayCall.field;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.warmgate.door.Access;
import dev.warmgate.door.ModelRewrites;
import dev.warmgate.door.ModelRewrites.Rule;
import dev.warmgate.door.ModelRewrites.Target;
import dev.warmgate.picker.PickerFixture.Options;
import dev.warmgate.picker.proto.BodySendMode;
import dev.warmgate.picker.proto.ProcessingResponse;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Requests that get another model than their body names. */
class PickerRewriteTest {
    private static final String PATH = "/v1/chat/completions";
    private static final String ALIAS = CHAT.replace("\"m\"", "\"the-alias\"");

    private static Options rules(Rule... rules) {
        var open = Access.OPEN;
        return new Options().access(new Access(open.tenancy(), open.quotas(), new ModelRewrites(List.of(rules))));
    }

    private static Options alias() {
        return rules(new Rule("the-alias", List.of(new Target("m", 1))), new Rule("closed", List.of()));
    }

    private static String length(ProcessingResponse response) {
        return field(
                response.getRequestHeaders().getResponse().getHeaderMutation().getSetHeadersList(), "content-length");
    }

    @Test
    void onlyTheModelChangesAndTheLengthIsRight() {
        try (var picker = new PickerFixture(alias())) {
            var bytes = ByteString.copyFromUtf8(ALIAS);
            int calls = 0;
            for (int cut = 0; cut <= 24; cut++) {
                var call = picker.call()
                        .post(PATH, "content-length", Integer.toString(bytes.size()))
                        .body(bytes.substring(0, cut), false)
                        .body(bytes.substring(cut), true);
                assertThat(length(call.next())).isEqualTo(Integer.toString(CHAT.getBytes(UTF_8).length));
                assertThat(call.forwarded()).isEqualTo(CHAT);
                call.reset();
                assertThat(picker.report(++calls).model()).isEqualTo("m");
            }
            picker.assertAtRest();
        }
    }

    @Test
    void anUnchangedBodyKeepsItsLength() {
        try (var picker = new PickerFixture(alias())) {
            var call = picker.call().post(PATH).body(CHAT, true);
            assertThat(length(call.next())).isEmpty();
            call.reset();
            picker.assertAtRest();
        }
    }

    @Test
    void aLargeBodyIsChangedAndCutAgain() {
        try (var picker = new PickerFixture(alias())) {
            String large = ALIAS.replace("Zoë", "ä".repeat(100_000));
            var call = picker.call().post(PATH).body(large, true);
            call.destination();
            assertThat(call.forwarded()).isEqualTo(large.replace("the-alias", "m"));
            call.reset();
            picker.assertAtRest();
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = BodySendMode.class,
            names = {"BUFFERED", "BUFFERED_PARTIAL"})
    void aBodyInOnePieceIsReplacedByOne(BodySendMode mode) {
        try (var picker = new PickerFixture(alias())) {
            var call = picker.call().modes(mode, BodySendMode.NONE).post(PATH).body(ALIAS, true);
            assertThat(call.next().hasRequestHeaders()).isTrue();
            var common = call.next().getRequestBody().getResponse();
            assertThat(common.getBodyMutation().getBody().toStringUtf8()).isEqualTo(CHAT);
            assertThat(field(common.getHeaderMutation().getSetHeadersList(), "content-length"))
                    .isEqualTo(Integer.toString(CHAT.getBytes(UTF_8).length));
            call.reset();
            picker.assertAtRest();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"x-llm-d-model-name-rewrite", "x-gateway-model-name-rewrite"})
    void theHeaderNamesAModelToo(String header) {
        try (var picker = new PickerFixture()) {
            var call = picker.call().post(PATH, header, "m").body(ALIAS, true);
            var mutation = call.next().getRequestHeaders().getResponse().getHeaderMutation();
            assertThat(mutation.getRemoveHeadersList()).contains(header);
            assertThat(call.forwarded()).isEqualTo(CHAT);
            call.reset();
            picker.assertAtRest();
        }
    }

    @Test
    void aRuleGoesBeforeTheHeader() {
        try (var picker = new PickerFixture(alias())) {
            var call = picker.call()
                    .post(PATH, "x-llm-d-model-name-rewrite", "other")
                    .body(ALIAS, true);
            call.destination();
            assertThat(call.forwarded()).isEqualTo(CHAT);
            call.reset();
            picker.assertAtRest();
        }
    }

    @Test
    void aRuleWithoutTargetsRefuses() {
        try (var picker = new PickerFixture(alias())) {
            var call = picker.call().post(PATH).body(ALIAS.replace("the-alias", "closed"), true);
            var own = call.next().getImmediateResponse();
            assertThat(own.getStatus().getCode()).isEqualTo(400);
            assertThat(own.getBody().toStringUtf8()).contains("closed", "\"param\":\"model\"");
            picker.assertAtRest();
        }
    }

    @Test
    void whatIsReadForItsModelOnlyIsChangedToo() {
        try (var picker = new PickerFixture(alias())) {
            String body = "{\"model\": \"the-alias\", \"query\": 1}";
            var call = picker.call().post("/v1/audio/speech").body(body, true);
            call.destination();
            assertThat(call.forwarded()).isEqualTo(body.replace("the-alias", "m"));
            call.reset();
            picker.assertAtRest();
        }
    }
}
