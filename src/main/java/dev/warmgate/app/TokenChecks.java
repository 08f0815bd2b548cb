package dev.warmgate.app;

import dev.warmgate.app.config.GatewayConfig;
import dev.warmgate.identity.IssuerSettings;
import dev.warmgate.identity.JwtVerifier;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Who checks tokens, from one configuration to the next: while the same issuers are believed, their keys and the tokens
 * known stay. Any thread.
 */
final class TokenChecks {
    private final ReentrantLock lock = new ReentrantLock();
    private List<IssuerSettings> issuers = List.of();
    private @Nullable JwtVerifier verifier;
    private long failedBefore;

    /** Returns who checks the tokens of a configuration, or null if none are believed. */
    @Nullable
    JwtVerifier of(GatewayConfig config) {
        lock.lock();
        try {
            if (!issuers.equals(config.jwt())) {
                failedBefore += verifier == null ? 0 : verifier.failedFetches();
                issuers = config.jwt();
                verifier =
                        issuers.isEmpty() ? null : new JwtVerifier(issuers, InstantSource.system(), System::nanoTime);
            }
            return verifier;
        } finally {
            lock.unlock();
        }
    }

    /** Returns how often an issuer's keys could not be fetched. */
    long failedFetches() {
        lock.lock();
        try {
            return failedBefore + (verifier == null ? 0 : verifier.failedFetches());
        } finally {
            lock.unlock();
        }
    }
}
