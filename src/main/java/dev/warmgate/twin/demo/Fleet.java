package dev.warmgate.twin.demo;

import dev.warmgate.twin.report.EndpointSample;
import java.io.IOException;
import java.net.URI;
import java.util.List;

/** Model servers that listen, and a look inside them. */
public interface Fleet extends AutoCloseable {
    /** Returns where they listen, {@code http://host:port} each. */
    List<URI> addresses();

    /** Returns the state of each server now, in the order of the addresses; any thread. */
    List<EndpointSample> sample();

    /** Stops them; their ports are free when this returns. */
    @Override
    void close();

    /** Starts fleets. */
    @FunctionalInterface
    interface Factory {
        /**
         * Returns new servers with empty caches, on ports of their own.
         *
         * @throws IOException if they cannot listen
         */
        Fleet start(int replicas, double speedUp) throws IOException;
    }
}
