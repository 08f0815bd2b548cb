package dev.warmgate.dialect;

import dev.warmgate.dialect.JacksonTree.Node;
import dev.warmgate.dialect.JacksonTree.Scalar;
import dev.warmgate.dialect.JacksonTree.Text;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The fields that {@link ReferenceReader} takes as hints: in any other type they are ignored. */
final class ReferenceHints {
    private ReferenceHints() {}

    static @Nullable String tier(@Nullable Node node) {
        boolean fits = node instanceof Text text && text.raw().getBytes(StandardCharsets.UTF_8).length <= 66;
        return fits ? first(node) : null;
    }

    /** As {@link #tier}: what is longer than any id is none. */
    static @Nullable String id(@Nullable Node node) {
        return tier(node);
    }

    static int priority(@Nullable Node node) {
        if (!(node instanceof Scalar number) || Set.of("true", "false").contains(number.raw())) {
            return 0;
        }
        var value = new BigDecimal(number.raw());
        var limit = BigDecimal.valueOf(Integer.MAX_VALUE);
        try {
            return value.abs().compareTo(limit) >= 0 ? value.signum() * Integer.MAX_VALUE : value.intValueExact();
        } catch (ArithmeticException e) {
            return 0;
        }
    }

    static @Nullable String first(@Nullable Node... nodes) {
        for (var node : nodes) {
            if (node instanceof Text text && !text.raw().equals("\"\"")) {
                return text.value();
            }
        }
        return null;
    }
}
