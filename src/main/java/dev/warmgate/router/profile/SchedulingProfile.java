package dev.warmgate.router.profile;

import static java.util.Objects.requireNonNull;

import java.util.List;

/**
 * One way to choose an endpoint: filters in this order, then scorers, then the picker.
 *
 * @param name unique within the chain
 */
public record SchedulingProfile(String name, List<Filter.Named> filters, List<Scorer.Weighted> scorers, Picker picker) {
    public SchedulingProfile {
        Require.named(name, "name");
        filters = List.copyOf(filters);
        scorers = List.copyOf(scorers);
        requireNonNull(picker, "picker");
    }
}
