package dev.warmgate.picker.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import com.google.protobuf.MessageLite;
import dev.warmgate.picker.proto.HttpBody;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.Status;
import io.grpc.netty.NettyChannelBuilder;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Our server and the official client. */
class GrpcServerTest {
    private final EchoServer echo = new EchoServer();
    private final List<ManagedChannel> channels = new ArrayList<>();

    /** Bytes as they are. */
    private static final MethodDescriptor.Marshaller<byte[]> BYTES = new MethodDescriptor.Marshaller<>() {
        @Override
        public InputStream stream(byte[] value) {
            return new ByteArrayInputStream(value);
        }

        @Override
        public byte[] parse(InputStream stream) {
            try {
                return stream.readAllBytes();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    };

    private static final class Call extends ClientCall.Listener<byte[]> {
        private final ClientCall<byte[], byte[]> call;
        private final ConcurrentLinkedQueue<byte[]> answers = new ConcurrentLinkedQueue<>();
        private final CompletableFuture<Status> end = new CompletableFuture<>();

        Call(ManagedChannel channel, String path, CallOptions options, int wanted) {
            call = channel.newCall(
                    MethodDescriptor.<byte[], byte[]>newBuilder()
                            .setType(MethodType.BIDI_STREAMING)
                            .setFullMethodName(path)
                            .setRequestMarshaller(BYTES)
                            .setResponseMarshaller(BYTES)
                            .build(),
                    options);
            call.start(this, new Metadata());
            if (wanted > 0) {
                call.request(wanted);
            }
        }

        @Override
        public void onMessage(byte[] message) {
            answers.add(message);
        }

        @Override
        public void onClose(Status status, Metadata trailers) {
            end.complete(status);
        }

        Status ends() throws Exception {
            return end.get(20, TimeUnit.SECONDS);
        }

        void answered(int count) {
            await().atMost(Duration.ofSeconds(20)).until(() -> answers.size() == count);
        }
    }

    private Call call() {
        return call(connect(1 << 20), Integer.MAX_VALUE);
    }

    private Call call(ManagedChannel channel, int wanted) {
        return new Call(channel, EchoServer.PATH, CallOptions.DEFAULT, wanted);
    }

    private ManagedChannel connect(int window) {
        var channel = NettyChannelBuilder.forAddress("127.0.0.1", echo.port())
                .usePlaintext()
                .flowControlWindow(window)
                .maxInboundMessageSize(10 << 20)
                .executor(Executors.newVirtualThreadPerTaskExecutor())
                .build();
        channels.add(channel);
        return channel;
    }

    @AfterEach
    void close() {
        channels.forEach(ManagedChannel::shutdownNow);
        await().atMost(Duration.ofSeconds(20)).until(() -> echo.open.get() == 0);
        echo.close();
    }

    private static byte[] bytes(int length, int seed) {
        var bytes = new byte[length];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }

    private static byte[] echoOf(byte[] sent) {
        MessageLite body =
                HttpBody.newBuilder().setBody(ByteString.copyFrom(sent)).build();
        return body.toByteArray();
    }

    @ParameterizedTest
    @ValueSource(ints = {16 << 10, 64 << 10, 4 << 20})
    void messagesOfAllSizesComeBackInOrderWhateverTheWindow(int window) throws Exception {
        var call = call(connect(window), Integer.MAX_VALUE);
        var sent = new ArrayList<byte[]>();
        for (int length : new int[] {0, 1, 4_091, 16_379, 16_380, 70_000, 300_000, 1_500_000, 3, 0}) {
            sent.add(bytes(length, length));
            call.call.sendMessage(sent.getLast());
        }
        call.call.halfClose();
        assertThat(call.ends().getCode()).isEqualTo(Status.Code.OK);
        assertThat(call.answers).hasSize(sent.size());
        for (byte[] message : sent) {
            assertThat(call.answers.poll()).isEqualTo(echoOf(message));
        }
    }

    @Test
    void aCallerThatTakesNothingIsNotReadOnAndLosesNothing() throws Exception {
        var call = call(connect(64 << 10), 0);
        byte[] message = bytes(100_000, 1);
        for (int i = 0; i < 100; i++) {
            call.call.sendMessage(message);
        }
        call.call.halfClose();
        await().atMost(Duration.ofSeconds(20)).until(() -> echo.heard.get() > 0);
        var other = call();
        other.call.sendMessage(message);
        other.answered(1);
        other.call.halfClose();
        assertThat(other.ends()).extracting(Status::getCode).isEqualTo(Status.Code.OK);
        // The window of 64 KiB, then some more behind it.
        assertThat(echo.heard.get()).isLessThan(10);
        call.call.request(Integer.MAX_VALUE);
        assertThat(call.ends()).extracting(Status::getCode).isEqualTo(Status.Code.OK);
        assertThat(call.answers).hasSize(100).allMatch(answer -> answer.length == echoOf(message).length);
    }

    @Test
    void manyStreamsShareAConnection() throws Exception {
        var channel = connect(64 << 10);
        var calls = new ArrayList<Call>();
        for (int i = 0; i < 200; i++) {
            calls.add(call(channel, Integer.MAX_VALUE));
        }
        for (int round = 0; round < 3; round++) {
            for (int i = 0; i < calls.size(); i++) {
                calls.get(i).call.sendMessage(bytes(3_000, i));
            }
        }
        for (int i = 0; i < calls.size(); i += 2) {
            calls.get(i).call.halfClose();
        }
        for (int i = 0; i < calls.size(); i++) {
            var call = calls.get(i);
            call.answered(3);
            assertThat(call.answers.peek()).isEqualTo(echoOf(bytes(3_000, i)));
            if (i % 2 == 0) {
                assertThat(call.ends().isOk()).isTrue();
            } else {
                call.call.cancel("enough", null);
            }
        }
        await().atMost(Duration.ofSeconds(20)).until(() -> echo.cancelled.get() == 100);
    }

    @Test
    void whatCannotBeServedIsRefusedWithAReason() throws Exception {
        assertEnds(sending(call(), new byte[EchoServer.MAX_MESSAGE + 1]), Status.Code.RESOURCE_EXHAUSTED, "at most");
        var zipped = new Call(
                connect(1 << 20), EchoServer.PATH, CallOptions.DEFAULT.withCompression("gzip"), Integer.MAX_VALUE);
        zipped.call.setMessageCompression(true);
        assertEnds(sending(zipped, bytes(100, 1)), Status.Code.UNIMPLEMENTED, "compressed");
        var unknown = new Call(connect(1 << 20), "test.Echo/Other", CallOptions.DEFAULT, 1);
        assertEnds(unknown, Status.Code.UNIMPLEMENTED, "/test.Echo/Other");
    }

    private static Call sending(Call call, byte[] message) {
        call.call.sendMessage(message);
        return call;
    }

    private static void assertEnds(Call call, Status.Code code, String why) throws Exception {
        var status = call.ends();
        assertThat(status.getCode()).isEqualTo(code);
        @Nullable String description = status.getDescription();
        assertThat(description).contains(why);
    }

    @Test
    void drainingEndsNoStreamAndBeginsNone() throws Exception {
        var channel = connect(1 << 20);
        var before = call(channel, Integer.MAX_VALUE);
        before.call.sendMessage(bytes(10, 1));
        before.answered(1);
        try (var other = Executors.newSingleThreadExecutor()) {
            var drained = other.submit(() -> echo.server.drain(Duration.ofSeconds(20)));
            await().atMost(Duration.ofSeconds(20))
                    .until(() -> call(connect(1 << 20), 1).ends().getCode().equals(Status.Code.UNAVAILABLE));
            before.call.sendMessage(bytes(10, 2));
            before.answered(2);
            assertThat(drained.isDone()).isFalse();
            before.call.halfClose();
            assertThat(before.ends().isOk()).isTrue();
            assertThat(drained.get(20, TimeUnit.SECONDS)).isTrue();
        }
    }

    @Test
    void closingCancelsWhatIsOpen() {
        var call = call();
        call.call.sendMessage(bytes(10, 1));
        call.answered(1);
        assertThat(echo.server.drain(Duration.ofMillis(50))).isFalse();
        echo.server.close();
        assertThat(echo.cancelled.get()).isEqualTo(1);
    }
}
