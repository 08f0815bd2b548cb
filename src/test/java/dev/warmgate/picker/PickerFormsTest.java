package dev.warmgate.picker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.warmgate.picker.PickerFixture.Options;
import dev.warmgate.picker.proto.BodySendMode;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Forms, such as audio with the model that shall write it down, are read up to their model only. */
class PickerFormsTest {
    private static final String PATH = "/v1/audio/transcriptions";
    private static final String[] FORM = {"content-type", "multipart/form-data; boundary=b"};

    private static String part(String name, String value) {
        return "--b\r\nContent-Disposition: form-data; name=\"" + name + "\"\r\n\r\n" + value + "\r\n";
    }

    private static String taken(GatewayCall call) {
        var response = call.next();
        assertThat(response.hasRequestBody()).as("%s", response).isTrue();
        return response.getRequestBody()
                .getResponse()
                .getBodyMutation()
                .getStreamedResponse()
                .getBody()
                .toStringUtf8();
    }

    @Test
    void theModelDecidesAndTheFileStreamsThrough() {
        try (var picker = new PickerFixture()) {
            picker.pool().endpoints().forEach(e -> e.models(Set.of("m")));
            var call = picker.call().post(PATH, FORM);
            String first = part("language", "en") + part("model", "m").substring(0, 30);
            String second = part("model", "m").substring(30) + "--b\r\n";
            call.body(first, false).body(second, false);
            call.destination();
            assertThat(taken(call)).isEqualTo(first + second);
            call.body("the file", false);
            assertThat(taken(call)).isEqualTo("the file");
            call.body("\r\n--b--\r\n", true);
            assertThat(call.forwarded()).isEqualTo("\r\n--b--\r\n");
            call.reset();
            assertThat(picker.report(1).model()).isEqualTo("m");
            picker.assertAtRest();
        }
    }

    @Test
    void anUnknownModelIsTold() {
        try (var picker = new PickerFixture()) {
            picker.pool().endpoints().forEach(e -> e.models(Set.of("m")));
            var call = picker.call().post(PATH, FORM).body(part("model", "none") + "--b\r\n", false);
            assertThat(call.next().getImmediateResponse().getStatus().getCode()).isEqualTo(404);
            picker.assertAtRest();
        }
    }

    @Test
    void withoutAModelLoadDecidesAtTheEndOrAfterABeginning() {
        try (var picker = new PickerFixture(new Options().endpoints("10.0.0.1:8000"))) {
            var ended = picker.call().post(PATH, FORM).body(part("file", "x") + "--b--\r\n", true);
            assertThat(ended.destination()).isEqualTo("10.0.0.1:8000");
            var trailed = picker.call()
                    .post(PATH, FORM)
                    .body(part("file", "x"), false)
                    .trailers();
            assertThat(trailed.destination()).isEqualTo("10.0.0.1:8000");
            var large = picker.call().post(PATH, FORM).body(part("file", "x".repeat(300_000)), false);
            assertThat(large.destination()).isEqualTo("10.0.0.1:8000");
            var whole = picker.call()
                    .modes(BodySendMode.BUFFERED, BodySendMode.NONE)
                    .post(PATH, FORM)
                    .body(part("model", "m") + "--b--\r\n", true);
            assertThat(whole.next().hasRequestHeaders()).isTrue();
            assertThat(GatewayCall.metadataDestination(whole.next())).isEqualTo("10.0.0.1:8000");
            ended.reset();
            trailed.reset();
            large.reset();
            whole.reset();
            picker.assertAtRest();
        }
    }
}
