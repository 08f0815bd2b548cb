package dev.warmgate.app.epp;

import dev.warmgate.app.epp.Document.Plugin;
import dev.warmgate.app.epp.Document.Profile;
import dev.warmgate.app.epp.Document.Reference;
import dev.warmgate.app.epp.Made.Part;
import dev.warmgate.app.text.Quoted;
import dev.warmgate.router.profile.ApproximatePrefix;
import dev.warmgate.router.profile.ChainSpec;
import dev.warmgate.router.profile.Filter;
import dev.warmgate.router.profile.InFlightLoad;
import dev.warmgate.router.profile.Picker;
import dev.warmgate.router.profile.ProfileHandler;
import dev.warmgate.router.profile.SchedulingProfile;
import dev.warmgate.router.profile.Scorer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Makes a chain of a document: what the defaults add, what every plugin becomes, what the profiles take of it. Used once;
 * confined to one thread.
 */
final class ChainMaker {
    private final Document document;
    private final Problems problems;
    private final PluginSet plugins;

    ChainMaker(Document document, Problems problems) {
        this.document = document;
        this.problems = problems;
        this.plugins = new PluginSet(document.plugins(), problems);
    }

    /**
     * Returns what becomes of the document; null if there are problems.
     *
     * @param policy the chain's name
     */
    @Nullable
    EndpointPickerConfig make(String policy, String file) {
        var profiles = new Defaults(document, plugins, problems).apply();
        var made = new PluginMaker(plugins, problems).make();
        checkHandlers(profiles);
        var scheduling = new ArrayList<@Nullable SchedulingProfile>();
        profiles.forEach(profile -> scheduling.add(scheduling(profile, made)));
        var prefix = only(made, part -> part instanceof Part.OfPrefix(ApproximatePrefix p) ? p : null);
        var load = only(made, part -> part instanceof Part.OfLoad(InFlightLoad l) ? l : null);
        var handler = only(made, part -> part instanceof Part.OfHandler(ProfileHandler h) ? h : null);
        var used = new HashSet<String>();
        profiles.forEach(profile ->
                profile.plugins().forEach(use -> used.add(use.plugin().name())));
        var warnings = new ArrayList<String>();
        var waiting = new AdmissionMaker(document, plugins, made, problems, warnings).make();
        if (problems.any() || handler == null) {
            return null;
        }
        var chain = new ChainSpec(
                policy, PluginSet.made(scheduling), handler, prefix, load == null ? InFlightLoad.DEFAULT : load);
        return new EndpointPickerConfig(
                file,
                chain,
                waiting.admission(),
                waiting.maxInFlight(),
                Rows.of(plugins.all(), made, used, waiting.limit()),
                warnings);
    }

    private void checkHandlers(List<Profile> profiles) {
        var handlers = plugins.of(PluginRole.HANDLER);
        if (handlers.isEmpty()) {
            problems.add(
                    profiles.get(1).line(),
                    "schedulingProfiles",
                    profiles.size()
                            + " profiles and no profile handler (expected: one profile, or a plugin that is one,"
                            + " such as header-profile-handler)");
        }
        handlers.stream()
                .skip(1)
                .forEach(handler -> problems.add(
                        handler.line(),
                        handler.path() + ".type",
                        Quoted.of(handler.type()) + " is a second profile handler beside "
                                + handlers.getFirst().path() + " (expected: exactly one)"));
        if (profiles.size() > 1
                && !handlers.isEmpty()
                && handlers.getFirst().type().equals(PluginTypes.SINGLE_HANDLER)) {
            problems.add(
                    profiles.get(1).line(),
                    profiles.get(1).path(),
                    "a second profile (expected: one, with single-profile-handler)");
        }
    }

    /** Returns a profile, or null if something in it is wrong, which is reported. */
    private @Nullable SchedulingProfile scheduling(Profile profile, Map<String, Made> made) {
        var filters = new ArrayList<Filter.Named>();
        var scorers = new ArrayList<Scorer.Weighted>();
        Picker picker = null;
        String pickedBy = "";
        for (var use : profile.plugins()) {
            var plugin = plugins.resolve(use.plugin());
            if (plugin == null) {
                continue;
            }
            for (var part : made.getOrDefault(plugin.name(), Made.NOTHING).parts()) {
                switch (part) {
                    case Part.OfFilter(Filter filter) -> filters.add(new Filter.Named(plugin.name(), filter));
                    case Part.OfScorer(Scorer scorer) ->
                        scorers.add(new Scorer.Weighted(plugin.name(), scorer, use.weight()));
                    case Part.OfPicker(Picker one) -> {
                        if (picker != null) {
                            secondPicker(use.plugin(), pickedBy);
                        }
                        picker = one;
                        pickedBy = plugin.name();
                    }
                    case Part.OfHandler _, Part.OfPrefix _, Part.OfLoad _, Part.OfSession _ -> {}
                }
            }
        }
        return picker == null ? null : new SchedulingProfile(profile.name(), filters, scorers, picker);
    }

    private void secondPicker(Reference use, String first) {
        problems.add(
                use.line(),
                use.path(),
                Quoted.of(use.name()) + " is a second picker beside " + first + " (expected: one in a profile)");
    }

    /** Returns the only part of a kind, or null if there is none; further ones are reported. */
    private <T> @Nullable T only(Map<String, Made> made, Function<Part, @Nullable T> kind) {
        T found = null;
        Plugin first = null;
        for (var plugin : plugins.all()) {
            for (var part : made.getOrDefault(plugin.name(), Made.NOTHING).parts()) {
                T one = kind.apply(part);
                if (one == null) {
                    continue;
                }
                if (first != null && !PluginSet.is(plugin, PluginRole.HANDLER)) {
                    problems.add(
                            plugin.line(),
                            plugin.path() + ".type",
                            "a second " + plugin.type() + " beside " + first.name() + " (expected: one)");
                }
                found = found == null ? one : found;
                first = first == null ? plugin : first;
            }
        }
        return found;
    }
}
