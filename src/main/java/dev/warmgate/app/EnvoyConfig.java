package dev.warmgate.app;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;

/** The configuration of an Envoy in front of simulated servers; {@code demo-envoy.yaml} beside this class is its frame. */
final class EnvoyConfig {
    private static final String LEAST = "envoy-least-request";
    private static final String ROUND_ROBIN = "envoy-round-robin";

    /** What Envoy does by itself. */
    static final List<String> OWN_POLICIES = List.of(ROUND_ROBIN, LEAST);

    private static final String FILTER = """
            { name: envoy.filters.http.ext_proc, typed_config: {
                "@type": type.googleapis.com/envoy.extensions.filters.http.ext_proc.v3.ExternalProcessor,
                grpc_service: { envoy_grpc: { cluster_name: picker } },
                message_timeout: 3600s,
                processing_mode: { request_header_mode: SEND, request_body_mode: FULL_DUPLEX_STREAMED,
                  request_trailer_mode: SEND, response_header_mode: SEND,
                  response_body_mode: FULL_DUPLEX_STREAMED, response_trailer_mode: SEND },
                metadata_options: { receiving_namespaces: { untyped: [envoy.lb] },
                  forwarding_namespaces: { untyped: [envoy.lb] } } } }""";

    private static final String FOLLOWS = """
            load_balancing_policy: { policies: [{ typed_extension_config: {
                name: envoy.load_balancing_policies.override_host, typed_config: {
                  "@type": type.googleapis.com/envoy.extensions.load_balancing_policies.override_host.v3.OverrideHost,
                  override_host_sources: [{ metadata: { key: envoy.lb, path: [{ key: x-gateway-destination-endpoint }] } }],
                  selected_host_key: { key: envoy.lb, path: [{ key: x-gateway-destination-endpoint-served }] },
                  fallback_policy: { policies: [{ typed_extension_config: {
                    name: envoy.load_balancing_policies.round_robin, typed_config: {
                      "@type": type.googleapis.com/envoy.extensions.load_balancing_policies.round_robin.v3.RoundRobin
                    } } }] } } } }] }""";

    private static final String CLUSTER = """
            { name: picker, type: STATIC, connect_timeout: 2s,
                circuit_breakers: { thresholds: [{ max_connections: 100000, max_pending_requests: 100000, max_requests: 100000 }] },
                typed_extension_protocol_options: { envoy.extensions.upstreams.http.v3.HttpProtocolOptions: {
                  "@type": type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions,
                  explicit_http_config: { http2_protocol_options: {} } } },
                load_assignment: { cluster_name: picker, endpoints: [{ lb_endpoints: [@ADDRESS@] }] } }""";

    private EnvoyConfig() {}

    /** Returns the configuration of an Envoy that chooses by a policy of its own. */
    static String own(String policy, List<URI> endpoints) {
        String name = policy.equals(LEAST) ? "LEAST_REQUEST" : "ROUND_ROBIN";
        return frame(endpoints)
                .replace("@PICKER_FILTER@", "")
                .replace("@POLICY@", "lb_policy: " + name)
                .replace("@PICKER_CLUSTER@", "");
    }

    /** Returns the configuration of an Envoy that asks a picker. */
    static String asking(InetSocketAddress picker, List<URI> endpoints) {
        String own = endpoint(picker.getHostString(), picker.getPort());
        return frame(endpoints)
                .replace("@PICKER_FILTER@", "- " + line(FILTER))
                .replace("@POLICY@", line(FOLLOWS))
                .replace("@PICKER_CLUSTER@", "- " + line(CLUSTER.replace("@ADDRESS@", own)));
    }

    /** Flow style on one line stands anywhere in block style. */
    private static String line(String flow) {
        return flow.replaceAll("\\s*\n\\s*", " ");
    }

    private static String frame(List<URI> endpoints) {
        try (var resource =
                Objects.requireNonNull(EnvoyConfig.class.getResourceAsStream("demo-envoy.yaml"), "demo-envoy.yaml")) {
            var all = endpoints.stream()
                    .map(url -> endpoint(url.getHost(), url.getPort()))
                    .collect(Collectors.joining(", "));
            return new String(resource.readAllBytes(), UTF_8).replace("@ENDPOINTS@", all);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String endpoint(String host, int port) {
        return "{ endpoint: { address: { socket_address: { address: \"" + host + "\", port_value: " + port + " } } } }";
    }
}
