package dev.warmgate.app.config;

import static org.assertj.core.api.Assertions.assertThat;

import dev.warmgate.router.tenancy.Classification;
import dev.warmgate.router.tenancy.Classification.Known;
import dev.warmgate.router.tenancy.Classification.Reason;
import dev.warmgate.router.tenancy.Classification.Refused;
import dev.warmgate.router.tenancy.RequestFacts;
import dev.warmgate.router.tenancy.Tenancy;
import dev.warmgate.router.tenancy.TenancySettings;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** The example of docs/priorities.md does what the table below it says. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class PrioritiesPageTest {
    private static final String FRAUD = "sk-fraud-0123456789";
    private static final String CHAT = "sk-chat-0123456789ab";
    private static final String RESEARCH = "sk-research-0123456789";

    private Tenancy tenancy = new Tenancy(TenancySettings.DEFAULT);
    private String example = "";

    private record Request(
            Map<String, String> headers,
            String path,
            @Nullable String model,
            @Nullable String serviceTier) implements RequestFacts {
        @Override
        public @Nullable String header(String lowerCaseName) {
            return headers.get(lowerCaseName);
        }

        @Override
        public int bodyPriority() {
            return 0;
        }

        Request with(String header, String value) {
            var changed = new HashMap<>(headers);
            changed.put(header, value);
            return new Request(changed, path, model, serviceTier);
        }
    }

    private static Request by(String key) {
        return new Request(Map.of("x-api-key", key), "/v1/chat/completions", "qwen3-32b", null);
    }

    @BeforeAll
    void readTheExample() throws Exception {
        String page = Files.readString(Path.of("docs/priorities.md"));
        int begin = page.indexOf("```yaml\n") + "```yaml\n".length();
        // The page shows the digest of a key that nobody knows.
        example = page.substring(begin, page.indexOf("```", begin)).replaceFirst("sha256:[0-9a-f]{64}", CHAT);
        tenancy = load(example);
    }

    private static Tenancy load(String yaml) throws ConfigException {
        var environment =
                Map.of("FRAUD_KEY", FRAUD, "RESEARCH_KEY", RESEARCH, "RESEARCH_KEY_2", "sk-research-9876543210");
        return new Tenancy(new ConfigLoader(environment)
                .parse("priorities.md", yaml, Overrides.NONE)
                .tenancy());
    }

    private void assertStanding(Request request, String tenant, int priority, String flow) {
        assertThat(tenancy.classify(request)).isInstanceOfSatisfying(Known.class, known -> {
            assertThat(known.standing().tenant()).isEqualTo(tenant);
            assertThat(known.standing().priority()).isEqualTo(priority);
            assertThat(known.standing().flow()).isEqualTo(flow);
        });
    }

    private static void assertRefused(Classification result, Reason reason) {
        assertThat(result)
                .isInstanceOfSatisfying(
                        Refused.class, refused -> assertThat(refused.reason()).isEqualTo(reason));
    }

    @Test
    void everyRowOfTheTableHolds() throws Exception {
        assertStanding(by(FRAUD), "fraud", 100, "fraud");
        assertStanding(by(CHAT).with("x-gateway-inference-fairness-id", "u17"), "chat", 10, "chat/u17");
        assertStanding(
                new Request(by(CHAT).headers(), "/v1/chat/completions", "qwen3-8b", "flex"), "chat", -10, "chat");
        assertRefused(
                tenancy.classify(by(CHAT).with("x-gateway-inference-objective", "fraud")), Reason.PRIORITY_NOT_GRANTED);
        assertRefused(
                tenancy.classify(new Request(by(CHAT).headers(), "/v1/chat/completions", "llama-3", null)),
                Reason.MODEL_NOT_ALLOWED);
        assertStanding(by(RESEARCH), "research", 0, "research");
        assertStanding(new Request(by(RESEARCH).headers(), "/v1/embeddings", "bge", null), "research", -10, "research");
        assertStanding(by(RESEARCH).with("x-warmgate-priority", "-50"), "research", -50, "research");
        var nobody = new Request(Map.of(), "/v1/chat/completions", "qwen3-32b", null);
        assertRefused(tenancy.classify(nobody), Reason.MISSING_KEY);
        assertRefused(tenancy.classify(by("sk-of-somebody-else-1")), Reason.UNKNOWN_KEY);
        tenancy = load(example + "requireKey: false\n");
        assertStanding(nobody, "default", 0, "default");
        assertStanding(by("sk-of-somebody-else-1"), "default", 0, "default");
    }
}
