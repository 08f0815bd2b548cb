package dev.warmgate.router.tenancy;

import static dev.warmgate.router.tenancy.Facts.PLAIN;
import static dev.warmgate.router.tenancy.Fixtures.CHAT_KEY;
import static dev.warmgate.router.tenancy.Fixtures.FRAUD_KEY;
import static dev.warmgate.router.tenancy.Fixtures.bank;
import static dev.warmgate.router.tenancy.Fixtures.refused;
import static dev.warmgate.router.tenancy.Fixtures.standing;
import static dev.warmgate.router.tenancy.Fixtures.strictBank;
import static org.assertj.core.api.Assertions.assertThat;

import dev.warmgate.router.admission.Standing;
import dev.warmgate.router.tenancy.Classification.Known;
import dev.warmgate.router.tenancy.Classification.Reason;
import dev.warmgate.router.tenancy.Classification.Refused;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Requests that must not go on, and what their callers are told. */
class RefusalsTest {
    private static final Tenancy OPEN = new Tenancy(TenancySettings.DEFAULT);

    @ParameterizedTest
    @ValueSource(strings = {"", "Bearer", "Bearer ", "bearer \t", "Basic Zm9vOmJhcg==", "sk-chat-0123456789ab"})
    void withoutAKeyWhereOneIsRequired(String authorization) {
        assertThat(refused(
                        strictBank(),
                        PLAIN.with("authorization", authorization).with("x-api-key", " "),
                        Reason.MISSING_KEY))
                .isEqualTo("An API key is required: send it as \"Authorization: Bearer KEY\" or \"x-api-key: KEY\".");
    }

    @Test
    void withAKeyThatIsNobodys() {
        assertThat(refused(strictBank(), PLAIN.withKey("sk-of-somebody-else-1"), Reason.UNKNOWN_KEY))
                .isEqualTo("The API key is not known here: check that it is whole and still valid.");
        refused(strictBank(), PLAIN.with("x-api-key", "x"), Reason.UNKNOWN_KEY);
        refused(strictBank(), PLAIN.withKey(CHAT_KEY + "a"), Reason.UNKNOWN_KEY);
        refused(strictBank(), PLAIN.withKey(CHAT_KEY + " " + CHAT_KEY), Reason.UNKNOWN_KEY);
        refused(strictBank(), PLAIN.withKey(CHAT_KEY + "\u0000"), Reason.UNKNOWN_KEY);
        refused(strictBank(), PLAIN.withKey("k\u00e9y"), Reason.UNKNOWN_KEY);
        refused(strictBank(), PLAIN.withKey("k".repeat(1_000_000)), Reason.UNKNOWN_KEY);
    }

    @Test
    void aDigestIsNoKey() {
        var keys = Fixtures.keys("sha256:" + "ab".repeat(32));
        assertThat(keys)
                .doesNotContain(Fixtures.keys("a-key-that-is-long").iterator().next());
        refused(strictBank(), PLAIN.withKey("sha256:" + "ab".repeat(32)), Reason.UNKNOWN_KEY);
    }

    @Test
    void forAModelThatTheTenantMayNotUse() {
        var chat = PLAIN.withKey(CHAT_KEY);
        assertThat(standing(bank(), chat.withModel("qwen3-8b")).tenant()).isEqualTo("chat");
        assertThat(standing(bank(), chat.withModel("tiny")).tenant()).isEqualTo("chat");
        assertThat(standing(bank(), chat.withModel("")).tenant()).as("no body").isEqualTo("chat");
        assertThat(refused(bank(), chat.withModel("tiny2\u001b[31m"), Reason.MODEL_NOT_ALLOWED))
                .isEqualTo("This caller may not use the model \"tiny2\\u001b[31m\".");
        refused(bank(), chat.withModel("Qwen3-8b"), Reason.MODEL_NOT_ALLOWED);
        assertThat(refused(bank(), chat.withModel(null), Reason.MODEL_NOT_ALLOWED))
                .isEqualTo("This caller may use certain models only, and which one this request is for is not known.");
    }

    @Test
    void withAnObjectiveThatThereIsNot() {
        var request = PLAIN.withKey(FRAUD_KEY).with("x-gateway-inference-objective", "frod");
        assertThat(refused(strictBank(), request, Reason.UNKNOWN_OBJECTIVE))
                .isEqualTo("objective: \"frod\" (expected: the name of one that is configured)");
        assertThat(standing(bank(), request).priority())
                .as("as if it named none")
                .isEqualTo(100);
    }

    @Test
    void withMoreThanTheGrant() {
        assertThat(refused(
                        bank(),
                        PLAIN.withKey(CHAT_KEY).with("x-llm-d-inference-objective", "fraud"),
                        Reason.PRIORITY_NOT_GRANTED))
                .isEqualTo("objective: \"fraud\" has priority 100 (expected: at most 10 for this caller)");
        assertThat(refused(
                        bank(), PLAIN.withKey(CHAT_KEY).with("x-warmgate-priority", "11"), Reason.PRIORITY_NOT_GRANTED))
                .isEqualTo("x-warmgate-priority: 11 (expected: at most 10 for this caller)");
        refused(bank(), PLAIN.with("x-llm-d-inference-objective", "chat"), Reason.PRIORITY_NOT_GRANTED);
        assertThat(refused(OPEN, PLAIN.with("x-warmgate-priority", "1"), Reason.PRIORITY_NOT_GRANTED))
                .isEqualTo("x-warmgate-priority: 1 (expected: at most 0 for this caller)");
    }

