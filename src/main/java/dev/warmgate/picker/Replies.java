package dev.warmgate.picker;

import com.google.protobuf.ByteString;
import com.google.protobuf.Struct;
import com.google.protobuf.UnsafeByteOperations;
import com.google.protobuf.Value;
import dev.warmgate.door.Answer;
import dev.warmgate.door.TraceParent;
import dev.warmgate.picker.grpc.GrpcStream;
import dev.warmgate.picker.proto.BodyMutation;
import dev.warmgate.picker.proto.BodyResponse;
import dev.warmgate.picker.proto.CommonResponse;
import dev.warmgate.picker.proto.HeaderAppendAction;
import dev.warmgate.picker.proto.HeaderMutation;
import dev.warmgate.picker.proto.HeaderValue;
import dev.warmgate.picker.proto.HeaderValueOption;
import dev.warmgate.picker.proto.HeadersResponse;
import dev.warmgate.picker.proto.HttpStatus;
import dev.warmgate.picker.proto.ImmediateResponse;
import dev.warmgate.picker.proto.ProcessingResponse;
import dev.warmgate.picker.proto.StreamedBodyResponse;
import dev.warmgate.picker.proto.TrailersResponse;
import dev.warmgate.router.Trace;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the picker says to the gateway. A field is only ever set if it is ours: what came from the client passes without
 * being said again, and what never may be set is not ({@code :method}, {@code host}, content-length of a body that is
 * unchanged).
 */
final class Replies {
    /** Other gateways than Envoy may not take more than 64 KiB at a time. */
    private static final int LARGEST_PIECE = 62_000;

    private static final CommonResponse CONTINUE = CommonResponse.getDefaultInstance();

    /** The header of a request whose destination follows with its body. */
    static final ProcessingResponse REQUEST_HEADERS = ProcessingResponse.newBuilder()
            .setRequestHeaders(HeadersResponse.newBuilder().setResponse(CONTINUE))
            .build();

    /** A body of a request that goes on as it is. */
    static final ProcessingResponse REQUEST_BODY = ProcessingResponse.newBuilder()
            .setRequestBody(BodyResponse.newBuilder().setResponse(CONTINUE))
            .build();

    static final ProcessingResponse REQUEST_TRAILERS = ProcessingResponse.newBuilder()
            .setRequestTrailers(TrailersResponse.getDefaultInstance())
            .build();

    static final ProcessingResponse RESPONSE_HEADERS = ProcessingResponse.newBuilder()
            .setResponseHeaders(HeadersResponse.newBuilder().setResponse(CONTINUE))
            .build();

    /** A body of an answer that goes on as it is. */
    static final ProcessingResponse RESPONSE_BODY = ProcessingResponse.newBuilder()
            .setResponseBody(BodyResponse.newBuilder().setResponse(CONTINUE))
            .build();

    static final ProcessingResponse RESPONSE_TRAILERS = ProcessingResponse.newBuilder()
            .setResponseTrailers(TrailersResponse.getDefaultInstance())
            .build();

    private Replies() {}

    /**
     * What a request's header becomes.
     *
     * @param destination where it goes, or null where the gateway may choose
     * @param requestId an id for a request that came without one, or null
     * @param trace its place in a trace, or null
     * @param length the length that the body has now, or -1 if it is unchanged
     * @param removed fields that no engine may see
     */
    record Route(
            @Nullable String destination,
            @Nullable String requestId,
            @Nullable Trace trace,
            int length,
            List<String> removed) {}

    /** Answers the header of a request with its destination. */
    static ProcessingResponse routed(Route route) {
        var response = ProcessingResponse.newBuilder()
                .setRequestHeaders(HeadersResponse.newBuilder().setResponse(common(route)));
        return withDestination(response, route).build();
    }

    /** Answers the whole body of a request with its destination; the body is replaced unless it is null. */
    static ProcessingResponse routedByBody(Route route, @Nullable ByteString newBody) {
        var common = common(route);
        if (newBody != null) {
            common.setBodyMutation(BodyMutation.newBuilder().setBody(newBody));
        }
        var response = ProcessingResponse.newBuilder()
                .setRequestBody(BodyResponse.newBuilder().setResponse(common));
        return withDestination(response, route).build();
    }

    /** Answers the header of an answer: with some fields for the client, else it goes on as it is. */
    static ProcessingResponse responseHeaders(Map<String, String> told) {
        if (told.isEmpty()) {
            return RESPONSE_HEADERS;
        }
        var mutation = HeaderMutation.newBuilder();
        told.forEach((name, value) -> mutation.addSetHeaders(field(name, value)));
        return ProcessingResponse.newBuilder()
                .setResponseHeaders(HeadersResponse.newBuilder()
                        .setResponse(CommonResponse.newBuilder().setHeaderMutation(mutation)))
                .build();
    }

