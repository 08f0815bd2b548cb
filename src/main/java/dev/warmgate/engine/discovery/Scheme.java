package dev.warmgate.engine.discovery;

/** What endpoints speak below HTTP. */
public enum Scheme {
    /** Plain TCP. */
    HTTP("http"),
    /** TLS. */
    HTTPS("https");

    private final String label;

    Scheme(String label) {
        this.label = label;
    }

    /** Returns the name in configuration and addresses. */
    public String label() {
        return label;
    }
}
