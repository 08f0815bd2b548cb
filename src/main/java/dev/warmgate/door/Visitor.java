package dev.warmgate.door;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What a door knows from the header of a request that wants in. */
public interface Visitor {
    /** Returns the value of a field, the first one if it is repeated, or null. */
    @Nullable
    String header(String lowerCaseName);

    /** Returns the path without its query. */
    String path();

    /** Returns whether the request has no body. */
    boolean bodiless();

    /** Returns those of some fields, named in lower case, that the request has. */
    default Map<String, String> headers(Set<String> names) {
        if (names.isEmpty()) {
            return Map.of();
        }
        var found = new HashMap<String, String>();
        for (var name : names) {
            var value = header(name);
            if (value != null) {
                found.put(name, value);
            }
        }
        return found;
    }
}
