package dev.warmgate.benchmarks.rig;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.epoll.EpollServerSocketChannel;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Model servers that compute nothing: whole answers come at once, streams in events at a fixed interval. Speaks just
 * enough of vLLM's and SGLang's HTTP that routers take it for a healthy one.
 */
final class StubEngine implements AutoCloseable {
    /** What chat requests are answered with. Of streams there are as many events as {@link #EVENTS}. */
    sealed interface Answers {
        /** All at once, after a time. */
        record Whole(long nanos) implements Answers {}

        /** Events with so much time between two. */
        record Stream(long intervalNanos) implements Answers {}

        /** One event, and then nothing until the client leaves. */
        record Hanging() implements Answers {}
    }

    static final int EVENTS = 20;

    private static final String CHUNK = """
            data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1700000000,"model":"m",\
            "choices":[{"index":0,"delta":{"content":"word "},"logprobs":null,"finish_reason":null}]}

            """;
    private static final String USAGE = """
            data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1700000000,"model":"m","choices":[],\
            "usage":{"prompt_tokens":1000,"completion_tokens":18,"total_tokens":1018}}

            """;
    private static final String DONE = "data: [DONE]\n\n";

    private static final ByteBuf WHOLE =
            json("{\"id\":\"chatcmpl-1\",\"object\":\"chat.completion\",\"created\":1700000000,"
                    + "\"model\":\"m\",\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":\""
                    + "word ".repeat(60)
                    + "\"},\"finish_reason\":\"stop\"}],\"usage\":{\"prompt_tokens\":1000,\"completion_tokens\":60,"
                    + "\"total_tokens\":1060,\"prompt_tokens_details\":{\"cached_tokens\":900}}}");
    private static final ByteBuf MODELS =
            json("{\"object\":\"list\",\"data\":[{\"id\":\"m\",\"object\":\"model\",\"owned_by\":\"vllm\"}]}");
    private static final ByteBuf INFO =
            json("{\"model_path\":\"m\",\"served_model_name\":\"m\",\"is_generation\":true}");
    /** What vLLM says of a KV cache of eight million tokens, in which all conversations fit. */
    private static final String METRICS = """
            vllm:num_requests_running{model_name="m"} 0.0
            vllm:num_requests_waiting{model_name="m"} 0.0
            vllm:cache_config_info{block_size="16",num_gpu_blocks="500000"} 1.0
            """;

    private static final ByteBuf STREAM_BEGINS = bytes("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
            + "Transfer-Encoding: chunked\r\n\r\n" + chunk(CHUNK));
    private static final ByteBuf STREAM_EVENT = bytes(chunk(CHUNK));
    private static final ByteBuf STREAM_USAGE = bytes(chunk(USAGE));
    private static final ByteBuf STREAM_ENDS = bytes(chunk(DONE) + "0\r\n\r\n");

    private final List<Channel> listening = new ArrayList<>();
    private final ByteBuf metrics;
    private Answers answers = new Answers.Whole(0);
    private long requests;

    /** Starts engines with a short page of metrics on free ports of the loopback address. */
    StubEngine(EventLoopGroup loop, int engines) {
        this(loop, engines, 0);
    }

    /** The same; the page of metrics has at least so many bytes, the rest of them histograms as real engines have. */
    StubEngine(EventLoopGroup loop, int engines, int metricsBytes) {
        metrics = page("text/plain", METRICS + histograms(metricsBytes - METRICS.length()));
        for (int i = 0; i < engines; i++) {
            listening.add(new ServerBootstrap()
                    .group(loop)
                    .channel(EpollServerSocketChannel.class)
                    .option(ChannelOption.SO_BACKLOG, 4096)
                    .childOption(ChannelOption.TCP_NODELAY, true)
                    .childHandler(new ChannelInitializer<Channel>() {
                        @Override
                        protected void initChannel(Channel channel) {
                            channel.pipeline().addLast(new Connection());
                        }
                    })
                    .bind("127.0.0.1", 0)
                    .syncUninterruptibly()
                    .channel());
        }
    }

