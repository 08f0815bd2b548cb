package dev.warmgate.engine;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.warmgate.router.Adapters;
import dev.warmgate.router.EngineLoad;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What one metrics page says about its engine's load, in the names of every engine we know.
 *
 * <p>An endpoint may be several data-parallel ranks behind one address, each with its own series: requests, tokens and
 * cache capacity are summed, cache usage is the mean. Ranks of tensor or pipeline parallelism repeat the same facts, so
 * only rank 0 counts. Series of several model names (adapters) are summed as well.
 *
 * <p>Names as of vLLM 0.32 (and the older spelling of its cache usage), SGLang 0.5 and llama.cpp b11434. llama.cpp has
 * no labels and no cache usage, and its prompt tokens exclude cached ones, unlike the others'.
 */
final class EngineMetrics implements PrometheusText.Sink {
    private enum Fact {
        RUNNING,
        WAITING,
        KV_USAGE,
        CAPACITY_TOKENS,
        CACHE_INFO,
        PROMPT_TOKENS,
        UNCACHED_PROMPT_TOKENS,
        CACHED_TOKENS,
        ADAPTERS,
        PREFIX_HIT_TOKENS,
        PROCESS_START
    }

    private record Meaning(EngineKind engine, Fact fact) {}

    private static final Map<String, Meaning> NAMES = new HashMap<>();

    /** How they begin; a power of two, most of them empty. */
    private static final long[] BEGINNINGS = new long[128];

    static {
        name(EngineKind.VLLM, "vllm:num_requests_running", Fact.RUNNING);
        name(EngineKind.VLLM, "vllm:num_requests_waiting", Fact.WAITING);
        name(EngineKind.VLLM, "vllm:kv_cache_usage_perc", Fact.KV_USAGE);
        name(EngineKind.VLLM, "vllm:gpu_cache_usage_perc", Fact.KV_USAGE);
        name(EngineKind.VLLM, "vllm:cache_config_info", Fact.CACHE_INFO);
        name(EngineKind.VLLM, "vllm:prompt_tokens_total", Fact.PROMPT_TOKENS);
        name(EngineKind.VLLM, "vllm:prompt_tokens_cached_total", Fact.CACHED_TOKENS);
        name(EngineKind.VLLM, "vllm:prefix_cache_hits_total", Fact.PREFIX_HIT_TOKENS);
        name(EngineKind.VLLM, "vllm:lora_requests_info", Fact.ADAPTERS);
        name(EngineKind.SGLANG, "sglang:num_running_reqs", Fact.RUNNING);
        name(EngineKind.SGLANG, "sglang:num_queue_reqs", Fact.WAITING);
        name(EngineKind.SGLANG, "sglang:token_usage", Fact.KV_USAGE);
        name(EngineKind.SGLANG, "sglang:cache_config_info", Fact.CACHE_INFO);
        name(EngineKind.SGLANG, "sglang:max_total_num_tokens", Fact.CAPACITY_TOKENS);
        name(EngineKind.SGLANG, "sglang:prompt_tokens_total", Fact.PROMPT_TOKENS);
        name(EngineKind.SGLANG, "sglang:cached_tokens_total", Fact.CACHED_TOKENS);
        name(EngineKind.LLAMA_CPP, "llamacpp:requests_processing", Fact.RUNNING);
        name(EngineKind.LLAMA_CPP, "llamacpp:requests_deferred", Fact.WAITING);
        name(EngineKind.LLAMA_CPP, "llamacpp:prompt_tokens_total", Fact.UNCACHED_PROMPT_TOKENS);
        name(EngineKind.LLAMA_CPP, "llamacpp:prompt_tokens_cached_total", Fact.CACHED_TOKENS);
        name(EngineKind.OTHER, "process_start_time_seconds", Fact.PROCESS_START);
    }

    private static void name(EngineKind engine, String name, Fact fact) {
        NAMES.put(name, new Meaning(engine, fact));
        long first = ByteBuffer.wrap(name.getBytes(US_ASCII))
                .order(ByteOrder.LITTLE_ENDIAN)
                .getLong();
        int at = place(first);
        while (BEGINNINGS[at] != 0 && BEGINNINGS[at] != first) {
            at = next(at);
        }
        BEGINNINGS[at] = first;
    }

    private static int place(long first) {
        // Fibonacci hashing (Knuth, "The Art of Computer Programming" 3, 6.4).
        return (int) ((first * 0x9E3779B97F4A7C15L) >>> 57);
    }

    private static int next(int at) {
        return (at + 1) & (BEGINNINGS.length - 1);
    }

    private final EngineKind expected;
    private final EnumMap<Fact, Double> sums = new EnumMap<>(Fact.class);
    private final EnumMap<Fact, Integer> counts = new EnumMap<>(Fact.class);
    private EngineKind seen = EngineKind.OTHER;
    private Adapters adapters = Adapters.UNKNOWN;
    private double adaptersAt = Double.NEGATIVE_INFINITY;

