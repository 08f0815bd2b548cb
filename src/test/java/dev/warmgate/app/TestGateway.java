package dev.warmgate.app;

import dev.warmgate.app.config.ConfigException;
import dev.warmgate.app.config.ConfigLoader;
import dev.warmgate.app.config.Overrides;
import dev.warmgate.twin.server.TwinFleet;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** A whole gateway in this process, on free ports, as {@code warmgate serve} starts it. */
final class TestGateway implements AutoCloseable {
    private final Gateway gateway;

    private TestGateway(Gateway gateway) {
        this.gateway = gateway;
    }

    static TestGateway over(TwinFleet fleet) throws ConfigException, CommandFailure {
        return over(fleet.replicas().stream()
                .map(replica -> replica.url().toString())
                .toList());
    }

    static TestGateway over(List<String> endpoints) throws ConfigException, CommandFailure {
        var overrides = new Overrides("test", endpoints, "127.0.0.1:0", "127.0.0.1:0", null, null);
        var config = new ConfigLoader(Map.of()).load(overrides);
        return new TestGateway(Gateway.start(config, OutputStream.nullOutputStream()));
    }

    /** Starts one by a configuration file, whatever addresses that has. */
    static TestGateway configured(Path yaml) throws ConfigException, CommandFailure {
        var overrides = new Overrides("test", List.of(), "127.0.0.1:0", "127.0.0.1:0", null, null);
        var config = new ConfigLoader(Map.of()).load(yaml, overrides);
        return new TestGateway(Gateway.start(config, OutputStream.nullOutputStream()));
    }

    String url() {
        return "http://" + Listening.show(gateway.httpAddress());
    }

    String adminUrl() {
        return "http://" + Listening.show(gateway.adminAddress());
    }

    @Override
    public void close() {
        gateway.close();
    }
}