    @ParameterizedTest
    @CsvSource({
        "x-warmgate-priority, 1001",
        "x-warmgate-priority, -1001",
        "x-warmgate-priority, high",
        "x-warmgate-priority, 1.0",
        "x-warmgate-priority, +1",
        "x-warmgate-priority, -",
        "x-warmgate-priority, --1",
        "x-warmgate-priority, 99999999999999999999999",
        "x-warmgate-priority, \u0661",
        "x-request-timeout-ms, 0",
        "x-request-timeout-ms, 0.5",
        "x-request-timeout-ms, -1",
        "x-request-timeout-ms, 86400001",
        "x-request-timeout-ms, 30s",
        "x-request-timeout-ms, 1e3",
        "x-request-timeout-ms, NaN",
        "x-request-timeout-ms, 00000000000000000001",
        "x-slo-ttft-ms, 0",
        "x-slo-ttft-ms, 0.0",
        "x-slo-ttft-ms, .",
        "x-slo-ttft-ms, 1.2.3",
        "x-slo-ttft-ms, Infinity",
        "x-llm-d-slo-ttft-ms, 86400000.1",
        "x-slo-tpot-ms, -5",
        "x-llm-d-slo-tpot-ms, 0x1p3",
    })
    void withANumberThatIsNone(String header, String value) {
        assertThat(refused(OPEN, PLAIN.with(header, value), Reason.BAD_HEADER))
                .startsWith(header + ": \"" + value + "\" (expected: ");
    }

    @Test
    void badValuesSayWhatIsExpected() {
        assertThat(refused(OPEN, PLAIN.with("x-warmgate-priority", "high"), Reason.BAD_HEADER))
                .isEqualTo("x-warmgate-priority: \"high\" (expected: a whole number from -1000 to 1000)");
        assertThat(refused(OPEN, PLAIN.with("x-request-timeout-ms", "0"), Reason.BAD_HEADER))
                .isEqualTo("x-request-timeout-ms: \"0\" (expected: a whole number of milliseconds from 1 to 86400000)");
        assertThat(refused(OPEN, PLAIN.with("x-slo-ttft-ms", "0"), Reason.BAD_HEADER))
                .isEqualTo("x-slo-ttft-ms: \"0\" (expected: milliseconds, above 0 and at most 86400000)");
    }

    @Test
    void blankHeadersCountAsAbsent() {
        var facts = PLAIN;
        for (String header : ControlHeaders.WISHES) {
            facts = facts.with(header, " \t ");
        }
        assertThat(standing(OPEN, facts)).isEqualTo(Standing.DEFAULT);
        assertThat(standing(bank(), facts.withKey(CHAT_KEY)).flow()).isEqualTo("chat");
    }

    @Test
    void withControlCharacters() {
        for (String header : ControlHeaders.WISHES) {
            for (String sign : new String[] {"\u0000", "\u001b", "\r\n", "\u007f", "\u0085", "a\tb"}) {
                String message = refused(OPEN, PLAIN.with(header, "1" + sign + "1"), Reason.BAD_HEADER);
                assertThat(message).startsWith(header + ": \"1");
                assertThat(message.chars()).as(message).noneMatch(Character::isISOControl);
            }
        }
    }

    @Test
    void withTextsThatAreTooLong() {
        String longest = "f".repeat(256);
        assertThat(standing(OPEN, PLAIN.with("x-llm-d-inference-fairness-id", longest))
                        .flow())
                .isEqualTo("default/" + longest);
        assertThat(refused(OPEN, PLAIN.with("x-gateway-inference-fairness-id", longest + "f"), Reason.BAD_HEADER))
                .isEqualTo("x-gateway-inference-fairness-id: \"" + "f".repeat(40)
                        + "…\" (expected: at most 256 characters)");
        refused(OPEN, PLAIN.with("x-llm-d-inference-objective", "o".repeat(1001)), Reason.BAD_HEADER);
        assertThat(refused(OPEN, PLAIN.with("x-warmgate-priority", "9".repeat(1_000_000)), Reason.BAD_HEADER))
                .hasSizeLessThan(200);
    }

    @Test
    void aFairnessIdThatDoesNotCountIsNotLookedAt() {
        assertThat(standing(bank(), PLAIN.withKey(FRAUD_KEY).with("x-llm-d-inference-fairness-id", "\u0000"))
                        .flow())
                .isEqualTo("fraud");
    }

    @Test
    void noHeaderWhateverItHoldsGetsMoreThanTheGrantOrAnythingButAnAnswer() {
        long seed = new Random().nextLong();
        var random = new Random(seed);
        String signs = "0123456789-+.eE \t\u0000\u007f\u00e9x/,;\"";
        for (int i = 0; i < 20_000; i++) {
            var facts = random.nextBoolean() ? PLAIN : PLAIN.withKey(CHAT_KEY);
            for (String header : ControlHeaders.WISHES) {
                if (random.nextInt(4) == 0) {
                    var value = new StringBuilder();
                    for (int n = random.nextInt(6); n > 0; n--) {
                        value.append(signs.charAt(random.nextInt(signs.length())));
                    }
                    facts = facts.with(header, random.nextInt(5) == 0 ? "fraud" : value.toString());
                }
            }
            facts = facts.withBodyPriority(random.nextInt()).withTier(random.nextBoolean() ? "priority" : "x");
            switch (bank().classify(facts)) {
                case Known(var standing, var tenant) ->
                    assertThat(standing.priority()).as("seed " + seed).isLessThanOrEqualTo(tenant.maxPriority());
                case Classification.Later later -> throw new AssertionError(later);
                case Refused(var reason, var message) -> {
                    assertThat(reason).as("seed " + seed).isIn(Reason.BAD_HEADER, Reason.PRIORITY_NOT_GRANTED);
                    assertThat(message.chars()).as("seed " + seed).noneMatch(Character::isISOControl);
                }
            }
        }
    }
}