    /**
     * Creates an empty reader.
     *
     * @param expected the engine whose names count; all names count for {@link EngineKind#OTHER}
     */
    EngineMetrics(EngineKind expected) {
        this.expected = expected;
    }

    @Override
    public boolean mayWant(long first) {
        int at = place(first);
        while (BEGINNINGS[at] != 0 && BEGINNINGS[at] != first) {
            at = next(at);
        }
        return BEGINNINGS[at] != 0;
    }

    @Override
    public boolean wants(String name) {
        var meaning = NAMES.get(name);
        return meaning != null
                && (expected == EngineKind.OTHER || meaning.engine == EngineKind.OTHER || meaning.engine == expected);
    }

    @Override
    public void sample(String name, Map<String, String> labels, double value) {
        var meaning = NAMES.get(name);
        if (meaning == null || repeatsRankZero(labels)) {
            return;
        }
        if (meaning.engine != EngineKind.OTHER) {
            seen = meaning.engine;
        }
        if (meaning.fact == Fact.CACHE_INFO) {
            long tokens = capacityTokens(labels);
            if (tokens > 0) {
                add(Fact.CACHE_INFO, (double) tokens);
            }
        } else if (meaning.fact == Fact.ADAPTERS) {
            // A series for every combination there ever was; its value is when.
            if (value > adaptersAt) {
                adaptersAt = value;
                adapters = adapters(labels);
            }
        } else if (Double.isFinite(value)) {
            add(meaning.fact, value);
        }
    }

    private void add(Fact fact, double value) {
        sums.merge(fact, value, Double::sum);
        counts.merge(fact, 1, Integer::sum);
    }

    private static boolean repeatsRankZero(Map<String, String> labels) {
        return !labels.getOrDefault("tp_rank", "0").equals("0")
                || !labels.getOrDefault("pp_rank", "0").equals("0");
    }

    private static Adapters adapters(Map<String, String> labels) {
        long most = number(labels.get("max_lora"));
        return new Adapters(
                names(labels.get("running_lora_adapters")),
                names(labels.get("waiting_lora_adapters")),
                Math.clamp(most, 0, Integer.MAX_VALUE));
    }

    private static Set<String> names(@Nullable String list) {
        var names = new HashSet<String>();
        for (var name : list == null ? new String[0] : list.split(",", -1)) {
            if (!name.isBlank()) {
                names.add(name.strip());
            }
        }
        return names;
    }

    private static long capacityTokens(Map<String, String> labels) {
        long tokens = number(labels.get("kv_cache_size_tokens"));
        if (tokens > 0) {
            return tokens;
        }
        tokens = product(labels, "block_size", "num_gpu_blocks");
        return tokens > 0 ? tokens : product(labels, "page_size", "num_pages");
    }

    private static long product(Map<String, String> labels, String size, String count) {
        return Math.max(0, number(labels.get(size))) * Math.max(0, number(labels.get(count)));
    }

    private static long number(@Nullable String text) {
        // Engines write None where they do not know.
        if (text == null || text.isEmpty() || text.length() > 12) {
            return -1;
        }
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) < '0' || text.charAt(i) > '9') {
                return -1;
            }
        }
        return Long.parseLong(text);
    }

    /** Returns the engine whose metrics these are, or {@link EngineKind#OTHER} if none was recognised. */
    EngineKind engine() {
        return seen;
    }

    /** Returns the Unix time in seconds at which the process says it started, or NaN. */
    double processStart() {
        return mean(Fact.PROCESS_START);
    }

    /** Returns the load, or null if the page has no request counts we understand. */
    @Nullable
    EngineLoad load(long nanoTime) {
        if (!sums.containsKey(Fact.RUNNING) && !sums.containsKey(Fact.WAITING)) {
            return null;
        }
        long capacity = total(Fact.CACHE_INFO);
        return new EngineLoad(
                nanoTime,
                (int) Math.max(0, total(Fact.RUNNING)),
                (int) Math.max(0, total(Fact.WAITING)),
                mean(Fact.KV_USAGE),
                capacity > 0 ? capacity : total(Fact.CAPACITY_TOKENS),
                promptTokens(),
                cachedTokens(),
                adapters);
    }

    private long promptTokens() {
        return sums.containsKey(Fact.UNCACHED_PROMPT_TOKENS)
                ? total(Fact.UNCACHED_PROMPT_TOKENS) + Math.max(0, total(Fact.CACHED_TOKENS))
                : total(Fact.PROMPT_TOKENS);
    }

    private long cachedTokens() {
        return total(sums.containsKey(Fact.CACHED_TOKENS) ? Fact.CACHED_TOKENS : Fact.PREFIX_HIT_TOKENS);
    }

    private long total(Fact fact) {
        Double sum = sums.get(fact);
        return sum == null ? -1 : sum.longValue();
    }

    private double mean(Fact fact) {
        Double sum = sums.get(fact);
        return sum == null ? Double.NaN : sum / counts.getOrDefault(fact, 1);
    }
}
