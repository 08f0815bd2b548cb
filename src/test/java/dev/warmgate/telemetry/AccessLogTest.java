package dev.warmgate.telemetry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.json.JsonMapper;

@Timeout(60)
class AccessLogTest {
    private static final InstantSource CLOCK = InstantSource.fixed(Instant.parse("2026-11-24T12:00:00.007Z"));
    private static final long MILLIS = CLOCK.millis();

    @Test
    void writesOneJsonObjectPerRequest() {
        var out = new ByteArrayOutputStream();
        try (var log = AccessLog.start(AccessLog.Format.JSON, out, CLOCK, 100)) {
            log.ended(Reports.answered("m"));
            log.ended(Reports.refused("r", "/v1/x", null));
        }
        assertThat(out.toString(StandardCharsets.UTF_8)).isEqualTo("""
                        {"time":"2026-11-24T12:00:00.007Z","id":"req-1","method":"POST","path":"/v1/chat/completions",\
                        "status":200,"outcome":"ok","dialect":"openai-chat","model":"m","pool":"main","endpoint":"e1",\
                        "tenant":"default","priority":0,"queued_s":0.040000,"stream":true,"duration_s":2.500000,"ttft_s":0.120000,"itl_s":0.012000,"prompt_tokens":1100,\
                        "cached_tokens":768,"output_tokens":200,"predicted_prompt_tokens":1000,\
                        "predicted_cached_tokens":800,"decision_s":0.000030,"retries":1,"bytes_in":4096,"bytes_out":65536}
                        {"time":"2026-11-24T12:00:00.007Z","id":"r","method":"POST","path":"/v1/x","status":404,\
                        "outcome":"client_error","dialect":"openai-chat","refused":"unknown-key","stream":false,"duration_s":0.000001,\
                        "retries":0,"bytes_in":12,"bytes_out":0}
                        """);
    }

    @Test
    void saysThatTokensAreEstimated() {
        var out = new ByteArrayOutputStream();
        try (var log = AccessLog.start(AccessLog.Format.TEXT, out, CLOCK, 100)) {
            log.ended(Reports.estimated("m", 1000, 20));
        }
        assertThat(out.toString(StandardCharsets.UTF_8))
                .contains(" prompt_tokens=1000 cached_tokens=0 output_tokens=20 tokens_estimated=true ");
    }

    @Test
    void saysWhoTheClientWasAndWhyItHeardOfAFailure() {
        var out = new ByteArrayOutputStream();
        try (var log = AccessLog.start(AccessLog.Format.JSON, out, CLOCK, 100)) {
            log.ended(Reports.brokenOff("2001:db8::1"));
        }
        assertThat(out.toString(StandardCharsets.UTF_8))
                .contains("\"client\":\"2001:db8::1\"", "\"exposure\":\"inside_answer\"");
    }

