package dev.warmgate.app;

import dev.warmgate.app.config.ConfigFile;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;

/** A gateway that runs until the process is told to end: what commands that serve have in common. */
final class Service {
    private final Terminal terminal;
    private final Runnable warmUp;

    /**
     * Creates one.
     *
     * @param warmUp runs at last before the gateway says that it is ready
     */
    Service(Terminal terminal, Runnable warmUp) {
        this.terminal = terminal;
        this.warmUp = warmUp;
    }

    /**
     * Runs a gateway until a signal ends it and requests in flight have finished.
     *
     * @param file where the configuration was read from, or null if options say everything
     */
    void run(ConfigFile.Loaded loaded, @Nullable ConfigFile file, Doors.Which which)
            throws CommandFailure, InterruptedException {
        var ended = new CountDownLatch(1);
        var started = new CompletableFuture<Gateway>();
        // Before the gateway says that it is ready: from then on a signal may come.
        Signals.onEnd(() -> {
            drain(started.join());
            ended.countDown();
        });
        Signals.onHangup(() -> started.join().reload("SIGHUP"));
        try (var gateway = Gateway.start(which, loaded, file, terminal.out(), warmUp)) {
            started.complete(gateway);
            say("ready in " + seconds(sinceJvmStart()) + " on "
                    + gateway.doors().describe() + ", admin http://" + Listening.show(gateway.adminAddress()) + ", "
                    + loaded.config().summary(gateway::endpoints));
            HelperThreads.stepBack(); // not before: the start needs the compilers
            HeapGoal.aim(); // not before: it starts the JVM's management
            ended.await();
        }
        say("ended");
    }

    private void drain(Gateway gateway) {
        int open = gateway.inFlight();
        var limit = gateway.drainLimit();
        say("draining, " + open + " in flight" + (open == 0 ? "" : ", at most " + seconds(limit)));
        if (!gateway.drain()) {
            say(gateway.inFlight() + " in flight broken off after " + seconds(limit));
        }
    }

    private void say(String line) {
        terminal.err().println("warmgate: " + line);
    }

    private static Duration sinceJvmStart() {
        return Duration.ofMillis(System.currentTimeMillis()
                - ManagementFactory.getRuntimeMXBean().getStartTime());
    }

    /** To a tenth. Not by {@link String#format}: its first use looks for the locales of the platform, before "ready". */
    private static String seconds(Duration duration) {
        long tenths = (duration.toMillis() + 50) / 100;
        return tenths / 10 + "." + tenths % 10 + " s";
    }
}
