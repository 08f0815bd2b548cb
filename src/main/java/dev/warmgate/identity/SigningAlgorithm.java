package dev.warmgate.identity;

/**
 * The algorithms that a token may be signed with (RFC 7518 section 3.1, RFC 8037 section 3.1). Symmetric ones are not
 * among them: with these, whoever can check tokens can also make them.
 */
public enum SigningAlgorithm {
    RS256("RS256"),
    RS384("RS384"),
    RS512("RS512"),
    PS256("PS256"),
    PS384("PS384"),
    PS512("PS512"),
    ES256("ES256"),
    ES384("ES384"),
    ES512("ES512"),
    /** With keys on the curve Ed25519. */
    EDDSA("EdDSA");

    private final String label;

    SigningAlgorithm(String label) {
        this.label = label;
    }

    /** Returns the name in tokens. */
    public String label() {
        return label;
    }
}
