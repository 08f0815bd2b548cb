package dev.warmgate.router.profile;

/** Which profile decides on a request. */
public sealed interface ProfileHandler {
    /** The only one: {@code single-profile-handler}. */
    record Single() implements ProfileHandler {}

    /**
     * The one that a header names, if there are several: {@code header-profile-handler}. Where it names none that there is,
     * the request is refused.
     *
     * @param headerName the header, in any case
     * @param defaultProfile the profile of requests without that header
     */
    record ByHeader(String headerName, String defaultProfile) implements ProfileHandler {
        public static final ByHeader DEFAULT = new ByHeader("EPP-Profile", "decode");

        public ByHeader {
            Require.named(headerName, "headerName");
            Require.named(defaultProfile, "defaultProfile");
        }
    }
}
