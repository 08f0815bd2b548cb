package dev.warmgate.router.admission;

import java.util.List;

/**
 * What waits in a pool's queue and who received how much, at one moment.
 *
 * @param waiting requests that wait
 * @param waitingBytes what holding them takes
 * @param bands those with requests that wait or are in flight, the highest priority first
 * @param tenants those seen up to now, in no order
 * @param places what requests wait for, those with none left out
 * @param flowsWaiting how many flows have requests waiting
 * @param flows of these the ones with most requests waiting, as many as were asked for
 */
public record QueueStats(
        long waiting,
        long waitingBytes,
        List<OfBand> bands,
        List<OfTenant> tenants,
        List<OfPlace> places,
        int flowsWaiting,
        List<OfFlow> flows) {
    public QueueStats {
        bands = List.copyOf(bands);
        tenants = List.copyOf(tenants);
        places = List.copyOf(places);
        flows = List.copyOf(flows);
    }

    /**
     * The requests of one priority.
     *
     * @param waitingSeconds the work of those that wait, in seconds of an endpoint
     * @param minShare the share of all work that it is sure of
     * @param owedSeconds the part of that it is still owed, in seconds of an endpoint
     * @param openToNew whether what begins a session may go as well, as far as there is room
     * @param oldestWaitSeconds the longest wait up to now of its flows, of a thousand at most; -1 if flows were not asked for
     */
    public record OfBand(
            int priority,
            long waiting,
            long waitingBytes,
            double waitingSeconds,
            int inFlight,
            double minShare,
            double owedSeconds,
            boolean openToNew,
            double oldestWaitSeconds) {}

    /**
     * What a tenant received.
     *
     * @param estimatedSeconds the work of all its requests that went, as expected when they went, in seconds of an endpoint
     * @param workSeconds the same, corrected for those that ended
     * @param busy whether it has requests that wait or are in flight
     */
    public record OfTenant(String name, double weight, double estimatedSeconds, double workSeconds, boolean busy) {}

    /**
     * Requests that wait for the same.
     *
     * @param slot the endpoint's, {@link AdmissionQueue#ANY}, or {@link AdmissionQueue#NONE}
     */
    public record OfPlace(int slot, int waiting) {}

    /**
     * The requests of one flow that wait.
     *
     * @param name clients may have chosen part of it: not for metrics
     * @param oldestWaitSeconds the longest wait up to now
     * @param oldestSlot what the one with that wait waits for, as in {@link OfPlace}
     */
    public record OfFlow(
            int priority,
            String name,
            String tenant,
            int waiting,
            long waitingBytes,
            double waitingSeconds,
            int inFlight,
            double oldestWaitSeconds,
            int oldestSlot) {}
}
