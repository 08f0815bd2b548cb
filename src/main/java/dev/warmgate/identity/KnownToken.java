package dev.warmgate.identity;

import dev.warmgate.router.tenancy.TokenResult;
import java.time.Instant;

/**
 * A token that was found right.
 *
 * @param valid what it says
 * @param until when it ends to be valid, clock skew included
 */
record KnownToken(TokenResult.Valid valid, Instant until) {}
