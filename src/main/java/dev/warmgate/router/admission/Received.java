package dev.warmgate.router.admission;

/**
 * Work that a tenant or a flow received, as far as fairness counts it: who has least goes next. Owned by the pool's lock.
 */
final class Received {
    /*
     * It never falls while requests wait, so that a heap ordered by it has to look at its first element only: what was
     * booked too much is not taken back but taken off what is booked next.
     */
    private double work;
    private double refund;

    double work() {
        return work;
    }

    /** Books work, or takes back what was booked too much. */
    void charge(double amount) {
        double rest = amount - refund;
        refund = Math.max(0, -rest);
        work += Math.max(0, rest);
    }

    /** Begins to wait: nobody saves up for that. */
    void begins(double least) {
        work = Math.max(work - refund, least);
        refund = 0;
    }
}
