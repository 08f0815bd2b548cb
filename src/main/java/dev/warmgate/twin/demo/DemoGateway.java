package dev.warmgate.twin.demo;

import java.io.IOException;
import java.net.URI;
import java.time.Duration;
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

        /** Returns the real time of load, not measured, that these gateways need before their code is compiled. */
        default Duration warmUp() {
            return Duration.ofSeconds(3);
        }

        /** Returns what requests go through, for people. */
        default String front() {
            return "Warmgate";
        }

        /** Returns the options with which a demo has these gateways, each with a space behind it. */
        default String options() {
            return "";
        }
    }
}
