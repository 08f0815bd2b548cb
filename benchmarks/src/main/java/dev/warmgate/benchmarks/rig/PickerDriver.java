package dev.warmgate.benchmarks.rig;

import com.google.protobuf.ByteString;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import dev.warmgate.picker.proto.BodySendMode;
import dev.warmgate.picker.proto.HeaderMap;
import dev.warmgate.picker.proto.HeaderValue;
import dev.warmgate.picker.proto.HttpBody;
import dev.warmgate.picker.proto.HttpHeaders;
import dev.warmgate.picker.proto.Metadata;
import dev.warmgate.picker.proto.ProcessingRequest;
import dev.warmgate.picker.proto.ProcessingResponse;
import dev.warmgate.picker.proto.ProtocolConfiguration;
import io.netty.channel.EventLoop;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;

/**
 * A gateway's side of the endpoint picker's protocol: bodies in both directions as {@code FULL_DUPLEX_STREAMED} has them,
 * in pieces of 16 KiB, each request's header and body at once, the answer's after the picker has let the body pass, and
 * the endpoint that served as the picker named it. Confined to its event loop where nothing else is said.
 */
final class PickerDriver {
    /**
     * @param calls how many requests are in flight at once at most
     * @param rate requests a second that come at random moments, or 0 for as many as are answered
     * @param bytes the size of a request's body
     * @param events in how many pieces the answer comes
     * @param gap the time between two of them
     * @param aborted share of requests that are given up at a random moment
     * @param hold whether answers stop after their first piece until the driver is closed
     */
    record Plan(
            int calls,
            double rate,
            Duration duration,
            int bytes,
            int events,
            Duration gap,
            double aborted,
            boolean hold) {}

    /**
     * @param placed from the moment when a request was due to the answer that names an endpoint, in nanoseconds
     * @param given given up on purpose
     */
    record Result(long done, long given, long bad, double seconds, Histogram placed) {}

    private static final int PIECE = 16 << 10;
    private static final int CONVERSATIONS = 256;
    private static final int CONNECTIONS = 4;
    private static final Duration PATIENCE = Duration.ofSeconds(5);
    private static final String DESTINATION = "x-gateway-destination-endpoint";

    private static final ByteString EVENT =
            ByteString.copyFromUtf8("data: {\"id\":\"chatcmpl-1\",\"object\":\"chat.completion.chunk\","
                    + "\"created\":1700000000,\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":"
                    + "{\"content\":\"word \"},\"logprobs\":null,\"finish_reason\":null}]}\n\n");
    private static final ByteString LAST_EVENT =
            ByteString.copyFromUtf8("data: {\"id\":\"chatcmpl-1\",\"object\":\"chat.completion.chunk\","
                    + "\"created\":1700000000,\"model\":\"m\",\"choices\":[],\"usage\":{\"prompt_tokens\":1000,"
                    + "\"completion_tokens\":18,\"total_tokens\":1018}}\n\ndata: [DONE]\n\n");
    private static final ByteString WHOLE =
            ByteString.copyFromUtf8("{\"id\":\"chatcmpl-1\",\"object\":\"chat.completion\",\"created\":1700000000,"
                    + "\"model\":\"m\",\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":\""
                    + "word ".repeat(60)
                    + "\"},\"finish_reason\":\"stop\"}],\"usage\":{\"prompt_tokens\":1000,\"completion_tokens\":60,"
                    + "\"total_tokens\":1060,\"prompt_tokens_details\":{\"cached_tokens\":900}}}");

    private final EventLoop loop;
    private final Plan plan;
    private final List<PickerLine> lines = new ArrayList<>();
    private final List<ByteString> before = new ArrayList<>();
    private final ByteString after;
    private final SplittableRandom random = new SplittableRandom(1);
    private final ArrayDeque<Long> waiting = new ArrayDeque<>();
    private final List<Call> held = new ArrayList<>();
    private final CompletableFuture<Result> finished = new CompletableFuture<>();
    private final Histogram placed = new Histogram(TimeUnit.MINUTES.toNanos(10), 3);

