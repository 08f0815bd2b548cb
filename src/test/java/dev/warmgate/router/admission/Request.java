package dev.warmgate.router.admission;

/** A request that waits, and nothing else. */
final class Request extends QueuedRequest {
    final Standing standing;
    final long targetAt;

    /** {@code times}: arrived, expires, target. */
    Request(Flow flow, Standing standing, boolean running, double seconds, long bytes, long[] times) {
        super(flow, running, seconds, bytes, times[0], times[1], times[2]);
        this.standing = standing;
        this.targetAt = times[2];
    }

    /** Creates one that may wait for ever. */
    static Request of(AdmissionQueue queue, Standing standing, double seconds) {
        return new Request(queue.flow(standing), standing, false, seconds, 1, new long[] {
            0, Long.MAX_VALUE / 4, QueuedRequest.NO_TARGET
        });
    }

    static Standing standing(int priority, String tenant, String flow, double weight) {
        return new Standing(priority, tenant, flow, weight, Standing.NONE, Standing.NONE, Standing.NONE);
    }
}
