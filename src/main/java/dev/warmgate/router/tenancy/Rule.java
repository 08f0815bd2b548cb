package dev.warmgate.router.tenancy;

import org.jspecify.annotations.Nullable;

/**
 * What requests are that look a certain way. All conditions that are set must hold.
 *
 * @param model of the request
 * @param path of the request, without its query
 * @param header the name of a header, in lower case
 * @param value of that header; null if any value will do
 * @param objective the name of an objective; either this or {@code priority} is set
 * @param priority -1000 to 1000
 */
public record Rule(
        @Nullable TextPattern model,
        @Nullable TextPattern path,
        @Nullable String header,
        @Nullable TextPattern value,
        @Nullable String objective,
        @Nullable Integer priority) {
    public Rule {
        if (model == null && path == null && header == null) {
            throw new IllegalArgumentException("rule: no condition (expected: model, path or header)");
        }
        if (value != null && header == null) {
            throw new IllegalArgumentException("value: " + value + " (expected: only together with header)");
        }
        if ((objective == null) == (priority == null)) {
            throw new IllegalArgumentException("rule: expected either objective or priority");
        }
    }

    boolean matches(RequestFacts facts) {
        return matchesModel(facts.model()) && matchesPath(facts.path()) && matchesHeader(facts);
    }

    private boolean matchesModel(@Nullable String asked) {
        return model == null || (asked != null && model.matches(asked));
    }

    private boolean matchesPath(String asked) {
        if (path == null) {
            return true;
        }
        int query = asked.indexOf('?');
        return path.matches(query < 0 ? asked : asked.substring(0, query));
    }

    private boolean matchesHeader(RequestFacts facts) {
        if (header == null) {
            return true;
        }
        String sent = facts.header(header);
        return sent != null && (value == null || value.matches(HeaderValues.trim(sent)));
    }
}
