package dev.warmgate.router.tenancy;

import static dev.warmgate.router.admission.Standing.NONE;
import static dev.warmgate.router.tenancy.Facts.PLAIN;
import static dev.warmgate.router.tenancy.Fixtures.BATCH_KEY;
import static dev.warmgate.router.tenancy.Fixtures.CHAT_KEY;
import static dev.warmgate.router.tenancy.Fixtures.CHAT_TENANT;
import static dev.warmgate.router.tenancy.Fixtures.FRAUD_KEY;
import static dev.warmgate.router.tenancy.Fixtures.anonymous;
import static dev.warmgate.router.tenancy.Fixtures.bank;
import static dev.warmgate.router.tenancy.Fixtures.standing;
import static dev.warmgate.router.tenancy.Fixtures.strictBank;
import static org.assertj.core.api.Assertions.assertThat;

import dev.warmgate.router.admission.Standing;
import dev.warmgate.router.tenancy.Classification.Known;
import dev.warmgate.router.tenancy.TenancySettings.UnknownObjective;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Which word about a request counts. */
class TenancyTest {
    private static final Tenancy OPEN = new Tenancy(TenancySettings.DEFAULT);

    private static int priority(Facts facts) {
        return standing(bank(), facts).priority();
    }

    @Test
    void withoutConfigurationEverybodyIsTheDefaultTenant() {
        assertThat(standing(OPEN, PLAIN)).isEqualTo(Standing.DEFAULT);
        assertThat(standing(OPEN, PLAIN.withKey("anything at all").with("x-api-key", "EMPTY")))
                .isEqualTo(Standing.DEFAULT);
        assertThat(standing(OPEN, PLAIN.withTier("priority").withBodyPriority(-100)))
                .isEqualTo(Standing.DEFAULT);
        assertThat(standing(OPEN, PLAIN.with("x-llm-d-inference-objective", "fraud")))
                .isEqualTo(Standing.DEFAULT);
        assertThat(standing(OPEN, PLAIN.with("x-gateway-inference-fairness-id", "alice")))
                .isEqualTo(anonymous(0, "alice"));
        assertThat(standing(OPEN, PLAIN.with("x-warmgate-priority", "-7"))).isEqualTo(anonymous(-7, null));
        assertThat(standing(OPEN, PLAIN.withModel(null))).isEqualTo(Standing.DEFAULT);
        assertThat(OPEN.tenants()).containsExactly("default");
    }

    @Test
    void theKeyNamesTheTenant() {
        var chat = new Standing(10, "chat", "chat", 4, 1, NONE, NONE);
        assertThat(bank().classify(PLAIN.withKey(CHAT_KEY))).isEqualTo(new Known(chat, CHAT_TENANT));
        assertThat(standing(bank(), PLAIN.with("authorization", "bEARER \t " + CHAT_KEY + " ")))
                .isEqualTo(chat);
        assertThat(standing(bank(), PLAIN.with("x-api-key", "sk-chat-the-other-key")))
                .isEqualTo(chat);
        assertThat(standing(bank(), PLAIN.withKey(FRAUD_KEY)))
                .isEqualTo(new Standing(100, "fraud", "fraud", 1, 0.25, 0.02, 5));
        assertThat(bank().tenants()).containsExactly("batch", "chat", "default", "fraud");
    }

    @Test
    void ofTwoKeysTheKnownOneCountsAndOfTwoKnownOnesTheBearers() {
        var both = PLAIN.withKey(CHAT_KEY).with("x-api-key", FRAUD_KEY);
        assertThat(standing(strictBank(), both).tenant()).isEqualTo("chat");
        assertThat(standing(strictBank(), both.withKey("sk-of-somebody-else-1")).tenant())
                .isEqualTo("fraud");
        assertThat(standing(strictBank(), both.with("authorization", "Basic Zm9vOmJhcg=="))
                        .tenant())
                .isEqualTo("fraud");
    }

    @Test
    void whoeverHasNoKnownKeyIsTheDefaultTenantIfKeysAreNotRequired() {
        assertThat(standing(bank(), PLAIN)).isEqualTo(Standing.DEFAULT);
        assertThat(standing(bank(), PLAIN.withKey("sk-of-somebody-else-1"))).isEqualTo(Standing.DEFAULT);
        assertThat(standing(bank(), PLAIN.with("x-gateway-inference-fairness-id", "alice")))
                .as("flows of callers without a key would take from those that have one")
                .isEqualTo(Standing.DEFAULT);
    }

