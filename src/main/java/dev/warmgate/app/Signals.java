package dev.warmgate.app;

import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * Reactions to signals. To SIGTERM and SIGINT (ctrl-C): the first one begins an orderly end, the second one ends at once.
 * To SIGHUP: what the program makes of it.
 *
 * <p>A shutdown hook alone cannot do this: the JVM would exit with 128 + signal although everything ended well, and it
 * ignores signals that come while hooks run. {@code sun.misc.Signal} can; it is exported by the module jdk.unsupported
 * but javac warns about every use of it, and warnings are errors here, hence the reflection.
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
            var signal = Class.forName("sun.misc.Signal");
            var handler = Class.forName("sun.misc.SignalHandler");
            var proxy = Proxy.newProxyInstance(
                    Signals.class.getClassLoader(),
                    new Class<?>[] {handler},
                    (self, method, arguments) -> react(reaction, self, method, arguments));
            var create = signal.getConstructor(String.class);
            var handle = signal.getMethod("handle", signal, handler);
            for (String name : names) {
                handle.invoke(null, create.newInstance(name), proxy);
            }
            return true;
        } catch (ReflectiveOperationException | RuntimeException e) {
            return false;
        }
    }

    @SuppressWarnings("ReferenceEquality") // a proxy is equal to itself only
    private static @Nullable Object react(
            Runnable reaction, Object self, Method method, @Nullable Object @Nullable [] arguments) {
        return switch (method.getName()) {
            case "handle" -> {
                reaction.run();
                yield null;
            }
            case "equals" -> arguments != null && arguments[0] == self;
            case "hashCode" -> System.identityHashCode(self);
            default -> reaction.toString();
        };
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
