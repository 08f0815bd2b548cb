package dev.warmgate.router.tenancy;

import org.jspecify.annotations.Nullable;

/** What a door knows about a request when it asks for its standing. Called on the thread of the caller only. */
public interface RequestFacts {
    /** Returns the value of a header as it came, the first one if it is repeated, or null if it is absent. */
    @Nullable
    String header(String lowerCaseName);

    /** Returns the path; a query behind it is not looked at. */
    String path();

    /**
     * Returns the model that is asked for: empty if the request has no body, null if it has one but its model is not
     * known. Tenants that may not use all models are refused what is not known.
     */
    @Nullable
    String model();

    /** Returns the body's {@code service_tier}, if there is one. */
    @Nullable
    String serviceTier();

    /** Returns the body's {@code priority} in vLLM's sense: lower goes first, 0 if there is none. */
    int bodyPriority();
}
