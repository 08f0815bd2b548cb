package dev.warmgate.picker;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import org.junit.jupiter.api.Test;

/** Requests for what one endpoint keeps are sent to it and to no other. */
class PickerHoldersTest {
    private static String exchange(PickerFixture picker, String path, String request, String id) {
        var call = picker.call().post(path).body(request, true);
        String destination = call.destination();
        call.forwarded();
        answered(call, id);
        return destination;
    }

    private static void answered(GatewayCall call, String id) {
        call.responseHeaders(200, "application/json", false);
        assertThat(call.next().hasResponseHeaders()).isTrue();
        String answer = "{\"id\":\"" + id + "\"}";
        call.responseBody(answer, true);
        assertThat(call.passed(true)).isEqualTo(answer);
        call.reset();
    }

    @Test
    void conversationsStayWhereTheirResponsesAreKept() {
        try (var picker = new PickerFixture()) {
            var seen = new HashSet<String>();
            for (int i = 0; i < 4; i++) {
                String body = "{\"model\":\"m\",\"input\":\"Hello\"}";
                String first = exchange(picker, "/v1/responses", body, "resp_" + i);
                seen.add(first);
                String next = body.replace("}", ",\"previous_response_id\":\"resp_" + i + "\"}");
                assertThat(exchange(picker, "/v1/responses", next, "resp_" + i + "b"))
                        .isEqualTo(first);
                var get = picker.call().headers("GET", "/v1/responses/resp_" + i + "b", true);
                assertThat(get.destination()).isEqualTo(first);
                get.reset();
            }
            assertThat(seen).hasSizeGreaterThan(1);
            picker.assertAtRest();
        }
    }
}
