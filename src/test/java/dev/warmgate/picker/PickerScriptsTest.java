package dev.warmgate.picker;

import static dev.warmgate.picker.GatewayCall.CHAT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import dev.warmgate.picker.PickerFixture.Options;
import dev.warmgate.picker.proto.BodySendMode;
import dev.warmgate.router.RequestReport.Outcome;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Gateways that leave at any point, send in any order, or send what is no message: nothing stays held. */
class PickerScriptsTest {
    private static final String PATH = "/v1/chat/completions";
    private static final ByteString CHAT_BYTES = ByteString.copyFromUtf8(CHAT);

    /** How a gateway leaves. */
    enum Leaving {
        HALF_CLOSE,
        CANCEL,
        CONNECTION_LOSS
    }

    private static final List<Consumer<GatewayCall>> DUPLEX = List.of(
            call -> call.post(PATH),
            call -> call.body(CHAT_BYTES.substring(0, 20), false),
            call -> call.body(CHAT_BYTES.substring(20), false),
            call -> call.body("", true),
            call -> call.responseHeaders(200, "text/event-stream", false),
            call -> call.responseBody("data: {\"choices\":[{\"delta\":{\"content\":\"one\"}}]}\n\n", false),
            call -> call.responseBody("data: [DONE]\n\n", false),
            GatewayCall::responseTrailers);

    private static final List<Consumer<GatewayCall>> BUFFERED = List.of(
            call -> call.modes(BodySendMode.BUFFERED, BodySendMode.BUFFERED).post(PATH),
            call -> call.body(CHAT, true),
            call -> call.responseHeaders(200, "application/json", false),
            call -> call.responseBody("{}", true));

    private static final List<Consumer<GatewayCall>> UPLOAD = List.of(
            call -> call.post("/v1/files", "content-type", "multipart/form-data; boundary=b"),
            call -> call.body("--b\r\nContent-Disposition: form-data; name=\"file\"\r\n\r\nx", false),
            GatewayCall::trailers,
            call -> call.responseHeaders(500, "text/plain", false),
            call -> call.responseBody("no", true));

    @ParameterizedTest
    @EnumSource(Leaving.class)
    void gatewaysMayLeaveAfterAnyMessage(Leaving how) {
        try (var picker = new PickerFixture()) {
            int calls = 0;
            for (var script : List.of(DUPLEX, BUFFERED, UPLOAD)) {
                for (int length = 0; length <= script.size(); length++) {
                    var channel = picker.connect();
                    var call = new GatewayCall(channel);
                    script.subList(0, length).forEach(step -> step.accept(call));
                    switch (how) {
                        case HALF_CLOSE -> call.halfClose();
                        case CANCEL -> call.reset();
                        case CONNECTION_LOSS -> {}
                    }
                    if (how == Leaving.HALF_CLOSE) {
                        assertThat(call.closed().getCode()).isEqualTo(Status.Code.OK);
                        calls += length == 0 ? 0 : 1;
                        if (calls > 0) {
                            picker.report(calls);
                        }
                    }
                    channel.shutdownNow();
                }
            }
            picker.assertAtRest();
            assertThat(picker.reports()).noneMatch(report -> report.outcome() == Outcome.GATEWAY_ERROR);
        }
    }

    /** Whoever waits leaves at any point as well. */
    @ParameterizedTest
    @EnumSource(Leaving.class)
    void gatewaysMayLeaveWhileTheirRequestWaits(Leaving how) {
        try (var picker = new PickerFixture(new Options().kvTokens(100).endpoints("10.0.0.1:8000"))) {
            var first = picker.call().post(PATH).body(CHAT, true);
            first.destination();
            var channel = picker.connect();
            var second = new GatewayCall(channel).post(PATH).body(CHAT, true);
            await().atMost(Duration.ofSeconds(20)).until(() -> picker.pool().waiting() == 1);
            switch (how) {
                case HALF_CLOSE -> second.halfClose();
                case CANCEL -> second.reset();
                case CONNECTION_LOSS -> channel.shutdownNow();
            }
            await().atMost(Duration.ofSeconds(20)).until(() -> picker.pool().waiting() == 0);
            channel.shutdownNow();
            first.reset();
            picker.assertAtRest();
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4})
    void messagesMayComeInAnyOrderAndNumber(long seed) {
        var random = new Random(seed);
        var steps = new ArrayList<Consumer<GatewayCall>>();
        steps.addAll(DUPLEX);
        steps.addAll(BUFFERED);
        steps.addAll(UPLOAD);
        try (var picker = new PickerFixture()) {
            for (int i = 0; i < 150; i++) {
                var call = picker.call();
                if (random.nextBoolean()) {
                    call.post(PATH); // else most of them end at the first message
                }
                for (int length = random.nextInt(8); length > 0; length--) {
                    steps.get(random.nextInt(steps.size())).accept(call);
                }
                call.reset();
            }
            picker.assertAtRest();
            assertThat(picker.reports())
                    .as("seed %d", seed)
                    .noneMatch(report -> report.outcome() == Outcome.GATEWAY_ERROR);
        }
    }

