package dev.warmgate.router.profile;

import static java.util.Objects.requireNonNull;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A whole chain: what an {@code EndpointPickerConfig} says about choosing.
 *
 * @param name the policy's name in reports, metrics and decisions, for example {@code epp:picker.yaml}
 * @param profiles at least one
 * @param handler takes one of them for each request
 * @param prefix how matches are counted that {@code approx-prefix-cache-producer} produces; null if the chain has no such
 *     producer, and so knows of no matches
 * @param load what requests in flight count for
 */
public record ChainSpec(
        String name,
        List<SchedulingProfile> profiles,
        ProfileHandler handler,
        @Nullable ApproximatePrefix prefix,
        InFlightLoad load) {
    /**
     * Checks that it fits together.
     *
     * @throws IllegalArgumentException if two profiles have the same name, a plugin's name means two things, or a handler for
     *     one profile has several
     */
    public ChainSpec {
        Require.named(name, "name");
        profiles = List.copyOf(profiles);
        requireNonNull(handler, "handler");
        requireNonNull(load, "load");
        Require.that(!profiles.isEmpty(), "schedulingProfiles", "none", "at least one");
        Require.that(
                !(handler instanceof ProfileHandler.Single) || profiles.size() == 1,
                "schedulingProfiles",
                profiles.size(),
                "one, with single-profile-handler");
        var seen = new HashMap<String, Object>();
        for (var profile : profiles) {
            Require.that(
                    seen.put(profile.name(), profile) == null, "name", profile.name(), "no two profiles of a name");
        }
        var plugins = new HashMap<String, Object>();
        for (var profile : profiles) {
            profile.filters().forEach(filter -> once(plugins, filter.name(), filter.filter()));
            profile.scorers().forEach(scorer -> once(plugins, scorer.name(), scorer.scorer()));
        }
    }

    private static void once(Map<String, Object> plugins, String name, Object plugin) {
        var other = plugins.putIfAbsent(name, plugin);
        Require.that(other == null || other.equals(plugin), "name", name, "no two plugins of a name");
    }
}
