package dev.warmgate.router.profile;

import static java.util.Objects.requireNonNull;

import dev.warmgate.router.Adapters;
import dev.warmgate.router.Endpoint;
import dev.warmgate.router.EndpointSpec;
import dev.warmgate.router.EngineLoad;
import dev.warmgate.router.Explanation;
import dev.warmgate.router.Fleet;
import dev.warmgate.router.HealthPolicy;
import dev.warmgate.router.InferenceRequest;
import dev.warmgate.router.Pool;
import dev.warmgate.router.PoolSpec;
import dev.warmgate.router.RefusalReason;
import dev.warmgate.router.Reservation;
import dev.warmgate.router.Role;
import dev.warmgate.router.RouteResult;
import dev.warmgate.router.Router;
import dev.warmgate.router.Usage;
import dev.warmgate.router.admission.AdmissionSettings;
import dev.warmgate.router.prefix.PromptBlocks;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.function.Predicate;

/** A router over endpoints {@code e0}, {@code e1}, … that do not exist, under one chain, with a clock set by hand. */
final class Bench {
    /** Nanoseconds. */
    long now = Duration.ofHours(1).toNanos();

    final PluginChain chain;
    final Pool pool;
    final Router router;

    Bench(ChainSpec spec, List<Map<String, String>> labels) {
        this(spec, labels, PoolSpec.DEFAULT_KV_CAPACITY_TOKENS);
    }

    /** The same, with endpoints whose KV caches hold so many tokens. */
    Bench(ChainSpec spec, List<Map<String, String>> labels, long kvTokens) {
        chain = new PluginChain(spec);
        var endpoints = new ArrayList<EndpointSpec>();
        for (var some : labels) {
            int i = endpoints.size();
            var address = URI.create("http://10.0.0." + (i + 1) + ":8000");
            endpoints.add(new EndpointSpec("e" + i, address, 1, Role.BOTH, some));
        }
        var health = HealthPolicy.DEFAULT;
        var poolSpec =
                new PoolSpec("pool", endpoints, Set.of("m", "adapter"), health, kvTokens, PoolSpec.DEFAULT_INDEX_BYTES);
        pool = new Pool(poolSpec, chain, () -> now, new Random(7));
        router = new Router(List.of(pool));
        // No slow start any more.
        now += Duration.ofHours(1).toNanos();
    }

    /** Endpoints without labels under one profile. */
    static Bench of(int endpoints, List<Filter.Named> filters, Scorer.Weighted... scorers) {
        return new Bench(chain(filters, scorers), unlabelled(endpoints));
    }

    static List<Map<String, String>> unlabelled(int endpoints) {
        var labels = new ArrayList<Map<String, String>>();
        for (int i = 0; i < endpoints; i++) {
            labels.add(Map.of());
        }
        return labels;
    }

    static ChainSpec chain(List<Filter.Named> filters, Scorer.Weighted... scorers) {
        return chain(Picker.MAX_SCORE, filters, scorers);
    }

    static ChainSpec chain(Picker picker, List<Filter.Named> filters, Scorer.Weighted... scorers) {
        var profile = new SchedulingProfile("default", filters, List.of(scorers), picker);
        return new ChainSpec(
                "epp:test",
                List.of(profile),
                new ProfileHandler.Single(),
                ApproximatePrefix.DEFAULT,
                InFlightLoad.DEFAULT);
    }

    static Scorer.Weighted scorer(String name, Scorer scorer) {
        return new Scorer.Weighted(name, scorer, 1);
    }

    static InferenceRequest request(PromptBlocks prompt) {
        return new InferenceRequest("m", prompt, -1, null);
    }

    static InferenceRequest request(Map<String, String> hints) {
        return request(PromptBlocks.EMPTY).hinted(hints);
    }

    /** Lets the other endpoints leave. */
    void keepOnly(Predicate<String> names) {
        var staying = pool.endpoints().stream()
                .map(Endpoint::spec)
                .filter(spec -> names.test(spec.name()))
                .toList();
        pool.reconfigure(
                new PoolSpec(
                        "pool",
                        staying,
                        Set.of("m"),
                        HealthPolicy.DEFAULT,
                        PoolSpec.DEFAULT_KV_CAPACITY_TOKENS,
                        PoolSpec.DEFAULT_INDEX_BYTES),
                AdmissionSettings.DEFAULT,
                chain);
    }

    Endpoint endpoint(int i) {
        return pool.endpoints().get(i);
    }

    /** What an engine tells now. */
    void load(int i, int running, int waiting, double kvUsage) {
        endpoint(i).engineLoad(new EngineLoad(now, running, waiting, kvUsage, -1, -1, -1));
    }

    void adapters(int i, Adapters adapters) {
        endpoint(i).engineLoad(new EngineLoad(now, 0, 0, 0, -1, -1, -1, adapters));
    }

    RouteResult route(InferenceRequest request) {
        return router.route(request, Set.of());
    }

    Reservation send(InferenceRequest request) {
        return ((RouteResult.Routed) route(request)).reservation();
    }

    /** Lets an endpoint have a prompt, and answer it. */
    void serve(int i, PromptBlocks prompt) {
        var _ = answered(sendTo(i, prompt));
    }

    /** Books a request at an endpoint. */
    Reservation sendTo(int i, PromptBlocks prompt) {
        return send(request(prompt).onlyTo(endpoint -> endpoint == endpoint(i)));
    }

    /** Decides, ends the request at once, and tells why. */
    Explanation explain(InferenceRequest request) {
        return requireNonNull(answered(send(request.explained())).decision().explanation(), "explanation");
    }

    private static Reservation answered(Reservation reservation) {
        reservation.firstToken();
        reservation.settle(Usage.UNKNOWN);
        return reservation;
    }

    /** The totals of those that filters leave, by endpoint. */
    Map<String, Double> totals(InferenceRequest request) {
        return totals(explain(request));
    }

    private Map<String, Double> totals(Explanation explanation) {
        var totals = new LinkedHashMap<String, Double>();
        for (var endpoint : pool.endpoints()) {
            for (var candidate : explanation.candidates()) {
                if (candidate.endpoint().equals(endpoint.name()) && candidate.rated()) {
                    totals.put(
                            candidate.endpoint(),
                            requireNonNull(candidate.score(), "score").total());
                }
            }
        }
        return totals;
    }

    /** Those that filters leave; none if the request is refused. */
    List<String> left(InferenceRequest request) {
        return switch (route(request.explained())) {
            case RouteResult.Routed(var reservation) ->
                List.copyOf(
                        totals(requireNonNull(answered(reservation).decision().explanation(), "explanation"))
                                .keySet());
            case RouteResult.Refused(var reason, var _, var _) when reason == RefusalReason.FILTERED -> List.of();
            case RouteResult other -> throw new AssertionError(other);
        };
    }

    static PromptBlocks prompt(long session, int tokens) {
        return Fleet.prompt(session, tokens);
    }
}
