package dev.warmgate.router.prefix;

/** Looks into an index for tests of other packages. */
public final class IndexChecks {
    private IndexChecks() {}

    /** Throws if the index contradicts itself. */
    public static void check(PrefixIndex index) {
        index.check();
    }
}
