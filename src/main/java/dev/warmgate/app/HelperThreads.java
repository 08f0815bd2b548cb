package dev.warmgate.app;

import dev.warmgate.app.OwnThreads.Policy;
import java.io.IOException;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes the JVM's own threads step back behind those that serve. Where cores are few, a compiler or a collector that has
 * just got one keeps it for some milliseconds, and all that comes meanwhile waits. So collectors get a small share, as who
 * waits for memory waits for them, and compilers nothing but {@linkplain SpareTime spare time}, or where they would not get
 * out of that again, a small share too. Linux only; elsewhere nothing happens. Any thread.
 */
final class HelperThreads {
    /** How compilers' names begin. Threads that are started by one of them later are like it. */
    static final List<String> COMPILERS = List.of("C1 Compiler", "C2 Compiler");

    /** The same of collectors that work in the background; those in whose work everybody stops are not among them. */
    static final List<String> COLLECTORS = List.of("ZWorker", "G1 Conc");

    /** A quarter of a core that a serving thread wants as well, by the kernel's weights of 335 and 1024; sched(7). */
    static final int NICE = 5;

    private static final Logger LOG = LoggerFactory.getLogger(HelperThreads.class);

    private HelperThreads() {}

    /** Makes all of them step back, now and for as long as the process lives. What is not allowed here stays as it is. */
    static void stepBack() {
        OwnThreads.find().ifPresent(threads -> {
            lower(threads, COLLECTORS);
            Thread.ofPlatform().daemon().name("spare-time").start(() -> lookAfterCompilers(threads));
        });
    }

    private static void lookAfterCompilers(OwnThreads threads) {
        if (mayTakeBack(threads)) {
            try (var spareTime = new SpareTime(threads, COMPILERS)) {
                while (true) {
                    spareTime.look();
                    Thread.sleep(SpareTime.INTERVAL);
                }
            } catch (IOException | InterruptedException e) {
                LOG.debug("compilers have no spare time any more", e);
            }
        }
        lower(threads, COMPILERS);
    }

    /** Tries on this thread, which is not the worse for it, as it is about to end if a share is lost for good. */
    private static boolean mayTakeBack(OwnThreads threads) {
        return threads.policy(OwnThreads.THIS, Policy.IDLE) && threads.policy(OwnThreads.THIS, Policy.SHARE);
    }

    /** Lowers the priority of threads whose names begin so. */
    static void lower(OwnThreads threads, List<String> names) {
        try {
            threads.named(names).forEach(thread -> threads.nice(thread, NICE));
        } catch (IOException e) {
            LOG.debug("threads {} keep their priority", names, e);
        }
    }
}
