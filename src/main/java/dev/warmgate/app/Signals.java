package dev.warmgate.app;

import static java.lang.invoke.MethodType.methodType;

import java.lang.invoke.MethodHandleProxies;
import java.lang.invoke.MethodHandles;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Reactions to signals. To SIGTERM and SIGINT (ctrl-C): the first one begins an orderly end, the second one ends at once.
 * To SIGHUP: what the program makes of it.
 *
 * <p>A shutdown hook alone cannot do this: the JVM would exit with 128 + signal although everything ended well, and it
 * ignores signals that come while hooks run. {@code sun.misc.Signal} can; it is exported by the module jdk.unsupported
 * but javac warns about every use of it, and warnings are errors here, hence the method handles.
 */
public final class Signals {
    /** What the shell shows for a process that ctrl-C ended. */
    private static final int ENDED_AT_ONCE = 130;

    private Signals() {}

    /**
     * Takes over SIGTERM and SIGINT for the rest of the process's life. Where the JVM does not offer them, a shutdown hook
     * runs the action instead.
     *
     * @param end begins the orderly end; runs once, in a thread of its own, and may block
     */
    public static void onEnd(Runnable end) {
        if (!handle(new Reaction(end, new AtomicBoolean()), "TERM", "INT")) {
            Runtime.getRuntime().addShutdownHook(new Thread(end, "end"));
        }
    }

    /**
     * Takes over SIGHUP, which ends the process otherwise. Where the JVM does not offer it, nothing happens.
     *
     * @param action runs at each signal, in a thread of its own, and may block
     */
    public static void onHangup(Runnable action) {
        var _ = handle(action, "HUP");
    }

    /** Returns whether the JVM offers the signals. */
    private static boolean handle(Runnable reaction, String... names) {
        try {
            var lookup = MethodHandles.publicLookup();
            var signal = Class.forName("sun.misc.Signal");
            var handler = Class.forName("sun.misc.SignalHandler");
            var react = lookup.findVirtual(Runnable.class, "run", methodType(void.class))
                    .bindTo(reaction);
            Object proxy =
                    MethodHandleProxies.asInterfaceInstance(handler, MethodHandles.dropArguments(react, 0, signal));
            var create = lookup.findConstructor(signal, methodType(void.class, String.class));
            var handle = lookup.findStatic(signal, "handle", methodType(handler, signal, handler));
            for (String name : names) {
                handle.invoke(create.invoke(name), proxy);
            }
            return true;
        } catch (Throwable e) {
            return false;
        }
    }

    private record Reaction(Runnable end, AtomicBoolean begun) implements Runnable {
        @Override
        public void run() {
            if (begun.getAndSet(true)) {
                Runtime.getRuntime().halt(ENDED_AT_ONCE);
            }
            end.run();
        }
    }
}
