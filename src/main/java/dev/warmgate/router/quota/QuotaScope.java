package dev.warmgate.router.quota;

import static java.util.Objects.requireNonNull;

/** Whose use a limit counts. Names come from the configuration, so they may be metric labels. */
public sealed interface QuotaScope {
    /** Returns who it is, in words: {@code tenant acme}. */
    String words();

    /** All requests of a tenant. */
    record OfTenant(String tenant) implements QuotaScope {
        public OfTenant {
            requireName("tenant", tenant);
        }

        @Override
        public String words() {
            return "tenant " + tenant;
        }
    }

    /** All requests for a model, whoever sends them. */
    record OfModel(String model) implements QuotaScope {
        public OfModel {
            requireName("model", model);
        }

        @Override
        public String words() {
            return "model " + model;
        }
    }

    /** The requests of a tenant for one model. They count for the tenant and for the model as well. */
    record OfTenantAndModel(String tenant, String model) implements QuotaScope {
        public OfTenantAndModel {
            requireName("tenant", tenant);
            requireName("model", model);
        }

        @Override
        public String words() {
            return "tenant " + tenant + " with model " + model;
        }
    }

    private static void requireName(String what, String name) {
        if (requireNonNull(name, what).isBlank()) {
            throw new IllegalArgumentException(what + ": \"" + name + "\" (expected: a name)");
        }
    }
}
