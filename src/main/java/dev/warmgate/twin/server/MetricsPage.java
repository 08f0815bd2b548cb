package dev.warmgate.twin.server;

import dev.warmgate.twin.engine.EngineStats;
import dev.warmgate.twin.engine.TokenBlocks;

/** The page of {@code GET /metrics}, with vLLM's names, labels and units. */
final class MetricsPage {
    private final StringBuilder page = new StringBuilder(4096);
    private final String labels;

    private MetricsPage(String model) {
        labels = "engine=\"0\",model_name=\""
                + model.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n") + "\"";
    }

    static String of(TwinReplica replica) {
        return new MetricsPage(replica.settings().models().getFirst()).write(replica);
    }

    private String write(TwinReplica replica) {
        EngineStats stats = replica.engine().stats();
        gauge("num_requests_running", "Number of requests in model execution batches.", stats.running());
        gauge("num_requests_waiting", "Number of requests waiting to be processed.", stats.waiting());
        family("num_requests_waiting_by_reason", "Number of waiting requests by reason.", "gauge");
        sample("num_requests_waiting_by_reason", ",reason=\"capacity\"", stats.waiting());
        sample("num_requests_waiting_by_reason", ",reason=\"deferred\"", 0);
        gauge("kv_cache_usage_perc", "KV-cache usage. 1 means 100 percent usage.", stats.kvUsage());
        counter(
                "prefix_cache_queries",
                "Prefix cache queries, in terms of number of queried tokens.",
                stats.queriedTokens());
        counter("prefix_cache_hits", "Prefix cache hits, in terms of number of cached tokens.", stats.cachedTokens());
        counter("num_preemptions", "Cumulative number of preemption from the engine.", stats.preemptions());
        counter("prompt_tokens", "Number of prefill tokens processed.", stats.promptTokens());
        counter("prompt_tokens_cached", "Number of cached prompt tokens (local + external).", stats.cachedTokens());
        counter("generation_tokens", "Number of generation tokens processed.", stats.generatedTokens());
        family("request_success_total", "Count of successfully processed requests.", "counter");
        sample("request_success_total", ",finished_reason=\"stop\"", (double)
                replica.given().endedByStop());
        sample("request_success_total", ",finished_reason=\"length\"", (double)
                replica.given().endedByLength());
        // vLLM does not count aborts either.
        sample("request_success_total", ",finished_reason=\"abort\"", 0);
        family("cache_config_info", "Information of the LLMEngine CacheConfig", "gauge");
        var profile = replica.settings().profile();
        sample(
                "cache_config_info",
                ",block_size=\"" + TokenBlocks.BLOCK_TOKENS
                        + "\",enable_prefix_caching=\"True\",kv_cache_size_tokens=\""
                        + profile.kvTokens() + "\",num_gpu_blocks=\"" + profile.kvBlocks()
                        + "\",prefix_caching_hash_algo=\"xxhash\"",
                1);
        return page.toString();
    }

    private void gauge(String name, String help, double value) {
        family(name, help, "gauge");
        sample(name, "", value);
    }

    private void counter(String name, String help, long value) {
        family(name + "_total", help, "counter");
        sample(name + "_total", "", (double) value);
    }

    private void family(String name, String help, String type) {
        page.append("# HELP vllm:").append(name).append(' ').append(help).append('\n');
        page.append("# TYPE vllm:").append(name).append(' ').append(type).append('\n');
    }

    private void sample(String name, String moreLabels, double value) {
        page.append("vllm:")
                .append(name)
                .append('{')
                .append(labels)
                .append(moreLabels)
                .append("} ");
        page.append(value).append('\n');
    }
}
