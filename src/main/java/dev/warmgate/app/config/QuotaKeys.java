package dev.warmgate.app.config;

import dev.warmgate.router.quota.QuotaKind;
import dev.warmgate.router.quota.QuotaSpec;
import dev.warmgate.router.quota.TokenPrice;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The keys that say how much tenants may use, and of which model, in the order of the documentation. */
final class QuotaKeys {
    private static final List<Setting<?>> COLLECTED = new ArrayList<>();

    private static final String UNLIMITED = "no limit";
    private static final ValueType<Long> OUTPUT_TOKENS = ValueTypes.integer(1, QuotaSpec.MOST_OUTPUT_TOKENS);

    static final Map<QuotaKind, Setting<Double>> TENANT = limits("tenants[].limits.", "the tenant");
    static final Setting<String> TENANT_MODEL =
            add(model("tenants[].modelLimits[].model", "The model that these limits of the tenant are about."));
    static final Map<QuotaKind, Setting<Double>> TENANT_WITH_MODEL =
            limits("tenants[].modelLimits[].", "the tenant with the model");
    static final Setting<String> MODEL =
            add(model("quotas.models[].model", "The model that these limits of all tenants together are about."));
    static final Map<QuotaKind, Setting<Double>> OF_MODEL = limits("quotas.models[].", "all tenants with the model");

    static final Setting<String> PRICE_MODEL = add(model(
            "quotas.prices[].model", "The model that the price is for; `*` for all that have none of their own."));
    static final Setting<Double> PRICE_INPUT =
            add(price("quotas.prices[].input", "Of a million prompt tokens that have to be computed."));
    static final Setting<Double> PRICE_CACHED = add(Setting.withoutDefault(
            "quotas.prices[].cached",
            ValueTypes.amount(0, TokenPrice.MOST),
            "`input`",
            "Of a million prompt tokens that were in a cache."));
    static final Setting<Double> PRICE_OUTPUT = add(price("quotas.prices[].output", "Of a million generated tokens."));
    static final Setting<Long> EXPECTED_OUTPUT = add(Setting.of(
            "quotas.expectedOutputTokens",
            OUTPUT_TOKENS,
            (long) QuotaSpec.DEFAULT_EXPECTED_OUTPUT_TOKENS,
            "Output that is reserved for a request that sets no maximum."));
    static final Setting<Long> WHOLE_ANSWER = add(Setting.of(
            "quotas.wholeAnswerTokens",
            OUTPUT_TOKENS,
            (long) QuotaSpec.DEFAULT_WHOLE_ANSWER_TOKENS,
            "Output that is reserved at most for a stream when it begins; the rest is reserved as it comes."));

    static final List<Setting<?>> ALL = List.copyOf(COLLECTED);

    private QuotaKeys() {}

    private static Map<QuotaKind, Setting<Double>> limits(String path, String whose) {
        var settings = new EnumMap<QuotaKind, Setting<Double>>(QuotaKind.class);
        for (var kind : QuotaKind.values()) {
            var type = kind.whole()
                    ? ValueTypes.wholeAmount(kind.least(), kind.most())
                    : ValueTypes.amount(kind.least(), kind.most());
            String words = kind.words();
            settings.put(
                    kind,
                    add(Setting.withoutDefault(
                            path + kind.settingName(),
                            type,
                            UNLIMITED,
                            words.substring(0, 1).toUpperCase(Locale.ROOT) + words.substring(1) + " of " + whose
                                    + ".")));
        }
        return settings;
    }

    private static Setting<String> model(String path, String meaning) {
        return Setting.withoutDefault(path, ValueTypes.text("a model name"), Setting.REQUIRED, meaning);
    }

    private static Setting<Double> price(String path, String meaning) {
        return Setting.withoutDefault(path, ValueTypes.amount(0, TokenPrice.MOST), Setting.REQUIRED, meaning);
    }

    private static <T> Setting<T> add(Setting<T> setting) {
        COLLECTED.add(setting);
        return setting;
    }
}
