package dev.warmgate.router.admission;

import java.util.Comparator;

/**
 * All requests of one priority. Owned by the pool's lock.
 */
public final class Band {
    /** How much work a band can be owed: long enough for any request, short enough not to block those above. */
    private static final double MOST_OWED_SECONDS = 5;

    private static final Heap.Place<Flow> PLACE = new Heap.Place<>() {
        @Override
        public int get(Flow flow) {
            return flow.byWaiting;
        }

        @Override
        public void set(Flow flow, int index) {
            flow.byWaiting = index;
        }
    };

    private final int number;
    private final BandSettings settings;

    /** Flows with requests waiting, the one with most of them first. */
    final Heap<Flow> biggest = new Heap<>(Comparator.comparingInt((Flow flow) -> -flow.waiting), PLACE);

    /** What the flow that went last had received: others that come later start there. */
    double reached;

    /** Work that others received and this band was sure of. */
    double owed;

    /** Work sent lately, in seconds. */
    final Recent recent = new Recent();

    /** Prefill of the band's requests, in seconds, the mean of the last ones. */
    double prefillSeconds;

    /** Flows with requests waiting or in flight. */
    int busyFlows;

    long waiting;
    int inFlight;
    long waitingBytes;
    double waitingSeconds;

    Band(int number, BandSettings settings) {
        this.number = number;
        this.settings = settings;
    }

    /** Returns the priority. */
    public int priority() {
        return settings.priority();
    }

    /** Returns the band's number in order of appearance, from 0. */
    public int number() {
        return number;
    }

    BandSettings settings() {
        return settings;
    }

    /** Returns how many requests wait. */
    public long waiting() {
        return waiting;
    }

    /** Returns whether requests of this band wait or are in flight. */
    public boolean active() {
        return waiting > 0 || inFlight > 0;
    }

    /** Returns how many flows have requests waiting. */
    public int flowsWaiting() {
        return biggest.size();
    }

    /** Returns what holding them takes. */
    public long waitingBytes() {
        return waitingBytes;
    }

    void owe(double seconds) {
        owed = Math.min(MOST_OWED_SECONDS, owed + seconds);
    }
}
