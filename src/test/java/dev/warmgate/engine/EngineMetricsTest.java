package dev.warmgate.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.warmgate.router.Adapters;
import dev.warmgate.router.EngineLoad;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EngineMetricsTest {
    private static EngineMetrics read(EngineKind expected, byte[] page) {
        var metrics = new EngineMetrics(expected);
        var text = new PrometheusText(metrics);
        text.read(page, 0, page.length);
        text.end();
        return metrics;
    }

    private static EngineMetrics read(String page) {
        return read(EngineKind.OTHER, page.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void readsTheRecordedPageOfVllm() {
        var metrics = read(EngineKind.OTHER, Resources.bytes("vllm-metrics.txt"));
        assertThat(metrics.engine()).isEqualTo(EngineKind.VLLM);
        assertThat(metrics.load(42))
                .isEqualTo(new EngineLoad(
                        42, 8, 4, 0.11764705882352944, 8192, 13572, 416, new Adapters(Set.of(), Set.of(), 2)));
        assertThat(metrics.processStart()).isEqualTo(1.79544224635e9);
    }

    @ParameterizedTest
    @ValueSource(strings = {"vllm-metrics.txt", "sglang-metrics.txt", "llama.cpp-metrics.txt"})
    void nothingWantedIsPassedOverByItsFirstBytes(String page) {
        var metrics = new EngineMetrics(EngineKind.OTHER);
        var looked = new ArrayList<String>();
        var all = new ArrayList<String>();
        for (var quick : List.of(true, false)) {
            byte[] bytes = Resources.bytes(page);
            var text = new PrometheusText(new PrometheusText.Sink() {
                @Override
                public boolean mayWant(long first) {
                    return !quick || metrics.mayWant(first);
                }

                @Override
                public boolean wants(String name) {
                    return metrics.wants(name);
                }

                @Override
                public void sample(String name, Map<String, String> labels, double value) {
                    (quick ? looked : all).add(name + labels + value);
                }
            });
            text.read(bytes, 0, bytes.length);
            text.end();
        }
        assertThat(looked).isNotEmpty().isEqualTo(all);
    }

    @Test
    void theNewestSeriesNamesTheAdapters() {
        var load = Objects.requireNonNull(read("""
                        vllm:num_requests_running 1
                        vllm:lora_requests_info{max_lora="2",running_lora_adapters="sql",waiting_lora_adapters="a"} 1.5e9
                        vllm:lora_requests_info{max_lora="2",running_lora_adapters="sql, b",waiting_lora_adapters=""} 1.7e9
                        vllm:lora_requests_info{max_lora="2",running_lora_adapters="",waiting_lora_adapters="c"} 1.6e9
                        """).load(0));

        assertThat(load.adapters()).isEqualTo(new Adapters(Set.of("sql", "b"), Set.of(), 2));
    }

    @Test
    void readsTheRecordedPageOfLlamaCpp() {
        var metrics = read(EngineKind.OTHER, Resources.bytes("llama.cpp-metrics.txt"));
        assertThat(metrics.engine()).isEqualTo(EngineKind.LLAMA_CPP);
        assertThat(metrics.load(7)).isEqualTo(new EngineLoad(7, 4, 2, Double.NaN, -1, 428 + 831, 831));
        assertThat(metrics.processStart()).isNaN();
    }

    @Test
    void readsSglangAndCountsTensorParallelRanksOnce() {
        var metrics = read(EngineKind.SGLANG, Resources.bytes("sglang-metrics.txt"));
        assertThat(metrics.engine()).isEqualTo(EngineKind.SGLANG);
        assertThat(metrics.load(0)).isEqualTo(new EngineLoad(0, 7, 3, 0.25, 2048 * 64, 10_000, 5_500));
    }

    @Test
    void sumsDataParallelRanksAndAveragesTheirUsage() {
        var load = Objects.requireNonNull(read("""
                        vllm:num_requests_running{engine="0"} 3
                        vllm:num_requests_running{engine="1"} 5
                        vllm:num_requests_waiting{engine="0"} 1
                        vllm:num_requests_waiting{engine="1"} 0
                        vllm:kv_cache_usage_perc{engine="0"} 0.2
                        vllm:kv_cache_usage_perc{engine="1"} 0.6
                        vllm:cache_config_info{engine="0",block_size="16",num_gpu_blocks="1000"} 1
                        vllm:cache_config_info{engine="1",block_size="16",num_gpu_blocks="1000"} 1
                        vllm:prompt_tokens_total{engine="0"} 100
                        vllm:prompt_tokens_total{engine="1"} 300
                        vllm:prefix_cache_hits_total{engine="0"} 10
                        vllm:prefix_cache_hits_total{engine="1"} 20
                        """).load(0));
        assertThat(load.running()).isEqualTo(8);
        assertThat(load.waiting()).isEqualTo(1);
        assertThat(load.kvUsage()).isEqualTo(0.4, within(1e-9));
        assertThat(load.kvCapacityTokens()).isEqualTo(32_000);
        assertThat(load.promptTokens()).isEqualTo(400);
        assertThat(load.cachedTokens()).isEqualTo(30);
    }

    @Test
    void toleratesWhatAnEngineDoesNotKnow() {
        var load = read("""
                        vllm:num_requests_running 2
                        vllm:kv_cache_usage_perc NaN
                        vllm:cache_config_info{block_size="None",num_gpu_blocks="None"} 1
                        """).load(0);
        assertThat(load).isEqualTo(new EngineLoad(0, 2, 0, Double.NaN, -1, -1, -1));
    }

    @Test
    void hasNoLoadFromAPageOfAnotherProgram() {
        assertThat(read("go_goroutines 12\nprocess_start_time_seconds 5\n").load(0))
                .isNull();
        assertThat(read(EngineKind.SGLANG, Resources.bytes("vllm-metrics.txt")).load(0))
                .isNull();
    }

    @Test
    void tellsARestartFromCountersOrTheProcessStart() {
        var restarts = new RestartDetector();
        assertThat(restarts.informed()).isFalse();
        assertThat(restarts.restarted(100, Double.NaN)).isFalse();
        assertThat(restarts.informed()).isTrue();
        assertThat(restarts.restarted(100, 10.0)).isFalse();
        assertThat(restarts.restarted(-1, Double.NaN)).isFalse();
        assertThat(restarts.restarted(90, 10.0)).isTrue();
        assertThat(restarts.restarted(95, 11.0)).isTrue();
        assertThat(restarts.restarted(95, 11.0)).isFalse();
    }

    @Test
    void takesProcessesThatAnswerInTurnForOneEngine() {
        var restarts = new RestartDetector();
        assertThat(restarts.restarted(1, 20.0)).isFalse();
        assertThat(restarts.restarted(2, 10.0)).isFalse();
        assertThat(restarts.restarted(3, 20.0)).isFalse();
    }
}
