package dev.warmgate.router;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.warmgate.router.Explanation.Candidate;
import dev.warmgate.router.Explanation.Facts;
import dev.warmgate.router.Explanation.Price;
import dev.warmgate.router.Explanation.Term;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class ExplanationTest {
    private static final Facts FACTS = new Facts(0, 0, 0, 0, 10);

    @Test
    void theCheapestComesFirstAndTheChosenOneBeforeItsEquals() {
        var chosen = candidate("c", 1);
        var explanation = new Explanation(
                List.of(candidate("a", 2), candidate("b", 1), chosen, candidate("d", 0.5)), chosen, "why");
        assertThat(explanation.candidates()).extracting(Candidate::endpoint).containsExactly("d", "c", "b", "a");
        assertThat(Objects.requireNonNull(explanation.runnerUp()).endpoint()).isEqualTo("d");
    }

    @Test
    void withoutPricesThereIsNoRunnerUpAndTheOrderIsThePools() {
        var chosen = candidate("b", Double.NaN);
        var explanation =
                new Explanation(List.of(candidate("a", Double.NaN), chosen, candidate("c", Double.NaN)), chosen, "why");
        assertThat(explanation.candidates()).extracting(Candidate::endpoint).containsExactly("b", "a", "c");
        assertThat(explanation.runnerUp()).isNull();
    }

    @Test
    void aloneThereIsNoRunnerUp() {
        var only = candidate("a", 1);
        assertThat(new Explanation(List.of(only), only, "why").runnerUp()).isNull();
    }

    @Test
    void aPriceIsTheSumOfItsTerms() {
        var terms = List.of(new Term("prefill", 0.1), new Term("queue", 0.2), new Term("discount", -0.05));
        assertThat(Price.of(terms, 1)).isEqualTo(new Price(0.25, terms, 1));
        assertThatThrownBy(() -> new Price(0.3, terms, 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageMatching("costSeconds: 0.3 \\(expected: 0.2[45]\\d*, the sum of its terms\\)");
        assertThatThrownBy(() -> new Price(Double.NaN, terms, 1)).hasMessageStartingWith("costSeconds: NaN");
        assertThat(Price.NONE.known()).isFalse();
    }

    @Test
    void nonsenseIsRefused() {
        var a = candidate("a", 1);
        var b = candidate("b", 1);
        assertThatThrownBy(() -> new Explanation(List.of(a), b, "why"))
                .hasMessage("chosen: b (expected: one of the candidates)");
        assertThatThrownBy(() -> new Explanation(List.of(a, b), a, "why\nnot"))
                .hasMessageEndingWith("(expected: one line)");
        assertThatThrownBy(() -> new Term("queue", Double.POSITIVE_INFINITY)).hasMessageStartingWith("queue: Infinity");
        assertThatThrownBy(() -> new Facts(0, 0, 0, -1, 5)).hasMessageStartingWith("uncachedTokens: 5");
        assertThatThrownBy(() -> new Facts(-1, 0, 0, -1, -1)).hasMessageStartingWith("inFlight: -1");
    }

    private static Candidate candidate(String endpoint, double cost) {
        return new Candidate(endpoint, FACTS, new Price(cost, List.of(), Double.NaN));
    }
}
