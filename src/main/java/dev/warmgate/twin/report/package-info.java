/**
 * What a comparison of policies shows: figures, the table, the live view of a terminal, JSON and the HTML report.
 *
 * <p>{@link dev.warmgate.twin.report.Figures} turns the outcomes of a run into numbers; everything else only shows them.
 * Times are model seconds throughout.
 *
 * <p>Threading: values are immutable; a {@link dev.warmgate.twin.report.LiveView} is confined to the thread that shows.
 *
 * <p>Invariant: the report is one file that refers to nothing outside itself.
 */
@NullMarked
package dev.warmgate.twin.report;

import org.jspecify.annotations.NullMarked;
