package dev.warmgate.door;

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
}