    @Test
    void theDefaultTenantCanBeConfigured() {
        var settings = new TenancySettings(
                List.of(new Tenant("default", 3, -1, "batch", Fixtures.keys(), List.of(), true, false)),
                List.of(Fixtures.BATCH),
                List.of(),
                Map.of(),
                UnknownObjective.DEFAULT,
                false);
        assertThat(standing(new Tenancy(settings), PLAIN.with("x-llm-d-inference-fairness-id", "bob")))
                .isEqualTo(new Standing(-10, "default", "default/bob", 3, NONE, NONE, 3600));
    }

    @Test
    void theHeadersObjectiveGoesBeforeTierAndTierBeforeRuleAndRuleBeforeTenant() {
        var all = PLAIN.withKey(FRAUD_KEY)
                .withPath("/v1/embeddings?x=1")
                .withTier("flex")
                .with("x-llm-d-inference-objective", "chat");
        assertThat(priority(all)).isEqualTo(10);
        assertThat(priority(all.with("x-llm-d-inference-objective", " "))).isEqualTo(-10);
        var withoutHeader = PLAIN.withKey(FRAUD_KEY).withPath("/v1/embeddings?x=1");
        assertThat(priority(withoutHeader.withTier("flex"))).isEqualTo(-10);
        assertThat(standing(bank(), withoutHeader)).isEqualTo(new Standing(-5, "fraud", "fraud", 1, NONE, NONE, NONE));
        assertThat(priority(withoutHeader.withTier("auto")))
                .as("a tier without an objective")
                .isEqualTo(-5);
        assertThat(priority(PLAIN.withKey(FRAUD_KEY))).isEqualTo(100);
        assertThat(priority(PLAIN)).isZero();
    }

    @Test
    void theNewerNameOfAHeaderGoesBeforeTheOlder() {
        var older = PLAIN.withKey(CHAT_KEY)
                .with("x-gateway-inference-objective", "batch")
                .with("x-gateway-inference-fairness-id", "old")
                .with("x-slo-ttft-ms", "100")
                .with("x-slo-tpot-ms", "10");
        assertThat(standing(bank(), older)).isEqualTo(new Standing(-10, "chat", "chat/old", 4, 0.1, 0.01, 3600));
        var newer = older.with("x-llm-d-inference-objective", "chat")
                .with("x-llm-d-inference-fairness-id", "new")
                .with("x-llm-d-slo-ttft-ms", "200")
                .with("x-llm-d-slo-tpot-ms", "20.5");
        assertThat(standing(bank(), newer)).isEqualTo(new Standing(10, "chat", "chat/new", 4, 0.2, 0.0205, NONE));
    }

    @Test
    void aRuleNeedsAllItsConditionsAndTheFirstThatMatchesCounts() {
        assertThat(priority(PLAIN.withModel("judge-7b"))).isZero();
        assertThat(priority(PLAIN.with("x-app", "evals"))).isZero();
        var judged = PLAIN.withModel("judge-7b").with("x-app", " evals");
        assertThat(priority(judged)).isEqualTo(-10);
        assertThat(priority(judged.withPath("/v1/embeddings"))).isEqualTo(-5);
        assertThat(priority(judged.withModel(null))).isZero();
        assertThat(priority(judged.with("x-app", "other"))).isZero();
    }

    @Test
    void aPriorityHeaderReplacesWhatTheObjectiveSaysUpToTheGrant() {
        assertThat(priority(PLAIN.withKey(FRAUD_KEY).with("x-warmgate-priority", "-1000")))
                .isEqualTo(-1000);
        var chat = PLAIN.withKey(CHAT_KEY).with("x-llm-d-inference-objective", "batch");
        assertThat(standing(bank(), chat.with("x-warmgate-priority", "10")))
                .as("within the grant, with the objective's deadline")
                .isEqualTo(new Standing(10, "chat", "chat", 4, NONE, NONE, 3600));
    }

