package dev.warmgate.picker;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import dev.warmgate.door.Answer;
import dev.warmgate.door.TraceParent;
import dev.warmgate.picker.grpc.GrpcStream;
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

    /** Fields of a {@code ProcessingResponse}: which part of the request or answer it answers. */
    private static final int REQUEST_HEADERS_FIELD = 1;

    private static final int REQUEST_BODY_FIELD = 3;
    private static final int RESPONSE_BODY_FIELD = 4;

    private static final CommonResponse CONTINUE = CommonResponse.getDefaultInstance();

    /** The header of a request whose destination follows with its body. */
    static final byte[] REQUEST_HEADERS = ProcessingResponse.newBuilder()
            .setRequestHeaders(HeadersResponse.newBuilder().setResponse(CONTINUE))
            .build()
            .toByteArray();

    /** A body of a request that goes on as it is. */
    static final byte[] REQUEST_BODY = ProcessingResponse.newBuilder()
            .setRequestBody(BodyResponse.newBuilder().setResponse(CONTINUE))
            .build()
            .toByteArray();

    static final byte[] REQUEST_TRAILERS = ProcessingResponse.newBuilder()
            .setRequestTrailers(TrailersResponse.getDefaultInstance())
            .build()
            .toByteArray();

    static final byte[] RESPONSE_HEADERS = ProcessingResponse.newBuilder()
            .setResponseHeaders(HeadersResponse.newBuilder().setResponse(CONTINUE))
            .build()
            .toByteArray();

    /** A body of an answer that goes on as it is. */
    static final byte[] RESPONSE_BODY = ProcessingResponse.newBuilder()
            .setResponseBody(BodyResponse.newBuilder().setResponse(CONTINUE))
            .build()
            .toByteArray();

    static final byte[] RESPONSE_TRAILERS = ProcessingResponse.newBuilder()
            .setResponseTrailers(TrailersResponse.getDefaultInstance())
            .build()
            .toByteArray();

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
    static byte[] routed(Route route) {
        var out = new ReplyWriter(768);
        destination(out, route);
        int response = out.end();
        common(out, route, null);
        out.close(REQUEST_HEADERS_FIELD, response);
        return out.toArray();
    }

    /** Answers the whole body of a request with its destination; the body is replaced unless it is null. */
    static byte[] routedByBody(Route route, @Nullable ByteString newBody) {
        var out = new ReplyWriter(768);
        destination(out, route);
        int response = out.end();
        common(out, route, newBody);
        out.close(REQUEST_BODY_FIELD, response);
        return out.toArray();
    }

    /** A {@code CommonResponse}. */
    private static void common(ReplyWriter out, Route route, @Nullable ByteString newBody) {
        int common = out.end();
        out.bool(5, true); // clear_route_cache
        if (newBody != null) {
            int mutation = out.end();
            out.value(1, newBody);
            out.close(3, mutation);
        }
        int mutation = out.end();
        for (int i = route.removed.size() - 1; i >= 0; i--) {
            out.text(2, route.removed.get(i));
        }
        if (route.length >= 0) {
            field(out, PickerHeaders.CONTENT_LENGTH, Integer.toString(route.length));
        }
        if (route.trace != null) {
            field(out, PickerHeaders.TRACE_PARENT, TraceParent.of(route.trace));
        }
        if (route.requestId != null) {
            field(out, PickerHeaders.REQUEST_ID, route.requestId);
        }
        if (route.destination != null) {
            field(out, PickerHeaders.DESTINATION, route.destination);
        }
        out.close(2, mutation);
        out.close(1, common);
    }

    /** A {@code HeaderValueOption} of a {@code HeaderMutation}. */
    private static void field(ReplyWriter out, String name, String value) {
        int option = out.end();
        out.number(3, HeaderAppendAction.OVERWRITE_IF_EXISTS_OR_ADD_VALUE);
        int header = out.end();
        out.text(3, value);
        out.text(1, name);
        out.close(1, header);
        out.close(1, option);
    }

    /** The destination as dynamic metadata: a {@code Struct} in a {@code Struct}. */
    private static void destination(ReplyWriter out, Route route) {
        if (route.destination == null) {
            return;
        }
        int metadata = out.end();
        out.text(3, route.destination); // Value.string_value
        out.close(2, metadata);
        out.text(1, PickerHeaders.DESTINATION);
        out.close(1, metadata); // an entry of the inner Struct
        out.close(5, metadata); // Value.struct_value
        out.close(2, metadata);
        out.text(1, PickerHeaders.LB_NAMESPACE);
        out.close(1, metadata);
        out.close(8, metadata); // ProcessingResponse.dynamic_metadata
    }

    /** Answers the header of an answer: with some fields for the client, else it goes on as it is. */
    static byte[] responseHeaders(Map<String, String> told) {
        if (told.isEmpty()) {
            return RESPONSE_HEADERS;
        }
        var mutation = HeaderMutation.newBuilder();
        told.forEach((name, value) -> mutation.addSetHeaders(field(name, value)));
        return ProcessingResponse.newBuilder()
                .setResponseHeaders(HeadersResponse.newBuilder()
                        .setResponse(CommonResponse.newBuilder().setHeaderMutation(mutation)))
                .build()
                .toByteArray();
    }

    /** Sends a body on, in as few pieces as gateways take: each costs a message here and there. */
    static void requestBody(List<ByteString> pieces, boolean last, GrpcStream to) {
        if (last || !pieces.isEmpty()) {
            requestBody(ByteString.copyFrom(pieces), last, to);
        }
    }

    /** Sends a piece of a request's body on. */
    static void requestBody(ByteString piece, boolean last, GrpcStream to) {
        streamed(REQUEST_BODY_FIELD, piece, last, to);
    }

    /** Sends a piece of an answer's body on. */
    static void responseBody(ByteString piece, boolean last, GrpcStream to) {
        streamed(RESPONSE_BODY_FIELD, piece, last, to);
    }

    private static void streamed(int field, ByteString body, boolean last, GrpcStream to) {
        int at = 0;
        while (body.size() - at > LARGEST_PIECE) {
            piece(field, body.substring(at, at + LARGEST_PIECE), false, to);
            at += LARGEST_PIECE;
        }
        piece(field, at == 0 ? body : body.substring(at), last, to);
    }

    /** A {@code StreamedBodyResponse} in a {@code BodyMutation} in a {@code CommonResponse} in a {@code BodyResponse}. */
    private static void piece(int field, ByteString piece, boolean last, GrpcStream to) {
        var out = new ReplyWriter(piece.size() + 48);
        out.bool(2, last);
        out.value(1, piece);
        out.close(3, 0);
        out.close(3, 0);
        out.close(1, 0);
        out.close(field, 0);
        to.send(out.array(), out.begin());
    }

    /** An answer of our own in place of an engine's. */
    static byte[] immediate(Answer answer, String requestId, String details) {
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
                .build()
                .toByteArray();
    }

    private static HeaderValueOption field(String name, String value) {
        return HeaderValueOption.newBuilder()
                .setHeader(HeaderValue.newBuilder().setKey(name).setRawValue(ByteString.copyFromUtf8(value)))
                .setAppendAction(HeaderAppendAction.OVERWRITE_IF_EXISTS_OR_ADD)
                .build();
    }
}
