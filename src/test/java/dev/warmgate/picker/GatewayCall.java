package dev.warmgate.picker;

import static io.grpc.MethodDescriptor.MethodType.BIDI_STREAMING;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.ListValue;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import dev.warmgate.picker.proto.BodySendMode;
import dev.warmgate.picker.proto.HeaderMap;
import dev.warmgate.picker.proto.HeaderValue;
import dev.warmgate.picker.proto.HeaderValueOption;
import dev.warmgate.picker.proto.HttpBody;
import dev.warmgate.picker.proto.HttpHeaders;
import dev.warmgate.picker.proto.HttpTrailers;
import dev.warmgate.picker.proto.Metadata;
import dev.warmgate.picker.proto.ProcessingRequest;
import dev.warmgate.picker.proto.ProcessingResponse;
import dev.warmgate.picker.proto.ProtocolConfiguration;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.protobuf.ProtoUtils;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** What a gateway does for one request: sends its parts as Envoy does, and takes what the picker says. */
final class GatewayCall {
    private static final MethodDescriptor<ProcessingRequest, ProcessingResponse> PROCESS =
            MethodDescriptor.<ProcessingRequest, ProcessingResponse>newBuilder()
                    .setType(BIDI_STREAMING)
                    .setFullMethodName("envoy.service.ext_proc.v3.ExternalProcessor/Process")
                    .setRequestMarshaller(ProtoUtils.marshaller(ProcessingRequest.getDefaultInstance()))
                    .setResponseMarshaller(ProtoUtils.marshaller(ProcessingResponse.getDefaultInstance()))
                    .build();

    static final String CHAT = """
            {"model":"m","messages":[{"role":"user","content":"What is a KV cache, and who needs one? – said Zoë"}]}""";

    private final ClientCall<ProcessingRequest, ProcessingResponse> call;
    private final BlockingQueue<ProcessingResponse> responses = new LinkedBlockingQueue<>();
    private final CompletableFuture<Status> closed = new CompletableFuture<>();
    private BodySendMode requestMode = BodySendMode.FULL_DUPLEX_STREAMED;
    private BodySendMode responseMode = BodySendMode.FULL_DUPLEX_STREAMED;
    private boolean tells = true;
    private @Nullable Metadata metadata;

    GatewayCall(Channel channel) {
        call = channel.newCall(PROCESS, CallOptions.DEFAULT);
        call.start(
                new ClientCall.Listener<>() {
                    @Override
                    public void onMessage(ProcessingResponse message) {
                        responses.add(message);
                    }

                    @Override
                    public void onClose(Status status, io.grpc.Metadata trailers) {
                        closed.complete(status);
                    }
                },
                new io.grpc.Metadata());
        call.request(Integer.MAX_VALUE);
    }

    GatewayCall modes(BodySendMode request, BodySendMode response) {
        requestMode = request;
        responseMode = response;
        return this;
    }

    /** Like a gateway that does not say how it passes bodies on. */
    GatewayCall silent() {
        tells = false;
        return this;
    }

    /** What the next message says beside itself. */
    GatewayCall with(String namespace, String key, Value value) {
        metadata = Metadata.newBuilder()
                .putFilterMetadata(
                        namespace, Struct.newBuilder().putFields(key, value).build())
                .build();
        return this;
    }

    GatewayCall subset(String... addresses) {
        var list = ListValue.newBuilder();
        for (String address : addresses) {
            list.addValues(Value.newBuilder().setStringValue(address));
        }
        return with(
                "envoy.lb.subset_hint",
                "x-gateway-destination-endpoint-subset",
                Value.newBuilder().setListValue(list).build());
    }

    GatewayCall served(String address) {
        return with(
                "envoy.lb",
                "x-gateway-destination-endpoint-served",
                Value.newBuilder().setStringValue(address).build());
    }

    GatewayCall send(ProcessingRequest.Builder message) {
        if (metadata != null) {
            message.setMetadataContext(metadata);
            metadata = null;
        }
        call.sendMessage(message.build());
        return this;
    }

    /** Sends the header of a chat request; more fields as name, value, name, value. */
    GatewayCall post(String path, String... fields) {
        return headers("POST", path, false, fields);
    }

    GatewayCall headers(String method, String path, boolean end, String... fields) {
        var all = new ArrayList<String>(List.of(":method", method, ":path", path, ":authority", "gateway"));
        all.addAll(List.of(fields));
        var message = ProcessingRequest.newBuilder()
                .setRequestHeaders(HttpHeaders.newBuilder().setHeaders(map(all)).setEndOfStream(end));
        if (tells) {
            message.setProtocolConfig(ProtocolConfiguration.newBuilder()
                    .setRequestBodyMode(requestMode)
                    .setResponseBodyMode(responseMode));
        }
        return send(message);
    }