    @Test
    void theBodysPriorityIsSubtractedWhereItCounts() {
        assertThat(priority(PLAIN.withKey(CHAT_KEY).withBodyPriority(3))).isEqualTo(7);
        assertThat(priority(PLAIN.withKey(CHAT_KEY).withBodyPriority(-3)))
                .as("the grant")
                .isEqualTo(10);
        assertThat(priority(PLAIN.withKey(CHAT_KEY).withTier("flex").withBodyPriority(-3)))
                .isEqualTo(-7);
        assertThat(priority(PLAIN.withKey(CHAT_KEY).withBodyPriority(Integer.MAX_VALUE)))
                .as("a time as a priority")
                .isEqualTo(-1000);
        assertThat(priority(PLAIN.withKey(CHAT_KEY).withTier("flex").withBodyPriority(-Integer.MAX_VALUE)))
                .isEqualTo(10);
        assertThat(priority(PLAIN.withKey(CHAT_KEY).withBodyPriority(3).with("x-warmgate-priority", "5")))
                .as("the header goes before")
                .isEqualTo(5);
        assertThat(priority(PLAIN.withKey(FRAUD_KEY).withBodyPriority(3)))
                .as("not this tenant's")
                .isEqualTo(100);
    }

    @Test
    void whatTiersRulesAndBodiesComeToIsLoweredToTheGrant() {
        assertThat(standing(bank(), PLAIN.withKey(CHAT_KEY).withTier("priority")))
                .isEqualTo(new Standing(10, "chat", "chat", 4, 0.25, 0.02, 5));
        assertThat(priority(PLAIN.with("x-urgent", ""))).isZero();
        assertThat(priority(PLAIN.withKey(BATCH_KEY)))
                .as("the grant is below 0")
                .isEqualTo(-10);
        assertThat(priority(PLAIN.withKey(BATCH_KEY).withPath("/v1/embeddings")))
                .isEqualTo(-10);
    }

    @Test
    void whereThereAreNoTenantsObjectivesAreForEverybody() {
        var settings = new TenancySettings(
                List.of(),
                List.of(Fixtures.CHAT, Fixtures.BATCH),
                List.of(new Rule(Fixtures.pattern("fraud"), null, null, null, null, 50)),
                Map.of(),
                UnknownObjective.REJECT,
                false);
        var tenancy = new Tenancy(settings);
        assertThat(standing(tenancy, PLAIN)).isEqualTo(Standing.DEFAULT);
        assertThat(standing(tenancy, PLAIN.with("x-llm-d-inference-objective", "chat"))
                        .priority())
                .isEqualTo(10);
        assertThat(standing(tenancy, PLAIN.withModel("fraud")).priority()).isEqualTo(50);
    }

    @Test
    void targetsOfTheCallerReplaceTheObjectivesAndTheSoonerDeadlineCounts() {
        var fraud = PLAIN.withKey(FRAUD_KEY).with("x-slo-ttft-ms", "1500").with("x-slo-tpot-ms", "0.5");
        assertThat(standing(bank(), fraud)).isEqualTo(new Standing(100, "fraud", "fraud", 1, 1.5, 0.0005, 5));
        assertThat(standing(bank(), fraud.with("x-request-timeout-ms", "9000")).timeoutSeconds())
                .isEqualTo(5);
        assertThat(standing(bank(), fraud.with("x-request-timeout-ms", "1")).timeoutSeconds())
                .isEqualTo(0.001);
        assertThat(standing(bank(), PLAIN.with("x-request-timeout-ms", "86400000"))
                        .timeoutSeconds())
                .isEqualTo(86_400);
    }

    @Test
    void twoTenantsNeverShareAFlow() {
        var settings = new TenancySettings(
                List.of(
                        new Tenant("a", 1, 0, null, Fixtures.keys(CHAT_KEY), List.of(), true, false),
                        new Tenant("b", 1, 0, null, Fixtures.keys(FRAUD_KEY), List.of(), true, false)),
                List.of(),
                List.of(),
                Map.of(),
                UnknownObjective.DEFAULT,
                true);
        var tenancy = new Tenancy(settings);
        var request = PLAIN.with("x-llm-d-inference-fairness-id", "b/x");
        assertThat(standing(tenancy, request.withKey(CHAT_KEY)).flow()).isEqualTo("a/b/x");
        assertThat(standing(tenancy, request.withKey(FRAUD_KEY)).flow()).isEqualTo("b/b/x");
    }
}
