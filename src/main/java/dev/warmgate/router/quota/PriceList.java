package dev.warmgate.router.quota;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the tokens of each model cost. All prices are in one currency, which nobody here needs to know.
 *
 * @param byModel prices of single models
 * @param otherModels the price of every other model, or null if there is none
 */
public record PriceList(
        Map<String, TokenPrice> byModel, @Nullable TokenPrice otherModels) {
    /** No prices. */
    public static final PriceList NONE = new PriceList(Map.of(), null);

    public PriceList {
        byModel = Map.copyOf(byModel);
    }

    /** Returns what a model costs, or null if that is not known. */
    public @Nullable TokenPrice of(String model) {
        var own = byModel.get(model);
        return own != null ? own : otherModels;
    }
}