    private static HeaderMap map(List<String> fields) {
        var map = HeaderMap.newBuilder();
        for (int i = 0; i < fields.size(); i += 2) {
            map.addHeaders(HeaderValue.newBuilder()
                    .setKey(fields.get(i))
                    .setRawValue(ByteString.copyFromUtf8(fields.get(i + 1))));
        }
        return map.build();
    }

    GatewayCall body(String text, boolean end) {
        return body(ByteString.copyFromUtf8(text), end);
    }

    GatewayCall body(ByteString bytes, boolean end) {
        return send(ProcessingRequest.newBuilder()
                .setRequestBody(HttpBody.newBuilder().setBody(bytes).setEndOfStream(end)));
    }

    GatewayCall trailers() {
        return send(ProcessingRequest.newBuilder().setRequestTrailers(HttpTrailers.getDefaultInstance()));
    }

    GatewayCall responseHeaders(int status, String type, boolean end) {
        return send(ProcessingRequest.newBuilder()
                .setResponseHeaders(HttpHeaders.newBuilder()
                        .setHeaders(map(List.of(":status", Integer.toString(status), "content-type", type)))
                        .setEndOfStream(end)));
    }

    GatewayCall responseBody(String text, boolean end) {
        return send(ProcessingRequest.newBuilder()
                .setResponseBody(HttpBody.newBuilder()
                        .setBody(ByteString.copyFromUtf8(text))
                        .setEndOfStream(end)));
    }

    GatewayCall responseTrailers() {
        return send(ProcessingRequest.newBuilder().setResponseTrailers(HttpTrailers.getDefaultInstance()));
    }

    /** Ends like Envoy ends: good streams too. */
    void reset() {
        call.cancel("reset", null);
    }

    void halfClose() {
        call.halfClose();
    }

    /** Returns the picker's next message. */
    ProcessingResponse next() {
        try {
            var message = responses.poll(20, TimeUnit.SECONDS);
            assertThat(message)
                    .as("an answer; the call is %s", closed.isDone() ? closed.join() : "open")
                    .isNotNull();
            return requireNonNull(message);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    /** Returns how the picker ended the call. */
    Status closed() {
        try {
            return closed.get(20, TimeUnit.SECONDS);
        } catch (Exception e) {
            throw new AssertionError("The call was not closed", e);
        }
    }

    /** Returns whether nothing came from the picker that was not taken. */
    boolean quiet() {
        return responses.isEmpty();
    }

    /** Takes the answer to the request's header and returns the destination. */
    String destination() {
        var response = next();
        assertThat(response.hasRequestHeaders()).as("%s", response).isTrue();
        String header = field(
                response.getRequestHeaders().getResponse().getHeaderMutation().getSetHeadersList(),
                "x-gateway-destination-endpoint");
        assertThat(metadataDestination(response)).isEqualTo(header);
        assertThat(response.getRequestHeaders().getResponse().getClearRouteCache())
                .isTrue();
        return header;
    }

    static String metadataDestination(ProcessingResponse response) {
        return response.getDynamicMetadata()
                .getFieldsOrThrow("envoy.lb")
                .getStructValue()
                .getFieldsOrThrow("x-gateway-destination-endpoint")
                .getStringValue();
    }

    static String field(List<HeaderValueOption> fields, String name) {
        return fields.stream()
                .filter(f -> f.getHeader().getKey().equals(name))
                .map(f -> f.getHeader().getRawValue().toStringUtf8())
                .reduce((a, b) -> a + " AND " + b)
                .orElse("");
    }

    /** Takes the request's body as it goes on, to its end. */
    String forwarded() {
        var all = ByteString.EMPTY;
        while (true) {
            var response = next();
            assertThat(response.hasRequestBody()).as("%s", response).isTrue();
            var piece =
                    response.getRequestBody().getResponse().getBodyMutation().getStreamedResponse();
            assertThat(piece.getBody().size()).isLessThanOrEqualTo(62_000);
            all = all.concat(piece.getBody());
            if (piece.getEndOfStream()) {
                return all.toStringUtf8();
            }
        }
    }

    /** Takes one piece of the answer's body as it goes on. */
    String passed(boolean end) {
        var response = next();
        assertThat(response.hasResponseBody()).as("%s", response).isTrue();
        var piece = response.getResponseBody().getResponse().getBodyMutation().getStreamedResponse();
        assertThat(piece.getEndOfStream()).isEqualTo(end);
        return piece.getBody().toStringUtf8();
    }
}
