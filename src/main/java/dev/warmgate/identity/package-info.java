/**
 * Signed tokens of callers: JSON Web Tokens (RFC 7519), checked with the keys that their issuers publish (RFC 7517).
 *
 * <p>Start at {@link dev.warmgate.identity.JwtVerifier}: one {@code Issuer} for each that is configured, each with a
 * {@code KeyRing} that fetches its keys from a {@code KeySource} and keeps the latest {@code KeySet}.
 *
 * <p>Threading: checking happens on the caller's thread and never blocks; fetching happens on virtual threads, at most one
 * for each issuer. A {@code KeySet} is immutable but for the cache of what was checked with it, so that no token outlives
 * the key that signed it.
 *
 * <p>Invariants: the algorithm is that of the allow-list and of the key, never only the token's choice, and there is no
 * symmetric one; a key that a token brings along is not looked at; tokens are remembered as digests only and appear in no
 * message; an issuer is asked at most once in ten seconds whatever tokens come; its keys are kept while it does not
 * answer.
 */
@NullMarked
package dev.warmgate.identity;

import org.jspecify.annotations.NullMarked;