    private long began;
    private long ends;
    private double next;
    private long sent;
    private int inFlight;
    private long done;
    private long given;
    private long bad;

    PickerDriver(EventLoop loop, int port, Plan plan) {
        this.loop = loop;
        this.plan = plan;
        var turns = Turns.of(plan.bytes, CONVERSATIONS, plan.events > 1);
        turns.before().forEach(text -> before.add(ByteString.copyFromUtf8(text)));
        after = ByteString.copyFromUtf8(turns.after());
        for (int i = 0; i < CONNECTIONS; i++) {
            lines.add(PickerLine.open(loop, port));
        }
    }

    /** Sends requests as planned and waits for their ends; from another thread. */
    Result run() {
        loop.execute(this::begin);
        return finished.join();
    }

    /** Gives up what is held and closes the connections; from another thread. */
    void close() {
        loop.submit(() -> {
                    List.copyOf(held).forEach(Call::giveUp);
                    loop.execute(() -> lines.forEach(PickerLine::close)); // after what giving up has sent
                })
                .syncUninterruptibly();
    }

    private void begin() {
        began = System.nanoTime();
        ends = began + plan.duration.toNanos();
        if (plan.rate > 0) {
            next = began;
            tick();
        } else {
            for (int i = 0; i < plan.calls; i++) {
                send(began);
            }
        }
        var _ = loop.schedule(this::stopped, plan.duration.toNanos(), TimeUnit.NANOSECONDS);
    }

    private void tick() {
        long now = System.nanoTime();
        while (next <= now && next < ends) {
            if (inFlight < plan.calls) {
                send((long) next);
            } else {
                waiting.add((long) next);
            }
            next += -Math.log(1 - random.nextDouble()) * 1e9 / plan.rate;
        }
        if (next < ends) {
            var _ = loop.schedule(this::tick, (long) (next - now), TimeUnit.NANOSECONDS);
        }
    }

    private void stopped() {
        if (inFlight == held.size()) {
            finish();
        } else {
            var _ = loop.schedule(this::finish, PATIENCE.toNanos(), TimeUnit.NANOSECONDS);
        }
    }

    private void finish() {
        if (!finished.isDone()) {
            bad += inFlight - held.size();
            finished.complete(new Result(done, given, bad, (System.nanoTime() - began) / 1e9, placed));
        }
    }

    private void send(long due) {
        inFlight++;
        new Call(due).begin();
    }

    private void ended() {
        inFlight--;
        long now = System.nanoTime();
        if (now - ends < 0) {
            if (plan.rate == 0) {
                send(now);
            } else if (!waiting.isEmpty()) {
                send(waiting.poll());
            }
        } else if (inFlight == held.size()) {
            finish();
        }
    }

    /** One request. */
    private final class Call implements PickerLine.Listener {
        private final PickerLine.Call call;
        private final long due;

        /** At which message from the picker it is given up; -1 for never. */
        private final int until;

        private String destination = "";
        private int heard;
        private int events;
        private boolean good;
        private boolean over;

        Call(long due) {
            this.due = due;
            call = lines.get((int) (sent % CONNECTIONS)).call(this);
            until = random.nextDouble() < plan.aborted ? random.nextInt(plan.events + 4) : -1;
        }

        private void begin() {
            call.send(head());
            var body = before.get((int) (sent % CONVERSATIONS))
                    .concat(ByteString.copyFromUtf8(Turns.number(sent)))
                    .concat(after);
            sent++;
            for (int at = 0; at < body.size(); at += PIECE) {
                int to = Math.min(body.size(), at + PIECE);
                call.send(ProcessingRequest.newBuilder()
                        .setRequestBody(HttpBody.newBuilder()
                                .setBody(body.substring(at, to))
                                .setEndOfStream(to == body.size()))
                        .build());
            }
            if (until == 0) {
                giveUp();
            }
        }

