package dev.warmgate.twin.report;

import java.util.List;

/**
 * What a comparison ran, for its reports.
 *
 * @param replicas simulated model servers
 * @param profile the hardware that they model
 * @param speedUp model seconds per real second
 * @param seed of the workload
 * @param windowSeconds model seconds during which requests begin
 * @param workloads one line for each part of the offered load
 * @param target one line: when a request counts as within target
 * @param command that runs the same again
 */
public record RunFacts(
        int replicas,
        String profile,
        double speedUp,
        long seed,
        double windowSeconds,
        List<String> workloads,
        String target,
        String command) {
    public RunFacts {
        workloads = List.copyOf(workloads);
    }

    /** Returns how model time relates to real time, in words. */
    public String timeNote() {
        return "Times are the simulated servers' model seconds: measured in real time by the load client, times "
                + Format.digitsShort(speedUp) + ", the speed-up.";
    }
}