    private static CommonResponse.Builder common(Route route) {
        var mutation = HeaderMutation.newBuilder().addAllRemoveHeaders(route.removed);
        if (route.destination != null) {
            mutation.addSetHeaders(field(PickerHeaders.DESTINATION, route.destination));
        }
        if (route.requestId != null) {
            mutation.addSetHeaders(field(PickerHeaders.REQUEST_ID, route.requestId));
        }
        if (route.trace != null) {
            mutation.addSetHeaders(field(PickerHeaders.TRACE_PARENT, TraceParent.of(route.trace)));
        }
        if (route.length >= 0) {
            mutation.addSetHeaders(field(PickerHeaders.CONTENT_LENGTH, Integer.toString(route.length)));
        }
        return CommonResponse.newBuilder().setClearRouteCache(true).setHeaderMutation(mutation);
    }

    private static ProcessingResponse.Builder withDestination(ProcessingResponse.Builder response, Route route) {
        if (route.destination != null) {
            var inner = Struct.newBuilder().putFields(PickerHeaders.DESTINATION, text(route.destination));
            response.setDynamicMetadata(Struct.newBuilder()
                    .putFields(
                            PickerHeaders.LB_NAMESPACE,
                            Value.newBuilder().setStructValue(inner).build()));
        }
        return response;
    }

    private static Value text(String text) {
        return Value.newBuilder().setStringValue(text).build();
    }

    /** Sends a body on, in as few pieces as gateways take: each costs a message here and there. */
    static void requestBody(List<ByteString> pieces, boolean last, GrpcStream to) {
        if (last || !pieces.isEmpty()) {
            requestBody(ByteString.copyFrom(pieces), last, to);
        }
    }

    /** Sends a piece of a request's body on. */
    static void requestBody(ByteString piece, boolean last, GrpcStream to) {
        int at = 0;
        while (piece.size() - at > LARGEST_PIECE) {
            to.send(requestPiece(piece.substring(at, at + LARGEST_PIECE), false));
            at += LARGEST_PIECE;
        }
        to.send(requestPiece(at == 0 ? piece : piece.substring(at), last));
    }

    /** Sends a piece of an answer's body on. */
    static void responseBody(ByteString piece, boolean last, GrpcStream to) {
        int at = 0;
        while (piece.size() - at > LARGEST_PIECE) {
            to.send(responsePiece(piece.substring(at, at + LARGEST_PIECE), false));
            at += LARGEST_PIECE;
        }
        to.send(responsePiece(at == 0 ? piece : piece.substring(at), last));
    }

    private static ProcessingResponse requestPiece(ByteString piece, boolean last) {
        return ProcessingResponse.newBuilder()
                .setRequestBody(streamed(piece, last))
                .build();
    }

    private static ProcessingResponse responsePiece(ByteString piece, boolean last) {
        return ProcessingResponse.newBuilder()
                .setResponseBody(streamed(piece, last))
                .build();
    }

    private static BodyResponse streamed(ByteString piece, boolean last) {
        var streamed = StreamedBodyResponse.newBuilder().setBody(piece).setEndOfStream(last);
        var mutation = BodyMutation.newBuilder().setStreamedResponse(streamed);
        return BodyResponse.newBuilder()
                .setResponse(CommonResponse.newBuilder().setBodyMutation(mutation))
                .build();
    }

    /** An answer of our own in place of an engine's. */
    static ProcessingResponse immediate(Answer answer, String requestId, String details) {
        var fields = HeaderMutation.newBuilder()
                .addSetHeaders(field(PickerHeaders.CONTENT_TYPE, "application/json"))
                .addSetHeaders(field(PickerHeaders.REQUEST_ID, requestId));
        answer.headers().forEach((name, value) -> fields.addSetHeaders(field(name, value)));
        return ProcessingResponse.newBuilder()
                .setImmediateResponse(ImmediateResponse.newBuilder()
                        .setStatus(HttpStatus.newBuilder().setCode(answer.status()))
                        .setHeaders(fields)
                        .setBody(UnsafeByteOperations.unsafeWrap(answer.json()))
                        .setDetails(details))
                .build();
    }

    private static HeaderValueOption field(String name, String value) {
        return HeaderValueOption.newBuilder()
                .setHeader(HeaderValue.newBuilder().setKey(name).setRawValue(ByteString.copyFromUtf8(value)))
                .setAppendAction(HeaderAppendAction.OVERWRITE_IF_EXISTS_OR_ADD)
                .build();
    }
}
