package dev.warmgate.door;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Ticker;
import dev.warmgate.dialect.Dialect;
import dev.warmgate.router.Endpoint;
import dev.warmgate.router.Endpoint.Condition;
import dev.warmgate.router.Endpoint.State;
import dev.warmgate.router.prefix.XxHash64;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Which endpoint keeps what engines keep between requests: responses, conversations, files, batches. Learned from the
 * answers in which engines tell their ids.
 *
 * <p>Kept are hashes of tenant and id, at most {@value #MOST} of them (about 15 MB), each for seven days after it was last
 * asked for; those that are used least go first. What is forgotten is not lost: a request for it goes to any endpoint, as if
 * it had never been known. A tenant finds only what its own requests were told.
 *
 * <p>Any thread.
 */
public final class HeldObjects {
    /** Where batches are made. */
    public static final String BATCHES = "/v1/batches";

    private static final int MOST = 100_000;
    private static final Duration KEPT = Duration.ofDays(7);

    /** As many of a path's segments are looked at. */
    private static final int MOST_SEGMENTS = 6;

    /** For doors that see no answers: it stays empty. */
    static final HeldObjects NONE = new HeldObjects(0, 0, Ticker.systemTicker());

    private record Key(long tenant, long id) {}

    private final long secret;
    private final int most;
    private final Ticker clock;

    /** Made for the first object: a start need not wait for what it takes. */
    private volatile @Nullable Cache<Key, Endpoint> holders;

    /** Creates an empty memory; {@code secret} keys its hashes. */
    public HeldObjects(long secret) {
        this(secret, MOST, Ticker.systemTicker());
    }

    HeldObjects(long secret, int most, Ticker clock) {
        this.secret = secret;
        this.most = most;
        this.clock = clock;
    }

    /** Returns whether an engine may keep what it makes of a request, and tell the id under which it can be had. */
    public static boolean mayComeOf(Dialect dialect, String method, String path) {
        return switch (dialect) {
            case OPENAI_RESPONSES -> true;
            case OTHER -> method.equals("POST");
            case BY_MODEL -> path.equals(BATCHES);
            default -> false;
        };
    }

    /** Notes that an endpoint keeps an object of a tenant. */
    void put(String tenant, String id, Endpoint holder) {
        made().put(key(tenant, id), holder);
    }

    private synchronized Cache<Key, Endpoint> made() {
        var made = holders;
        if (made == null) {
            made = Caffeine.newBuilder()
                    .maximumSize(most)
                    .expireAfterAccess(KEPT)
                    .ticker(clock)
                    .executor(Runnable::run)
                    .build();
            holders = made;
        }
        return made;
    }

    /** Returns who keeps an object of a tenant; null if that is not known, or if its holder takes no requests any more. */
    @Nullable
    Endpoint holder(String tenant, String id) {
        var known = holders;
        var holder = known == null ? null : known.getIfPresent(key(tenant, id));
        return holder == null || isGone(holder) ? null : holder;
    }

    /** Returns who keeps the first object that a path such as {@code /v1/files/file-7/content} names, or null. */
    @Nullable
    Endpoint holderOfPath(String tenant, String path) {
        int from = path.indexOf('/', 1) + 1; // behind the API's version
        for (int i = 0; i < MOST_SEGMENTS && from > 0; i++) {
            int end = path.indexOf('/', from);
            var holder = i == 0 ? null : holder(tenant, path.substring(from, end < 0 ? path.length() : end));
            if (holder != null) {
                return holder;
            }
            from = end + 1;
        }
        return null;
    }

    /**
     * Returns whether what an endpoint keeps is out of reach for good, as far as is known: it drains, it left its pool, or
     * its process is gone. One that is only left alone for a while is not.
     */
    static boolean isGone(Endpoint holder) {
        return holder.state() != State.ACTIVE || holder.condition() == Condition.GONE;
    }

    /** Returns about how many objects are known. */
    public long size() {
        var known = holders;
        return known == null ? 0 : known.estimatedSize();
    }

    private Key key(String tenant, String id) {
        return new Key(hash(tenant), hash(id));
    }

    private long hash(String text) {
        byte[] bytes = text.getBytes(UTF_8);
        return XxHash64.hash(bytes, 0, bytes.length, secret);
    }
}
