package dev.warmgate.router.quota;

/**
 * What metrics tell about one limit.
 *
 * @param state how much is used and left
 * @param refused requests that this limit refused
 * @param exhausted answers that this limit had nothing left for while they ran
 */
public record QuotaUsage(QuotaState state, long refused, long exhausted) {}
