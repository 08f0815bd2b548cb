package dev.warmgate.router.tenancy;

import static java.util.Objects.requireNonNull;

import java.util.concurrent.CompletionStage;

/** What became of the question what a token says. */
public sealed interface TokenResult {
    /** Its signature, its times and its audience are right. */
    record Valid(TokenClaims claims) implements TokenResult {
        public Valid {
            requireNonNull(claims, "claims");
        }
    }

    /**
     * It must not be believed.
     *
     * @param why for the caller, the rest of a sentence that begins with "The token"; nothing of the token itself
     */
    record Invalid(String why) implements TokenResult {
        public Invalid {
            requireNonNull(why, "why");
        }
    }

    /** The text is no signed token at all; it may be an API key. */
    record NoToken() implements TokenResult {}

    /**
     * The keys that it could be checked with are being fetched. Ask again when the stage is complete, which it will be,
     * in seconds, whether the keys came or not.
     */
    record Pending(CompletionStage<Void> fetched) implements TokenResult {
        public Pending {
            requireNonNull(fetched, "fetched");
        }
    }

    /** There are no keys to check it with, and none are coming now. */
    record Unavailable() implements TokenResult {}
}
