package dev.warmgate.twin.experiment;

import dev.warmgate.twin.report.ProgressView.Bar;
import java.util.List;

/** Hears how far an experiment is, a few times a second, in the thread that runs it. */
@FunctionalInterface
public interface Progress {
    /** Shows the state of the policies. */
    void show(List<Bar> bars);
}
