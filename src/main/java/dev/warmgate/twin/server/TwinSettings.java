package dev.warmgate.twin.server;

import dev.warmgate.twin.engine.HardwareProfile;
import dev.warmgate.twin.fault.FaultPlan;
import java.util.List;

/**
 * What a fleet of simulated model servers is like.
 *
 * @param host address to listen on
 * @param port port of the first replica, the others follow; 0 gives every replica a free one
 * @param replicas number of replicas; at least 1
 * @param models names all replicas answer to; metrics carry the first
 * @param profile hardware of each replica
 * @param speedUp seconds of model time per second of real time; above 0
 * @param streamInterval tokens per streamed event, the first one excepted (vLLM's --stream-interval); at least 1
 * @param maxModelLen tokens of prompt and answer at most; not more than the profile's KV cache holds
 * @param maxBodyBytes greatest request body; more is answered with 413
 * @param eventLoops threads that serve the whole fleet; at least 1
 * @param faults what each replica does wrong, until it is told otherwise
 */
public record TwinSettings(
        String host,
        int port,
        int replicas,
        List<String> models,
        HardwareProfile profile,
        double speedUp,
        int streamInterval,
        int maxModelLen,
        int maxBodyBytes,
        int eventLoops,
        FaultPlan faults) {

    /** Four replicas of Qwen3-32B on free ports of this machine, in real time. */
    public static final TwinSettings DEFAULTS = new TwinSettings(
            "127.0.0.1",
            0,
            4,
            List.of("qwen3-32b"),
            HardwareProfile.QWEN3_32B_TP2_H100,
            1,
            1,
            131_072,
            16 << 20,
            1,
            FaultPlan.NONE);

    public TwinSettings {
        models = List.copyOf(models);
        check(!host.isEmpty(), "host", host, "an address");
        check(port >= 0 && port <= 65_535, "port", port, "0 to 65535");
        check(replicas >= 1, "replicas", replicas, "at least 1");
        check(port == 0 || port + replicas - 1 <= 65_535, "replicas", replicas, "ports up to 65535");
        check(!models.isEmpty() && models.stream().noneMatch(String::isEmpty), "models", models, "names");
        check(speedUp > 0 && Double.isFinite(speedUp), "speedUp", speedUp, "> 0");
        check(streamInterval >= 1, "streamInterval", streamInterval, "at least 1");
        check(
                maxModelLen >= 2 && maxModelLen <= profile.kvTokens(),
                "maxModelLen",
                maxModelLen,
                "2 to " + profile.kvTokens() + ", the KV cache of " + profile.name());
        check(maxBodyBytes >= 1, "maxBodyBytes", maxBodyBytes, "at least 1");
        check(eventLoops >= 1, "eventLoops", eventLoops, "at least 1");
    }

    /** Returns these settings with another address. */
    public TwinSettings withListen(String newHost, int newPort) {
        return new TwinSettings(
                newHost,
                newPort,
                replicas,
                models,
                profile,
                speedUp,
                streamInterval,
                maxModelLen,
                maxBodyBytes,
                eventLoops,
                faults);
    }

    /** Returns these settings with another number of replicas. */
    public TwinSettings withReplicas(int newReplicas) {
        return new TwinSettings(
                host,
                port,
                newReplicas,
                models,
                profile,
                speedUp,
                streamInterval,
                maxModelLen,
                maxBodyBytes,
                eventLoops,
                faults);
    }

    /** Returns these settings with other model names. */
    public TwinSettings withModels(List<String> newModels) {
        return new TwinSettings(
                host,
                port,
                replicas,
                newModels,
                profile,
                speedUp,
                streamInterval,
                maxModelLen,
                maxBodyBytes,
                eventLoops,
                faults);
    }

    /** Returns these settings with other hardware; the model length shrinks to its KV cache if it must. */
    public TwinSettings withProfile(HardwareProfile newProfile) {
        int length = Math.min(maxModelLen, newProfile.kvTokens());
        return new TwinSettings(
                host,
                port,
                replicas,
                models,
                newProfile,
                speedUp,
                streamInterval,
                length,
                maxBodyBytes,
                eventLoops,
                faults);
    }

    /** Returns these settings with another speed. */
    public TwinSettings withSpeedUp(double newSpeedUp) {
        return new TwinSettings(
                host,
                port,
                replicas,
                models,
                profile,
                newSpeedUp,
                streamInterval,
                maxModelLen,
                maxBodyBytes,
                eventLoops,
                faults);
    }

    /** Returns these settings with another number of tokens per streamed event. */
    public TwinSettings withStreamInterval(int newStreamInterval) {
        return new TwinSettings(
                host,
                port,
                replicas,
                models,
                profile,
                speedUp,
                newStreamInterval,
                maxModelLen,
                maxBodyBytes,
                eventLoops,
                faults);
    }

    /** Returns these settings with other faults. */
    public TwinSettings withFaults(FaultPlan newFaults) {
        return new TwinSettings(
                host,
                port,
                replicas,
                models,
                profile,
                speedUp,
                streamInterval,
                maxModelLen,
                maxBodyBytes,
                eventLoops,
                newFaults);
    }

    private static void check(boolean valid, String name, Object value, String expected) {
        if (!valid) {
            throw new IllegalArgumentException(name + ": " + value + " (expected: " + expected + ")");
        }
    }
}