        private ProcessingRequest head() {
            return ProcessingRequest.newBuilder()
                    .setRequestHeaders(HttpHeaders.newBuilder()
                            .setHeaders(HeaderMap.newBuilder()
                                    .addHeaders(field(":method", "POST"))
                                    .addHeaders(field(":path", "/v1/chat/completions"))
                                    .addHeaders(field(":scheme", "http"))
                                    .addHeaders(field(":authority", "gateway"))
                                    .addHeaders(field("user-agent", "rig"))
                                    .addHeaders(field("accept", "*/*"))
                                    .addHeaders(field("content-type", "application/json"))
                                    .addHeaders(field("content-length", Integer.toString(plan.bytes)))
                                    .addHeaders(field("x-forwarded-proto", "http"))
                                    .addHeaders(field("x-request-id", "r-" + sent))))
                    .setProtocolConfig(ProtocolConfiguration.newBuilder()
                            .setRequestBodyMode(BodySendMode.FULL_DUPLEX_STREAMED)
                            .setResponseBodyMode(BodySendMode.FULL_DUPLEX_STREAMED))
                    .build();
        }

        @Override
        public void message(ProcessingResponse message) {
            if (over) {
                return;
            }
            heard++;
            if (heard == until) {
                giveUp();
                return;
            }
            switch (message.getResponseCase()) {
                case REQUEST_HEADERS -> {
                    placed.recordValue(Math.min(System.nanoTime() - due, placed.getHighestTrackableValue()));
                    var fields = message.getDynamicMetadata().getFieldsOrThrow("envoy.lb");
                    destination = fields.getStructValue()
                            .getFieldsOrThrow(DESTINATION)
                            .getStringValue();
                }
                case REQUEST_BODY -> {
                    var mutation = message.getRequestBody().getResponse().getBodyMutation();
                    if (mutation.getStreamedResponse().getEndOfStream()) {
                        answer();
                    }
                }
                case RESPONSE_HEADERS, RESPONSE_TRAILERS, REQUEST_TRAILERS -> {}
                case RESPONSE_BODY -> {
                    var mutation = message.getResponseBody().getResponse().getBodyMutation();
                    if (mutation.getStreamedResponse().getEndOfStream()) {
                        good = true;
                        call.end();
                    }
                }
                case IMMEDIATE_RESPONSE, RESPONSE_NOT_SET -> {}
            }
        }

        private void answer() {
            var served = Struct.newBuilder()
                    .putFields(
                            DESTINATION + "-served",
                            Value.newBuilder().setStringValue(destination).build());
            call.send(ProcessingRequest.newBuilder()
                    .setResponseHeaders(HttpHeaders.newBuilder()
                            .setHeaders(HeaderMap.newBuilder()
                                    .addHeaders(field(":status", "200"))
                                    .addHeaders(field(
                                            "content-type",
                                            plan.events > 1 ? "text/event-stream" : "application/json"))))
                    .setMetadataContext(Metadata.newBuilder().putFilterMetadata("envoy.lb", served.build()))
                    .build());
            event();
        }

        private void event() {
            if (over) {
                return;
            }
            events++;
            boolean last = events == plan.events;
            call.send(ProcessingRequest.newBuilder()
                    .setResponseBody(HttpBody.newBuilder()
                            .setBody(plan.events == 1 ? WHOLE : last ? LAST_EVENT : EVENT)
                            .setEndOfStream(last))
                    .build());
            if (plan.hold) {
                held.add(this);
            } else if (!last) {
                var _ = loop.schedule(this::event, plan.gap.toNanos(), TimeUnit.NANOSECONDS);
            }
        }

        private void giveUp() {
            over = true;
            call.cancel();
            given++;
            held.remove(this);
            ended();
        }

        @Override
        public void closed(boolean well) {
            over = true;
            if (good && well) {
                done++;
            } else {
                bad++;
            }
            held.remove(this);
            ended();
        }
    }

    private static HeaderValue field(String name, String value) {
        return HeaderValue.newBuilder()
                .setKey(name)
                .setRawValue(ByteString.copyFromUtf8(value))
                .build();
    }
}
