package dev.warmgate.door;

import dev.warmgate.router.Router;

/** The part of a door in which a request is at home: its thread, its clock, and what it asks. */
public interface Host {
    /** Returns who decides where requests go. */
    Router router();

    /** Returns who may come in. */
    Access access();

    /** Returns which endpoints keep what; a door that sees no answers has nothing to tell. */
    default HeldObjects held() {
        return HeldObjects.NONE;
    }

    /** Returns the door's clock. */
    long nanoTime();

    /**
     * Runs something later where the request is at home. Any thread.
     *
     * @throws java.util.concurrent.RejectedExecutionException if the door is closed
     */
    void execute(Runnable task);
}
