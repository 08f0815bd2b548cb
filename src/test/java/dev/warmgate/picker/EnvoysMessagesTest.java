package dev.warmgate.picker;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.Parser;
import dev.warmgate.door.Answer;
import dev.warmgate.door.Refusals;
import dev.warmgate.picker.proto.ProcessingRequest;
import dev.warmgate.picker.proto.ProcessingResponse;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Our part of the protocol against Envoy's own classes of all of it. */
class EnvoysMessagesTest {
    private static final int MESSAGES = 300;
    private static final int DEEPEST = 6;

    private static final Message OUR_REQUEST = ProcessingRequest.getDefaultInstance();
    private static final Message OUR_RESPONSE = ProcessingResponse.getDefaultInstance();
    private static final Message ENVOYS_REQUEST =
            io.envoyproxy.envoy.service.ext_proc.v3.ProcessingRequest.getDefaultInstance();
    private static final Message ENVOYS_RESPONSE =
            io.envoyproxy.envoy.service.ext_proc.v3.ProcessingResponse.getDefaultInstance();

    @Test
    void everyFieldIsOneOfEnvoys() {
        var seen = new HashSet<Descriptor>();
        compare(OUR_REQUEST.getDescriptorForType(), ENVOYS_REQUEST.getDescriptorForType(), seen);
        compare(OUR_RESPONSE.getDescriptorForType(), ENVOYS_RESPONSE.getDescriptorForType(), seen);
        assertThat(seen).hasSizeGreaterThan(20);
    }

    private static void compare(Descriptor ours, Descriptor envoys, Set<Descriptor> seen) {
        if (!seen.add(ours)) {
            return;
        }
        for (var field : ours.getFields()) {
            String name = ours.getFullName() + "." + field.getName();
            var original = envoys.findFieldByNumber(field.getNumber());
            assertThat(original).as(name).isNotNull();
            assertThat(original.getName()).isEqualTo(field.getName());
            assertThat(onTheWire(original)).as(name).isEqualTo(onTheWire(field));
            assertThat(original.isRepeated()).as(name).isEqualTo(field.isRepeated());
            assertThat(original.getContainingOneof() == null).as(name).isEqualTo(field.getContainingOneof() == null);
            switch (field.getJavaType()) {
                case MESSAGE -> compare(field.getMessageType(), original.getMessageType(), seen);
                case ENUM -> {
                    for (var value : field.getEnumType().getValues()) {
                        assertThat(numbered(original, value.getNumber())).isEqualTo(value.getName());
                    }
                }
                case BOOLEAN, BYTE_STRING, DOUBLE, FLOAT, INT, LONG, STRING -> {}
            }
        }
    }

    /** Envoy's list of HTTP statuses is a plain number to us, which is the same on the wire. */
    private static FieldDescriptor.Type onTheWire(FieldDescriptor field) {
        var type = field.getType();
        return type == FieldDescriptor.Type.ENUM ? FieldDescriptor.Type.INT32 : type;
    }

