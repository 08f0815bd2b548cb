package dev.warmgate.door;

import dev.warmgate.router.tenancy.RequestFacts;
import org.jspecify.annotations.Nullable;

/** What tenancy asks about a request. */
record Facts(
        Visitor visitor, @Nullable String model, @Nullable String serviceTier, int bodyPriority)
        implements RequestFacts {
    @Override
    public @Nullable String header(String lowerCaseName) {
        return visitor.header(lowerCaseName);
    }

    @Override
    public String path() {
        return visitor.path();
    }
}
