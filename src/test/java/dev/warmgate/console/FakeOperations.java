package dev.warmgate.console;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/** Operations that note what was asked and answer what the test says. */
final class FakeOperations implements Operations {
    final List<String> asked = new CopyOnWriteArrayList<>();
    volatile Reload reload = new Reload(Instant.EPOCH, "test", Result.UNCHANGED, List.of(), List.of());
    volatile @Nullable Drain drain = new Drain(DrainResult.EMPTY, 0);
    volatile @Nullable Boolean undrained = true;

    @Override
    public Reload reload() {
        asked.add("reload");
        return reload;
    }

    @Override
    public @Nullable Drain drain(String endpoint, Duration wait) {
        asked.add("drain " + endpoint + " " + wait);
        return drain;
    }

    @Override
    public @Nullable Boolean undrain(String endpoint) {
        asked.add("undrain " + endpoint);
        return undrained;
    }

    @Override
    public String origin(String endpoint) {
        return "origin of " + endpoint;
    }

    @Override
    public Configuration configuration() {
        return new Configuration(
                "gateway.yaml",
                3,
                "0123456789abcdef",
                Instant.EPOCH,
                reload,
                List.of(new Source("main", "file endpoints.yaml", 2, List.of("a problem"), "cannot be read")),
                List.of("left out"));
    }
}