    @Test
    void writesTextForPeople() {
        var out = new ByteArrayOutputStream();
        try (var log = AccessLog.start(AccessLog.Format.TEXT, out, CLOCK, 100)) {
            log.ended(Reports.refused("r 1", "/v1/x", ""));
        }
        assertThat(out.toString(StandardCharsets.UTF_8))
                .isEqualTo("time=2026-11-24T12:00:00.007Z id=\"r 1\" method=POST path=/v1/x status=404"
                        + " outcome=client_error dialect=openai-chat model=\"\" refused=unknown-key stream=false duration_s=0.000001"
                        + " retries=0 bytes_in=12 bytes_out=0\n");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/a\ntime=2026 outcome=ok",
                "/a\r\nX: y",
                "/\u001b[31mred",
                "/\u0000\u007f\u009b1m",
                "/a\u2028b\u2029c\u0085d",
                "/\u202egpj.exe",
                "/\"quoted\" \\back\\",
                "/\ud800 lonely \udc00",
                "/grüße/😀"
            })
    void nothingAClientSendsBreaksALine(String hostile) {
        var report = Reports.refused(hostile, hostile, hostile);
        String json = new AccessLine(true).format(MILLIS, report);
        String text = new AccessLine(false).format(MILLIS, report);
        for (String line : new String[] {json, text}) {
            assertThat(line.indexOf('\n')).isEqualTo(line.length() - 1);
            assertThat(line.strip().chars()).noneMatch(c -> c < ' ' || (c >= 0x7f && c <= 0x9f));
            assertThat(line).doesNotContain("\u2028", "\u2029", "\u202e", "outcome=ok ");
        }
        var parsed = JsonMapper.shared().readTree(json);
        assertThat(parsed.get("path").stringValue()).isEqualTo(hostile);
        assertThat(parsed.get("model").stringValue()).isEqualTo(hostile);
    }

    @Test
    void randomNamesSurviveTheWayThroughJson() {
        long seed = 4711;
        var random = new Random(seed);
        var line = new AccessLine(true);
        for (int round = 0; round < 2_000; round++) {
            var name = new StringBuilder();
            for (int i = random.nextInt(30); i > 0; i--) {
                name.append((char) random.nextInt(random.nextBoolean() ? 0x100 : 0x10000));
            }
            var report = Reports.refused("id", name.toString(), null);
            byte[] bytes = line.format(MILLIS, report).getBytes(StandardCharsets.UTF_8);
            assertThat(JsonMapper.shared().readTree(bytes).get("path").stringValue())
                    .as("seed %s, round %s", seed, round)
                    .isEqualTo(name.toString());
        }
    }

    @Test
    void longValuesAreCut() {
        String line = new AccessLine(true).format(MILLIS, Reports.refused("id", "/" + "😀".repeat(5_000), null));
        assertThat(line.length()).isLessThan(1_500);
        assertThat(JsonMapper.shared().readTree(line).get("path").stringValue()).endsWith("…");
    }

    @Test
    void aFullQueueDropsAndCountsAndNeverWaits() {
        var release = new CountDownLatch(1);
        var out = new SlowStream(release);
        try (var log = AccessLog.start(AccessLog.Format.JSON, out, CLOCK, 10)) {
            log.ended(Reports.answered("m"));
            await().until(() -> out.writing);
            for (int i = 0; i < 100; i++) {
                log.ended(Reports.answered("m"));
            }
            assertThat(log.dropped()).isEqualTo(90);
            release.countDown();
        }
        assertThat(out.written.toString(StandardCharsets.UTF_8).lines()).hasSize(11);
    }

    /** Takes nothing before it is released. */
    private static final class SlowStream extends OutputStream {
        private final CountDownLatch release;
        private final ByteArrayOutputStream written = new ByteArrayOutputStream();
        private volatile boolean writing;

        SlowStream(CountDownLatch release) {
            this.release = release;
        }

        @Override
        public void write(int b) throws IOException {
            write(new byte[] {(byte) b}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            writing = true;
            try {
                release.await();
            } catch (InterruptedException e) {
                throw new IOException(e);
            }
            written.write(bytes, offset, length);
        }
    }

    @Test
    void aBrokenStreamCostsItsLinesAndNothingElse() {
        var out = new OutputStream() {
            private volatile boolean broken = true;
            private final ByteArrayOutputStream written = new ByteArrayOutputStream();

            @Override
            public void write(int b) throws IOException {
                if (broken) {
                    throw new IOException("disk full");
                }
                written.write(b);
            }
        };
        try (var log = AccessLog.start(AccessLog.Format.TEXT, out, CLOCK, 10)) {
            log.ended(Reports.answered("m"));
            await().until(() -> log.dropped() == 1);
            out.broken = false;
            log.ended(Reports.answered("m"));
        }
        assertThat(out.written.toString(StandardCharsets.UTF_8).lines()).hasSize(1);
    }

    @Test
    void offWritesNothing() {
        var out = new ByteArrayOutputStream();
        try (var log = AccessLog.start(AccessLog.Format.OFF, out)) {
            log.ended(Reports.answered("m"));
        }
        assertThat(out.size()).isZero();
    }

    @Test
    void linesOfManyThreadsAllArrive() throws InterruptedException {
        var out = new ByteArrayOutputStream();
        try (var log = AccessLog.start(AccessLog.Format.JSON, out, CLOCK, 100_000)) {
            var threads = new Thread[4];
            for (int t = 0; t < threads.length; t++) {
                threads[t] = Thread.ofPlatform().start(() -> {
                    for (int i = 0; i < 2_000; i++) {
                        log.ended(Reports.answered("m"));
                    }
                });
            }
            for (Thread thread : threads) {
                thread.join();
            }
        }
        assertThat(out.toString(StandardCharsets.UTF_8).lines()).hasSize(8_000).allMatch(line -> line.endsWith("}"));
    }

    @Test
    void namesTheAllowedFormats() {
        assertThat(AccessLog.Format.parse("JSON")).isEqualTo(AccessLog.Format.JSON);
        assertThatThrownBy(() -> AccessLog.Format.parse("xml")).hasMessageContaining("off, text or json");
    }
}
