package dev.warmgate.twin.demo;

import java.io.IOException;
import java.net.URI;
import java.util.List;

/** A gateway that listens. */
public interface DemoGateway extends AutoCloseable {
    /** Returns where it listens, {@code http://host:port}. */
    URI address();

    /** Stops it; its port is free when this returns. */
    @Override
    void close();

    /** Starts gateways. */
    @FunctionalInterface
    interface Factory {
        /**
         * Returns a new gateway that knows nothing yet, on a port of its own.
         *
         * @param policy the routing policy's name
         * @param endpoints the model servers, {@code http://host:port} each
         * @throws IOException if it cannot listen
         */
        DemoGateway start(String policy, List<URI> endpoints) throws IOException;
    }
}
