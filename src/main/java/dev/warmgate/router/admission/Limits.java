package dev.warmgate.router.admission;

import dev.warmgate.router.admission.AdmissionQueue.Fit;
import java.util.List;

/** How much may wait in a queue, and who makes room for whom. Owned by the pool's lock. */
final class Limits {
    private final AdmissionQueue queue;
    private final Bands bands;
    private AdmissionSettings settings;

    Limits(AdmissionQueue queue, Bands bands, AdmissionSettings settings) {
        this.queue = queue;
        this.bands = bands;
        this.settings = settings;
    }

    void settings(AdmissionSettings other) {
        settings = other;
    }

    /** As {@link AdmissionQueue#makeRoom}. */
    Fit makeRoom(Flow flow, long more, List<QueuedRequest> shed) {
        if (flow.waiting >= settings.maxRequestsPerFlow()) {
            return Fit.FLOW_FULL;
        }
        var band = flow.band();
        long requestsFrom = settings.maxRequests();
        long bytesFrom = settings.maxBytes();
        for (var above : bands.waiting()) {
            if (above.priority() > band.priority()) {
                requestsFrom -= above.waiting;
                bytesFrom -= above.waitingBytes;
            }
        }
        long mostRequests = Math.min(requestsFrom, band.settings().maxRequests());
        long mostBytes = Math.min(bytesFrom, band.settings().maxBytes());
        int among = band.flowsWaiting() + (flow.waiting == 0 ? 1 : 0);
        // First find out, so that nobody is shed in vain.
        if (more > mostBytes) {
            return Fit.FULL;
        }
        if (band.waiting >= mostRequests && (flow.waiting + 1) * (long) among > mostRequests) {
            return flow.waiting * (long) among > mostRequests ? Fit.FLOW_FULL : Fit.FULL;
        }
        if (band.waitingBytes > mostBytes - more && flow.waitingBytes > mostBytes / among - more) {
            return flow.waitingBytes > mostBytes / among ? Fit.FLOW_FULL : Fit.FULL;
        }
        while (band.waiting >= mostRequests) {
            shed(band.mostRequests.first(), shed);
        }
        while (band.waitingBytes > mostBytes - more) {
            shed(band.mostBytes.first(), shed);
        }
        while (queue.size() >= settings.maxRequests()) {
            shed(bands.waiting().getLast().mostRequests.first(), shed);
        }
        while (queue.bytes() > settings.maxBytes() - more) {
            shed(bands.waiting().getLast().mostBytes.first(), shed);
        }
        return Fit.FITS;
    }

    private void shed(Flow flow, List<QueuedRequest> shed) {
        var newest = flow.newest;
        if (newest == null) {
            throw new IllegalStateException("newest: none (expected: one of " + flow.waiting + ")");
        }
        queue.take(newest);
        shed.add(newest);
    }
}
