package dev.warmgate.app.live;

import dev.warmgate.console.Operations;
import dev.warmgate.telemetry.Telemetry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** What operators may do, on a running gateway. Any thread. */
public final class LiveOperations implements Operations {
    private final Reloader reloader;
    private final Fleet fleet;

    /** Creates the operations of a gateway. */
    public LiveOperations(Reloader reloader, Fleet fleet) {
        this.reloader = reloader;
        this.fleet = fleet;
    }

    @Override
    public Reload reload() {
        return reloader.reload("POST /admin/reload");
    }

    @Override
    public @Nullable Drain drain(String endpoint, Duration wait) throws InterruptedException {
        var place = fleet.find(endpoint);
        if (place == null) {
            return null;
        }
        var empty = place.pool().drain(place.endpoint());
        boolean stayed;
        try {
            stayed = empty.get(wait.toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException _) {
            return new Drain(DrainResult.DRAINING, place.endpoint().inFlight());
        } catch (ExecutionException e) {
            throw new IllegalStateException("draining " + endpoint + " failed", e);
        }
        return new Drain(
                stayed ? DrainResult.EMPTY : DrainResult.TAKEN_BACK,
                place.endpoint().inFlight());
    }

    @Override
    public @Nullable Boolean undrain(String endpoint) {
        var place = fleet.find(endpoint);
        return place == null ? null : (Boolean) place.pool().undrain(place.endpoint());
    }

    @Override
    public String origin(String endpoint) {
        return fleet.origin(endpoint);
    }

    @Override
    public Configuration configuration() {
        var inForce = reloader.inForce();
        var file = reloader.file();
        var sources = new ArrayList<Source>();
        fleet.sources()
                .forEach((pool, states) -> states.forEach(state -> sources.add(new Source(
                        pool, state.source(), state.endpoints().size(), state.problems(), state.failure()))));
        return new Configuration(
                file == null || file.path() == null ? null : file.path().toString(),
                inForce.version(),
                inForce.hash(),
                inForce.since(),
                reloader.last(),
                sources,
                fleet.problems());
    }

    /** Adds what there is to count. */
    public void count(Telemetry telemetry) {
        telemetry.counter(
                "warmgate_config_reloads",
                "Attempts to take the configuration over again, by what became of them.",
                "result",
                reloader::counts);
        telemetry.gauge("warmgate_config_version", "1 at the start, one more for each configuration taken over.", () ->
                (double) reloader.inForce().version());
        telemetry.gauge(
                "warmgate_config_last_success_timestamp_seconds",
                "When the configuration in force was taken over, in seconds since 1970.",
                () -> (double) reloader.inForce().since().toEpochMilli() / 1e3);
        telemetry.gauge(
                "warmgate_config_rejected",
                "1 if the last attempt to take a configuration over failed: the file differs from what is in force.",
                () -> {
                    var last = reloader.last();
                    return last != null && last.result() == Result.REJECTED ? 1 : 0;
                });
        sources(telemetry, "warmgate_discovery_endpoints", "Endpoints that a source knows.", Source::endpoints);
        sources(
                telemetry,
                "warmgate_discovery_left_out",
                "Entries of a source that are left out because they are wrong.",
                source -> source.problems().size());
        sources(
                telemetry,
                "warmgate_discovery_failing",
                "1 if a source could not be read the last time: its last good list stays.",
                source -> source.failure() == null ? 0 : 1);
        telemetry.gauge(
                "warmgate_endpoints_left_out",
                "Endpoints that sources found and that are left out because of others.",
                () -> (double) fleet.problems().size());
    }

    private void sources(Telemetry telemetry, String name, String help, Function<Source, Integer> value) {
        telemetry.gauge(name, help, List.of("pool", "source"), () -> {
            Map<List<String>, Double> values = new HashMap<>();
            configuration()
                    .sources()
                    .forEach(source -> values.put(List.of(source.pool(), source.name()), (double) value.apply(source)));
            return values;
        });
    }
}
