package dev.warmgate.picker;

import dev.warmgate.door.Access;
import dev.warmgate.door.HeldObjects;
import dev.warmgate.door.Host;
import dev.warmgate.router.Router;
import java.util.function.Consumer;

/**
 * Where the request of one call is at home: on the event loop of the call.
 *
 * @param later runs something there
 */
record CallHost(PickerContext context, PickerContext.Conditions conditions, Consumer<Runnable> later) implements Host {
    @Override
    public Router router() {
        return context.router();
    }

    @Override
    public HeldObjects held() {
        return context.held();
    }

    @Override
    public Access access() {
        return conditions.access();
    }

    @Override
    public long nanoTime() {
        return context.nanoTime();
    }

    @Override
    public void execute(Runnable task) {
        later.accept(task);
    }
}