    @Test
    void whatIsNoMessageEndsItsStreamOnly() throws Exception {
        var bytes = new MethodDescriptor.Marshaller<byte[]>() {
            @Override
            public InputStream stream(byte[] value) {
                return new ByteArrayInputStream(value);
            }

            @Override
            public byte[] parse(InputStream stream) {
                return new byte[0];
            }
        };
        var method = MethodDescriptor.<byte[], byte[]>newBuilder()
                .setType(MethodDescriptor.MethodType.BIDI_STREAMING)
                .setFullMethodName("envoy.service.ext_proc.v3.ExternalProcessor/Process")
                .setRequestMarshaller(bytes)
                .setResponseMarshaller(bytes)
                .build();
        var random = new Random(7);
        try (var picker = new PickerFixture()) {
            var channel = picker.connect();
            try {
                for (int i = 0; i < 100; i++) {
                    var closed = new CompletableFuture<Status>();
                    var call = channel.newCall(method, CallOptions.DEFAULT);
                    call.start(
                            new ClientCall.Listener<>() {
                                @Override
                                public void onClose(Status status, Metadata trailers) {
                                    closed.complete(status);
                                }
                            },
                            new Metadata());
                    call.request(100);
                    var garbage = new byte[1 + random.nextInt(60)];
                    random.nextBytes(garbage);
                    garbage[0] |= 7; // a kind of field that there is not
                    call.sendMessage(garbage);
                    assertThat(closed.get(20, TimeUnit.SECONDS).getCode()).isNotEqualTo(Status.Code.OK);
                }
                var good = new GatewayCall(channel).post(PATH).body(CHAT, true);
                good.destination();
                good.reset();
            } finally {
                channel.shutdownNow();
            }
            picker.assertAtRest();
        }
    }

    /** Nothing of a client's field gets into one of ours but what is harmless in a header. */
    @Test
    void controlCharactersInFieldsGoNowhere() {
        try (var picker = new PickerFixture()) {
            var call = picker.call()
                    .post(
                            PATH,
                            "x-request-id",
                            "a\r\nx-evil: 1",
                            "traceparent",
                            "00-\u0000",
                            "x-llm-d-model-name-rewrite",
                            "m\u0001\n\"",
                            "x-session-id",
                            "\u0007")
                    .body(CHAT, true);
            var response = call.next();
            assertThat(response.hasRequestHeaders()).isTrue();
            assertThat(response.getRequestHeaders()
                            .getResponse()
                            .getHeaderMutation()
                            .getSetHeadersList())
                    .allMatch(field -> field.getHeader()
                            .getRawValue()
                            .toStringUtf8()
                            .chars()
                            .allMatch(c -> c >= ' ' && c <= '~'));
            assertThat(call.forwarded()).isEqualTo(CHAT.replace("\"m\"", "\"m\\u0001\\u000a\\\"\""));
            call.reset();
            assertThat(picker.report(1).requestId()).doesNotContain("evil");
            picker.assertAtRest();
        }
    }

    @Test
    void anEndlessBodyIsCutOff() {
        try (var picker = new PickerFixture(new Options().maxBodyBytes(100_000))) {
            for (var path : List.of(PATH, "/v1/embeddings")) {
                var call = picker.call().post(path);
                for (int i = 0; i < 50; i++) {
                    call.body(" ".repeat(10_000), false);
                }
                assertThat(call.next().getImmediateResponse().getStatus().getCode())
                        .isEqualTo(413);
                call.reset();
            }
            picker.assertAtRest();
        }
    }
}