    List<Integer> ports() {
        return listening.stream()
                .map(channel -> ((InetSocketAddress) channel.localAddress()).getPort())
                .toList();
    }

    /** Chooses how requests are answered from now on; on the event loop. */
    void answer(Answers with) {
        answers = with;
    }

    /** Returns the chat requests that came; on the event loop. */
    long requests() {
        return requests;
    }

    @Override
    public void close() {
        listening.forEach(channel -> channel.close().syncUninterruptibly());
    }

    private static String histograms(int bytes) {
        var text = new StringBuilder();
        for (int i = 0; text.length() < bytes; i++) {
            if (i % 20 == 0) {
                text.append("# HELP vllm:phase_").append(i).append("_seconds Histogram of the time of a phase.\n");
                text.append("# TYPE vllm:phase_").append(i).append("_seconds histogram\n");
            }
            text.append("vllm:phase_").append(i - i % 20).append("_seconds_bucket{engine=\"0\",le=\"");
            text.append(i % 20 * 0.25).append("\",model_name=\"m\"} ").append(i).append(".0\n");
        }
        return text.toString();
    }

    private static ByteBuf bytes(String text) {
        byte[] ascii = text.getBytes(US_ASCII);
        return Unpooled.unreleasableBuffer(Unpooled.directBuffer(ascii.length).writeBytes(ascii));
    }

    private static ByteBuf json(String text) {
        return page("application/json", text);
    }

    private static ByteBuf page(String type, String text) {
        return bytes("HTTP/1.1 200 OK\r\nServer: stub\r\nContent-Type: " + type + "\r\nContent-Length: " + text.length()
                + "\r\n\r\n" + text);
    }

    private static String chunk(String text) {
        return Integer.toHexString(text.length()) + "\r\n" + text + "\r\n";
    }

    private final class Connection extends ChannelInboundHandlerAdapter implements HttpScan.Listener {
        private final HttpScan scan = new HttpScan(false, this);
        private ChannelHandlerContext context;
        private int event;

        @Override
        public void handlerAdded(ChannelHandlerContext ctx) {
            context = ctx;
        }

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            var bytes = (ByteBuf) message;
            try {
                scan.read(bytes);
            } finally {
                bytes.release();
            }
        }

        @Override
        public void channelReadComplete(ChannelHandlerContext ctx) {
            ctx.flush();
        }

        @Override
        public void message() {
            if (scan.start().startsWith("POST /v1/chat/completions")) {
                requests++;
                switch (answers) {
                    case Answers.Whole(long nanos) -> {
                        if (nanos == 0) {
                            write(WHOLE);
                        } else {
                            var _ = context.executor()
                                    .schedule(() -> writeAndFlush(WHOLE), nanos, TimeUnit.NANOSECONDS);
                        }
                    }
                    case Answers.Stream(long interval) -> {
                        event = 1;
                        write(STREAM_BEGINS);
                        next(interval);
                    }
                    case Answers.Hanging _ -> write(STREAM_BEGINS);
                }
            } else if (scan.start().startsWith("GET /v1/models")) {
                write(MODELS);
            } else if (scan.start().startsWith("GET /metrics")) {
                write(metrics);
            } else {
                write(INFO);
            }
        }

        private void next(long interval) {
            var _ = context.executor().schedule(() -> send(interval), interval, TimeUnit.NANOSECONDS);
        }

        private void send(long interval) {
            if (!context.channel().isActive()) {
                return;
            }
            event++;
            writeAndFlush(event == EVENTS ? STREAM_ENDS : event == EVENTS - 1 ? STREAM_USAGE : STREAM_EVENT);
            if (event < EVENTS) {
                next(interval);
            }
        }

        private void write(ByteBuf answer) {
            var _ = context.write(answer.duplicate(), context.voidPromise());
        }

        private void writeAndFlush(ByteBuf answer) {
            var _ = context.writeAndFlush(answer.duplicate(), context.voidPromise());
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            var _ = ctx.close();
        }
    }
}
