package dev.warmgate.router;

import dev.warmgate.router.admission.AdmissionSettings;
import dev.warmgate.router.policy.Policies;
import dev.warmgate.router.prefix.PromptBlocks;
import dev.warmgate.router.prefix.PromptHasher;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.Set;

/** A pool over endpoints that do not exist, with a clock set by hand. */
public final class Fleet {
    /** Nanoseconds. */
    public long now;

    public final Pool pool;
    public final Router router;

    /** {@code roles} of the first endpoints; the others do everything. */
    public Fleet(int endpoints, String policy, Role... roles) {
        this(endpoints, Objects.requireNonNull(Policies.create(policy)), roles);
    }

    /** The same, under a policy of one's own. */
    public Fleet(int endpoints, RoutingPolicy policy, Role... roles) {
        this(AdmissionSettings.DEFAULT, PoolSpec.DEFAULT_KV_CAPACITY_TOKENS, endpoints, policy, roles);
    }

    /** The same, with rules of admission of its own. */
    public Fleet(
            AdmissionSettings admission, long kvCapacityTokens, int endpoints, RoutingPolicy policy, Role... roles) {
        var specs = new ArrayList<EndpointSpec>();
        for (int i = 0; i < endpoints; i++) {
            specs.add(new EndpointSpec(
                    "e" + i,
                    URI.create("http://10.0.0.1:" + (8000 + i)),
                    i + 1,
                    i < roles.length ? roles[i] : Role.BOTH));
        }
        pool = new Pool(
                new PoolSpec(
                        "pool",
                        specs,
                        Set.of("m"),
                        HealthPolicy.DEFAULT,
                        kvCapacityTokens,
                        PoolSpec.DEFAULT_INDEX_BYTES),
                admission,
                policy,
                () -> now,
                new Random(7));
        router = new Router(List.of(pool));
    }

    public Endpoint endpoint(int i) {
        return pool.endpoints().get(i);
    }

    public Reservation send(PromptBlocks prompt) {
        return send(new InferenceRequest("m", prompt, -1, null));
    }

    public Reservation send(InferenceRequest request) {
        return switch (router.route(request, Set.of())) {
            case RouteResult.Routed(var reservation) -> reservation;
            case RouteResult.UnknownModel unknown -> throw new AssertionError(unknown);
            case RouteResult.Unavailable unavailable -> throw new AssertionError(unavailable);
            case RouteResult.Queued queued -> throw new AssertionError(queued);
            case RouteResult.Refused refused -> throw new AssertionError(refused);
        };
    }

    /** Returns a prompt of so many tokens, a multiple of 64; those of one session begin alike. */
    public static PromptBlocks prompt(long session, int tokens) {
        var hashes = new long[tokens / 64];
        var ends = new int[hashes.length];
        for (int k = 0; k < hashes.length; k++) {
            hashes[k] = (session * 100_000 + k) * 0x9E3779B97F4A7C15L;
            ends[k] = (k + 1) * 64;
        }
        return new PromptBlocks(hashes, ends);
    }

    /** Returns a prompt of one message per text. */
    public static PromptBlocks prompt(String... messages) {
        var hasher = new PromptHasher(1);
        for (String message : messages) {
            hasher.beginMessage("user");
            byte[] bytes = message.getBytes(StandardCharsets.UTF_8);
            hasher.text(bytes, 0, bytes.length);
            hasher.endMessage();
        }
        return hasher.finish();
    }
}
