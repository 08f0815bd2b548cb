package dev.warmgate.twin.report;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/**
 * The groups into which reports sort requests by priority or tenant: the {@link #MOST} with the most requests have a group
 * of their own, all others share {@link #OTHER}.
 *
 * <p>A plan's requests and the outcomes of them are sorted into the same groups. Immutable.
 */
final class ClassNames {
    /** Groups of one class each at most. */
    static final int MOST = 20;

    /** The group of all the rest; a tenant who is called so is in it. */
    static final String OTHER = "other";

    /** The group of requests without a tenant. */
    static final String NOBODY = "none";

    private final List<String> names;
    private final int[] groups;

    private ClassNames(List<String> names, int[] groups) {
        this.names = List.copyOf(names);
        this.groups = groups;
    }

    /** Returns groups by priority, the highest first. */
    static <T> ClassNames ofPriorities(List<T> requests, ToIntFunction<T> priority) {
        return of(
                requests,
                request -> Integer.toString(priority.applyAsInt(request)),
                Comparator.<String>comparingInt(Integer::parseInt).reversed());
    }

    /** Returns groups by tenant, in the order of their names. */
    static <T> ClassNames ofTenants(List<T> requests, Function<T, @Nullable String> tenant) {
        return of(
                requests,
                request -> {
                    var name = tenant.apply(request);
                    return name == null ? NOBODY : name;
                },
                Comparator.naturalOrder());
    }

    /** Returns the groups' names, in the order of reports. */
    List<String> names() {
        return names;
    }

    /** Returns the group, a place in {@link #names}, of the {@code index}-th request. */
    int group(int index) {
        return groups[index];
    }

    private static <T> ClassNames of(List<T> requests, Function<T, String> name, Comparator<String> order) {
        Map<String, Integer> counts = new HashMap<>();
        var each = requests.stream().map(name).toList();
        each.forEach(one -> counts.merge(one, 1, Integer::sum));
        var bySize = Comparator.<String>comparingInt(one -> -counts.getOrDefault(one, 0))
                .thenComparing(Comparator.naturalOrder());
        var names = new ArrayList<>(counts.keySet().stream()
                .filter(one -> !one.equals(OTHER))
                .sorted(bySize)
                .limit(MOST)
                .toList());
        names.sort(order);
        if (names.size() < counts.size()) {
            names.add(OTHER);
        }
        Map<String, Integer> places = new HashMap<>();
        names.forEach(one -> places.put(one, places.size()));
        int[] groups = each.stream()
                .mapToInt(one -> places.getOrDefault(one, names.size() - 1))
                .toArray();
        return new ClassNames(names, groups);
    }
}
