package dev.warmgate.app.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.warmgate.door.ModelRewrites;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The section {@code rewrites}. */
class RewriteConfigTest {
    private static ModelRewrites parse(String rewrites) throws ConfigException {
        String yaml = "pools: [{endpoints: [http://127.0.0.1:1]}]\nrewrites:\n" + rewrites;
        return new ConfigLoader(Map.of())
                .parse("gateway.yaml", yaml, Overrides.NONE)
                .rewrites();
    }

    @Test
    void rulesAreRead() throws Exception {
        assertThat(parse("""
                  - {model: fast, to: [{model: qwen3-8b, weight: 9}, {model: qwen3-32b, weight: 1}]}
                  - {model: gone}
                  - {to: [{model: qwen3-32b}]}
                """)).isNotSameAs(ModelRewrites.NONE);
        assertThat(parse("  []\n")).isSameAs(ModelRewrites.NONE);
    }

    @Test
    void whatCannotBeIsToldByLine() {
        assertThatThrownBy(() -> parse("  - {model: a, to: [{model: b, weight: 1}, {model: c}]}\n"))
                .hasMessageContaining("gateway.yaml:3: rewrites[0].to[1].weight: missing");
        assertThatThrownBy(() -> parse("  - {model: a}\n  - {model: a}\n"))
                .hasMessageContaining("gateway.yaml:4: rewrites[1].model: \"a\" is also rewrites[0]");
        assertThatThrownBy(() -> parse("  - {to: [{weight: 0}]}\n"))
                .hasMessageContaining("rewrites[0].to[0].model: missing")
                .hasMessageContaining("rewrites[0].to[0].weight: \"0\"");
        assertThatThrownBy(() -> parse("  - {to: b}\n"))
                .hasMessageContaining("rewrites[0].to: \"b\" (expected: a list");
    }
}
