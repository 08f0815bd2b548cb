package dev.warmgate.app.epp;

import dev.warmgate.router.profile.ApproximatePrefix;
import dev.warmgate.router.profile.Filter;
import dev.warmgate.router.profile.InFlightLoad;
import dev.warmgate.router.profile.Picker;
import dev.warmgate.router.profile.ProfileHandler;
import dev.warmgate.router.profile.Scorer;
import dev.warmgate.router.profile.SessionAffinity;
import java.util.ArrayList;
import java.util.List;

/**
 * What one plugin became. Immutable.
 *
 * @param parts what takes part in choosing; a plugin may be several things
 * @param notes what is different here, or why it changes nothing
 */
record Made(List<Part> parts, List<String> notes) {
    static final Made NOTHING = new Made(List.of(), List.of());

    Made {
        parts = List.copyOf(parts);
        notes = List.copyOf(notes);
    }

    /** A part of the chain. */
    sealed interface Part {
        /** A filter. */
        record OfFilter(Filter filter) implements Part {}

        /** A scorer. */
        record OfScorer(Scorer scorer) implements Part {}

        /** A picker. */
        record OfPicker(Picker picker) implements Part {}

        /** A profile handler. */
        record OfHandler(ProfileHandler handler) implements Part {}

        /** How matches of prefixes are counted. */
        record OfPrefix(ApproximatePrefix prefix) implements Part {}

        /** What requests in flight count for. */
        record OfLoad(InFlightLoad load) implements Part {}

        /** Where the name of a session is found. */
        record OfSession(SessionAffinity.Source source) implements Part {}
    }

    static Made of(Part... parts) {
        return new Made(List.of(parts), List.of());
    }

    static Made idle(String note) {
        return new Made(List.of(), List.of(note));
    }

    Made with(String note) {
        var more = new ArrayList<>(notes);
        more.add(note);
        return new Made(parts, more);
    }
}
