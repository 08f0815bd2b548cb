package dev.warmgate.testing;

import com.sun.net.httpserver.HttpServer;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.trace.v1.Span;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.zip.GZIPInputStream;

/** A receiver of traces: OTLP over HTTP, decoded with the protocol's own classes. */
public final class TraceReceiver implements AutoCloseable {
    /** A span and what came with it, without the types of values. */
    public record Received(Span span, Map<String, Object> attributes, Map<String, Object> resource, String sender) {
        public String traceId() {
            return HexFormat.of().formatHex(span.getTraceId().toByteArray());
        }

        public String spanId() {
            return HexFormat.of().formatHex(span.getSpanId().toByteArray());
        }

        public String parentSpanId() {
            return HexFormat.of().formatHex(span.getParentSpanId().toByteArray());
        }
    }

    private final HttpServer server;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final List<Received> spans = new CopyOnWriteArrayList<>();
    private final CountDownLatch letGo;

    private TraceReceiver(boolean held) throws IOException {
        letGo = new CountDownLatch(held ? 1 : 0);
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(threads);
        server.createContext("/v1/traces", exchange -> {
            try (exchange) {
                var body = exchange.getRequestBody();
                boolean zipped = "gzip".equals(exchange.getRequestHeaders().getFirst("Content-Encoding"));
                var sent = ExportTraceServiceRequest.parseFrom(zipped ? new GZIPInputStream(body) : body);
                letGo.await();
                keep(
                        sent,
                        Optional.ofNullable(exchange.getRequestHeaders().getFirst("Authorization"))
                                .orElse(""));
                exchange.getResponseHeaders().set("Content-Type", "application/x-protobuf");
                exchange.sendResponseHeaders(200, -1);
            } catch (InterruptedException e) {
                throw new IOException(e);
            }
        });
        server.start();
    }

    public static TraceReceiver start() throws IOException {
        return new TraceReceiver(false);
    }

    /** Starts one that answers only when it is let go. */
    public static TraceReceiver held() throws IOException {
        return new TraceReceiver(true);
    }

    public void letGo() {
        letGo.countDown();
    }

    /** Returns where it is, without a path. */
    public String url() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    /** Returns what came, in order. */
    public List<Received> spans() {
        return spans;
    }

    private void keep(ExportTraceServiceRequest sent, String sender) {
        for (var ofResource : sent.getResourceSpansList()) {
            var resource = values(ofResource.getResource().getAttributesList());
            for (var ofScope : ofResource.getScopeSpansList()) {
                ofScope.getSpansList()
                        .forEach(span ->
                                spans.add(new Received(span, values(span.getAttributesList()), resource, sender)));
            }
        }
    }

    private static Map<String, Object> values(List<KeyValue> pairs) {
        var values = new TreeMap<String, Object>();
        pairs.forEach(pair -> values.put(pair.getKey(), value(pair.getValue())));
        return values;
    }

    private static Object value(AnyValue value) {
        return switch (value.getValueCase()) {
            case STRING_VALUE -> value.getStringValue();
            case BOOL_VALUE -> value.getBoolValue();
            case INT_VALUE -> value.getIntValue();
            case DOUBLE_VALUE -> value.getDoubleValue();
            default -> value.toString();
        };
    }

    @Override
    public void close() {
        letGo();
        server.stop(0);
        threads.shutdownNow();
    }
}
