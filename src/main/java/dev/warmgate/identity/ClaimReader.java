package dev.warmgate.identity;

import dev.warmgate.router.admission.Standing;
import dev.warmgate.router.tenancy.TextPattern;
import dev.warmgate.router.tenancy.TokenClaims;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads the claims that this gateway cares about. */
final class ClaimReader {
    private static final int MOST_MODELS = 1000;

    private ClaimReader() {}

    /** A claim is not what it is for. */
    static final class BadClaim extends Exception {
        private static final long serialVersionUID = 1;

        private final String why;

        BadClaim(String name, String expected) {
            this("has a claim " + name + " that is not " + expected);
        }

        private BadClaim(String why) {
            super(why, null, false, false);
            this.why = why;
        }

        String why() {
            return why;
        }
    }

    static TokenClaims read(Map<String, Object> claims, IssuerSettings settings) throws BadClaim {
        var names = settings.claims();
        String tenant = text(claims, names.tenant());
        return new TokenClaims(
                tenant == null ? settings.tenant() : tenant,
                models(claims, names.models()),
                priority(claims, names.maxPriority()),
                text(claims, names.objective()));
    }

    private static @Nullable String text(Map<String, Object> claims, String name) throws BadClaim {
        return switch (find(claims, name)) {
            case null -> null;
            case String text when !text.isBlank() && text.length() <= 1000 -> text;
            default -> throw new BadClaim(name, "a text");
        };
    }

    private static @Nullable Integer priority(Map<String, Object> claims, String name) throws BadClaim {
        Object value = find(claims, name);
        if (value == null) {
            return null;
        }
        if (value instanceof Long || value instanceof Integer) {
            long number = ((Number) value).longValue();
            if (Standing.isPriority(number)) {
                return (int) number;
            }
        }
        throw new BadClaim(
                name, "a whole number from " + Standing.LOWEST_PRIORITY + " to " + Standing.HIGHEST_PRIORITY);
    }

    private static @Nullable List<TextPattern> models(Map<String, Object> claims, String name) throws BadClaim {
        List<?> written = switch (find(claims, name)) {
            case null -> null;
            case String text ->
                text.isBlank() ? List.of() : Arrays.asList(text.strip().split("\\s+"));
            case List<?> list -> list;
            default -> throw new BadClaim(name, "a list of models");
        };
        if (written == null) {
            return null;
        }
        var models = new ArrayList<TextPattern>();
        for (Object model : written) {
            var pattern = model instanceof String text ? TextPattern.parse(text) : null;
            if (pattern == null || models.size() == MOST_MODELS) {
                throw new BadClaim(name, "a list of models, each a name or its beginning and *");
            }
            models.add(pattern);
        }
        return models;
    }

    /** Names of claims may hold dots themselves (RFC 7519 section 4.2), so the whole name goes first. */
    private static @Nullable Object find(Map<String, Object> claims, String name) {
        Object whole = claims.get(name);
        if (whole != null || name.indexOf('.') < 0) {
            return whole;
        }
        Object place = claims;
        for (String part : name.split("\\.", -1)) {
            place = place instanceof Map<?, ?> map ? map.get(part) : null;
        }
        return place;
    }
}
