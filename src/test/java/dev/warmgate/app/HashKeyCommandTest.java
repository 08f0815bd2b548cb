package dev.warmgate.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.warmgate.router.tenancy.ApiKey;
import org.junit.jupiter.api.Test;

class HashKeyCommandTest {
    private static final String KEY = "sk-0123456789abcdef";

    @Test
    void theDigestOfAKeyIsPrinted() {
        var run = CommandRun.reading(KEY + "\n", "hash-key");
        assertThat(run.exitCode()).isZero();
        assertThat(ApiKey.parse(run.out().strip())).isNotNull().isEqualTo(ApiKey.parse(KEY));
        assertThat(run.out()).startsWith("sha256:").doesNotContain(KEY);
    }

    @Test
    void aNewKeyIsNobodysAndItsDigestIsRight() {
        var run = CommandRun.of("hash-key", "--new");
        assertThat(run.exitCode()).isZero();
        var lines = run.out().lines().toList();
        assertThat(lines).hasSize(2);
        assertThat(lines.getFirst()).startsWith("sk-").hasSizeGreaterThan(30);
        assertThat(ApiKey.parse(lines.getFirst())).isNotNull().isEqualTo(ApiKey.parse(lines.getLast()));
        assertThat(CommandRun.of("hash-key", "--new").out()).isNotEqualTo(run.out());
    }

    @Test
    void whatIsNoKeyIsRefused() {
        for (String text : new String[] {"", "short", "sha256:" + "ab".repeat(32), "k\u00e9y-0123456789abcdef"}) {
            var run = CommandRun.reading(text, "hash-key");
            assertThat(run.exitCode()).isEqualTo(Main.FAILED);
            assertThat(run.out()).isEmpty();
            assertThat(run.err()).startsWith("warmgate hash-key: no key on the input stream (expected: one line of 16");
        }
    }
}
