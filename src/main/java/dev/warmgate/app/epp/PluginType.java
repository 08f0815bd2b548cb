package dev.warmgate.app.epp;

import java.util.Set;

/**
 * A type of plugin that the reference knows, and what becomes of it here.
 *
 * @param name as in {@code type}
 * @param alpha whether the reference wants {@code --allow-experimental-plugins} for it
 */
record PluginType(String name, boolean alpha, Set<PluginRole> roles, Fate fate) {
    PluginType {
        roles = Set.copyOf(roles);
    }

    boolean is(PluginRole role) {
        return roles.contains(role);
    }

    /** What becomes of a type of plugin. */
    sealed interface Fate {
        /** It takes part: {@code PluginMaker} knows how. */
        record Takes() implements Fate {}

        /**
         * It changes nothing here.
         *
         * @param why for people
         */
        record Idle(String why) implements Fate {}

        /**
         * A file with it is refused.
         *
         * @param instead the nearest that there is here, for people
         */
        record Refused(String instead) implements Fate {}
    }
}
