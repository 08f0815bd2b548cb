package dev.warmgate.router.admission;

/** A request that waits, and nothing else. */
final class Request extends QueuedRequest {
    final Standing standing;
    final long targetAt;
    final long turnAt;

    Request(Flow flow, Standing standing, boolean running, double seconds, long bytes, Times times) {
        super(flow, running, seconds, bytes, times);
        this.standing = standing;
        this.targetAt = times.targetAt();
        this.turnAt = times.turnAt();
    }

    /** Creates one that may wait for ever. */
    static Request of(AdmissionQueue queue, Standing standing, double seconds) {
        return new Request(
                queue.flow(standing), standing, false, seconds, 1, new Times(0, Long.MAX_VALUE / 4, NO_TARGET, 0));
    }

    static Standing standing(int priority, String tenant, String flow, double weight) {
        return new Standing(priority, tenant, flow, weight, Standing.NONE, Standing.NONE, Standing.NONE);
    }
}