    private static String numbered(FieldDescriptor field, int number) {
        return field.getEnumType().findValueByNumber(number).getName();
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void whatWeWriteEnvoyReads(long seed) throws Exception {
        var random = new Random(seed);
        for (int i = 0; i < MESSAGES; i++) {
            roundTrip(random(OUR_RESPONSE, random, 0), ENVOYS_RESPONSE.getParserForType());
            roundTrip(random(OUR_REQUEST, random, 0), ENVOYS_REQUEST.getParserForType());
        }
    }

    /** What another side makes of a message is all of it, and the same bytes again. */
    private static void roundTrip(Message message, Parser<? extends Message> by) throws InvalidProtocolBufferException {
        var bytes = message.toByteString();
        var read = by.parseFrom(bytes);
        assertThat(isKnown(read)).as("all fields known of %s", message).isTrue();
        assertThat(read.toByteString()).as("%s", message).isEqualTo(bytes);
    }

    private static boolean isKnown(Message message) {
        return message.getUnknownFields().asMap().isEmpty()
                && message.getAllFields().entrySet().stream().allMatch(entry -> switch (entry.getKey()
                        .getJavaType()) {
                    case MESSAGE ->
                        (entry.getKey().isRepeated() ? (List<?>) entry.getValue() : List.of(entry.getValue()))
                                .stream().allMatch(value -> isKnown((Message) value));
                    case BOOLEAN, BYTE_STRING, DOUBLE, ENUM, FLOAT, INT, LONG, STRING -> true;
                });
    }

    /** Envoy's messages say more than we read: it is skipped, and nothing else is. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void whatEnvoyWritesWeReadButForWhatIsNotOurs(long seed) throws Exception {
        var random = new Random(seed);
        int more = 0;
        for (int i = 0; i < MESSAGES; i++) {
            var message = random(ENVOYS_REQUEST, random, 0);
            var read = OUR_REQUEST.getParserForType().parseFrom(message.toByteString());
            // What we do not know is kept as it came, behind what we know.
            assertThat(ENVOYS_REQUEST.getParserForType().parseFrom(read.toByteString()))
                    .as("seed %d: %s", seed, message)
                    .isEqualTo(message);
            more += isKnown(read) ? 0 : 1;
        }
        assertThat(more).isPositive();
    }

    /** What the picker really says, and what the test gateway really sends. */
    @Test
    void aWholeExchangeIsEnvoys() throws Exception {
        var route = new Replies.Route("10.0.0.1:8000,[fd00::3]:8000", "r-1", null, 17, List.of("x-llm-d-a"));
        var body = ByteString.copyFromUtf8("{}");
        for (var response : List.of(
                Replies.routed(route),
                Replies.routedByBody(route, body),
                Replies.REQUEST_HEADERS,
                Replies.REQUEST_BODY,
                Replies.REQUEST_TRAILERS,
                Replies.RESPONSE_HEADERS,
                Replies.RESPONSE_BODY,
                Replies.RESPONSE_TRAILERS,
                Replies.responseHeaders(Map.of("x-ratelimit-limit-requests", "3")),
                Replies.immediate(Answer.of(Refusals.late(), "/v1/messages"), "r-1", "warmgate_late"))) {
            roundTrip(ProcessingResponse.parseFrom(response), ENVOYS_RESPONSE.getParserForType());
            assertThat(ProcessingResponse.parseFrom(response).toByteArray()).isEqualTo(response);
        }
        var routed = io.envoyproxy.envoy.service.ext_proc.v3.ProcessingResponse.parseFrom(Replies.routed(route));
        var mutation = routed.getRequestHeaders().getResponse().getHeaderMutation();
        assertThat(mutation.getRemoveHeadersList()).containsExactly("x-llm-d-a");
        assertThat(mutation.getSetHeaders(0).getHeader().getKey()).isEqualTo("x-gateway-destination-endpoint");
        assertThat(mutation.getSetHeadersList())
                .allMatch(field -> field.getAppendAction()
                        == io.envoyproxy.envoy.config.core.v3.HeaderValueOption.HeaderAppendAction
                                .OVERWRITE_IF_EXISTS_OR_ADD)
                .allMatch(field -> field.getHeader().getValue().isEmpty());
    }

    /** We read by hand what the generated classes read. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void byHandIsReadWhatTheGeneratedClassesRead(long seed) throws Exception {
        var random = new Random(seed);
        var parts = new HashSet<GatewayMessage.Part>();
        for (int i = 0; i < MESSAGES; i++) {
            byte[] bytes = random(ENVOYS_REQUEST, random, 0).toByteArray();
            var expected = ProcessingRequest.parseFrom(bytes);
            var read = GatewayMessage.read(bytes);
            parts.add(read.part());
            assertThat(describe(read)).as("seed %d: %s", seed, expected).isEqualTo(describe(expected));
        }
        assertThat(parts).hasSizeGreaterThan(4);
    }

    private static String describe(GatewayMessage message) {
        var fields = new StringBuilder();
        for (int i = 0; i < message.fields().size(); i++) {
            fields.append(message.fields().name(i))
                    .append('=')
                    .append(message.fields().value(i))
                    .append('\n');
        }
        var configuration = message.configuration();
        return message.part() + "\n" + fields + Arrays.toString(message.body().toByteArray()) + message.isLast()
                + message.observes() + message.hasMetadata() + message.metadata()
                + (configuration == null ? "" : "\n" + configuration);
    }

    private static String describe(ProcessingRequest message) {
        var headers = message.hasRequestHeaders() ? message.getRequestHeaders() : message.getResponseHeaders();
        var body = message.hasRequestBody() ? message.getRequestBody() : message.getResponseBody();
        var fields = new StringBuilder();
        for (var field : headers.getHeaders().getHeadersList()) {
            String value = field.getRawValue().isEmpty()
                    ? field.getValue()
                    : field.getRawValue().toStringUtf8();
            fields.append(field.getKey()).append('=').append(value).append('\n');
        }
        String part = message.getRequestCase() == ProcessingRequest.RequestCase.REQUEST_NOT_SET
                ? "NOTHING"
                : message.getRequestCase().toString();
        return part + "\n" + fields + Arrays.toString(body.getBody().toByteArray())
                + (headers.getEndOfStream() || body.getEndOfStream())
                + message.getObservabilityMode() + message.hasMetadataContext() + message.getMetadataContext()
                + (message.hasProtocolConfig() ? "\n" + message.getProtocolConfig() : "");
    }

    /** What is no message is refused, and nothing else happens: cut off anywhere, or with bytes changed. */
    @Test
    void damagedMessagesAreReadOrRefused() {
        var random = new Random(5);
        int refused = 0;
        for (int i = 0; i < 2 * MESSAGES; i++) {
            byte[] bytes = random(OUR_REQUEST, random, 0).toByteArray();
            if (bytes.length == 0) {
                continue;
            }
            byte[] damaged = Arrays.copyOf(bytes, random.nextBoolean() ? bytes.length : random.nextInt(bytes.length));
            for (int n = random.nextInt(4); n > 0 && damaged.length > 0; n--) {
                damaged[random.nextInt(damaged.length)] = (byte) random.nextInt();
            }
            try {
                var _ = describe(GatewayMessage.read(damaged));
            } catch (WireReader.Broken _) {
                refused++;
            }
        }
        assertThat(refused).isGreaterThan(MESSAGES / 2);
    }

    private static Message random(Message prototype, Random random, int depth) {
        var builder = prototype.newBuilderForType();
        for (var field : prototype.getDescriptorForType().getFields()) {
            // One of several that exclude each other is drawn more often, so that none is rare.
            if (random.nextInt(3) == 0 && field.getContainingOneof() == null) {
                continue;
            }
            boolean message = field.getJavaType() == FieldDescriptor.JavaType.MESSAGE;
            if (message && depth == DEEPEST) {
                continue;
            }
            if (field.isRepeated()) {
                for (int i = random.nextInt(4); i > 0; i--) {
                    builder.addRepeatedField(field, value(builder, field, random, depth));
                }
            } else if (field.getContainingOneof() == null
                    || builder.getOneofFieldDescriptor(field.getContainingOneof()) == null
                    || random.nextBoolean()) {
                builder.setField(field, value(builder, field, random, depth));
            }
        }
        return builder.build();
    }

    private static Object value(Message.Builder of, FieldDescriptor field, Random random, int depth) {
        return switch (field.getJavaType()) {
            case BOOLEAN -> random.nextBoolean();
            case INT -> random.nextInt(10) == 0 ? random.nextInt() : random.nextInt(600);
            case LONG -> random.nextLong();
            case FLOAT -> random.nextFloat();
            case DOUBLE -> random.nextGaussian();
            case STRING -> text(random);
            case BYTE_STRING -> bytes(random);
            case ENUM -> anyOf(field.getEnumType().getValues(), random);
            case MESSAGE ->
                field.isMapField()
                        ? entry(of.newBuilderForField(field), field, random, depth)
                        : random(of.newBuilderForField(field).buildPartial(), random, depth + 1);
        };
    }

    private static Message entry(Message.Builder entry, FieldDescriptor map, Random random, int depth) {
        for (var field : map.getMessageType().getFields()) {
            entry.setField(field, value(entry, field, random, depth + 1));
        }
        return entry.build();
    }

    private static EnumValueDescriptor anyOf(List<EnumValueDescriptor> values, Random random) {
        return values.get(random.nextInt(values.size()));
    }

    private static ByteString bytes(Random random) {
        var bytes = new byte[random.nextInt(40)];
        random.nextBytes(bytes);
        return ByteString.copyFrom(bytes);
    }

    private static String text(Random random) {
        return random.ints(random.nextInt(12), 0, 0x3000)
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString();
    }
}
