package dev.warmgate.app.config;

import dev.warmgate.door.ModelRewrites;
import dev.warmgate.engine.MonitorSettings;
import dev.warmgate.identity.IssuerSettings;
import dev.warmgate.router.admission.AdmissionSettings;
import dev.warmgate.router.quota.QuotaSpec;
import dev.warmgate.router.tenancy.TenancySettings;
import dev.warmgate.router.tenancy.TextPattern;
import dev.warmgate.telemetry.AccessLog;
import dev.warmgate.telemetry.tracing.TracingSettings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/**
 * Everything that is configured about a gateway. The {@code DEFAULT} constants of these records, most of them taken from
 * the rooms that use the values, are the only place where defaults are written down.
 *
 * @param listeners the doors
 * @param picker the door for gateways that ask for endpoints, or null for none
 * @param pools at least one; names are unique, and so are the names of all endpoints
 * @param promptSecret the key of prompt hashes, or null for a random one
 * @param timeouts how long the gateway waits for what
 * @param limits what it refuses
 * @param checkInterval time between two active checks of one endpoint
 * @param generateInterval how long an endpoint may go without an answer before it is asked for a token, or null for ever
 * @param rewrites which models requests get
 * @param tenancy who a request belongs to and how important it is
 * @param jwt whose signed tokens are believed
 * @param quotas how much tenants may use
 * @param admission what may wait while all endpoints are full
 * @param usage where the token counts of streams come from
 * @param openPaths further paths that clients may reach at endpoints
 * @param accessLog whether and how requests are logged
 * @param tracing where traces of requests go, or null for nowhere
 */
public record GatewayConfig(
        Listeners listeners,
        @Nullable PickerConfig picker,
        List<PoolConfig> pools,
        @Nullable PromptSecret promptSecret,
        Timeouts timeouts,
        Limits limits,
        Duration checkInterval,
        @Nullable Duration generateInterval,
        ModelRewrites rewrites,
        TenancySettings tenancy,
        List<IssuerSettings> jwt,
        QuotaSpec quotas,
        AdmissionSettings admission,
        UsageSource usage,
        Set<TextPattern> openPaths,
        AccessLog.Format accessLog,
        @Nullable TracingSettings tracing) {
    static final Duration DEFAULT_CHECK_INTERVAL = MonitorSettings.DEFAULT.checkInterval();

    static final UsageSource DEFAULT_USAGE = UsageSource.ASK;

    static final AccessLog.Format DEFAULT_ACCESS_LOG = AccessLog.Format.OFF;

    public GatewayConfig {
        pools = List.copyOf(pools);
        openPaths = Set.copyOf(openPaths);
        jwt = List.copyOf(jwt);
    }

    /** Returns one line for people: what would be started. */
    public String summary() {
        int endpoints =
                pools.stream().mapToInt(pool -> pool.spec().endpoints().size()).sum();
        int sources = pools.stream().mapToInt(pool -> pool.sources().size()).sum();
        var names = pools.stream().map(PoolConfig::summary).toList();
        String own = endpoints == 0 && sources > 0 ? "" : ", " + count(endpoints, "endpoint");
        String found = sources == 0 ? "" : ", " + count(sources, "source") + " of endpoints";
        return count(pools.size(), "pool") + own + found + ": " + String.join("; ", names);
    }

    /**
     * Returns one line for people: what runs.
     *
     * @param found how many endpoints a pool has, by its name
     */
    public String summary(ToIntFunction<String> found) {
        int endpoints = 0;
        var names = new ArrayList<String>();
        for (var pool : pools) {
            int ofPool = found.applyAsInt(pool.spec().name());
            endpoints += ofPool;
            names.add(pool.summary(ofPool));
        }
        return count(pools.size(), "pool") + ", " + count(endpoints, "endpoint") + ": " + String.join("; ", names);
    }

    /** Returns the files that policies name, each once, in the order of the pools. */
    public List<Path> pickerFiles() {
        var files = new LinkedHashSet<Path>();
        for (var pool : pools) {
            if (pool.chain() != null) {
                files.add(Path.of(pool.chain().file()));
            }
        }
        return List.copyOf(files);
    }

    static String count(int number, String noun) {
        return number + " " + noun + (number == 1 ? "" : "s");
    }

    /** Returns the same, but no request waits: each is sent to an endpoint at once, as other load balancers do. */
    public GatewayConfig withoutAdmission() {
        return new GatewayConfig(
                listeners,
                picker,
                pools,
                promptSecret,
                timeouts,
                limits,
                checkInterval,
                generateInterval,
                rewrites,
                tenancy,
                jwt,
                quotas,
                admission.disabled(),
                usage,
                openPaths,
                accessLog,
                tracing);
    }
}
