/**
 * What a comparison of policies shows: figures, the table, the live view of a terminal, JSON and the HTML report.
 *
 * <p>{@link dev.warmgate.twin.report.Figures} turns the outcomes of a run into numbers,
 * {@link dev.warmgate.twin.report.ClassFigures} those of each priority and tenant; everything else only shows them. Times are model seconds throughout.
 *
 * <p>Threading: values are immutable; a {@link dev.warmgate.twin.report.LiveView} is confined to the thread that shows, a
 * {@link dev.warmgate.twin.report.TokenGaps} to the one that runs a plan.
 *
 * <p>Invariant: the report is one file that refers to nothing outside itself.
 */
@NullMarked
package dev.warmgate.twin.report;

import org.jspecify.annotations.NullMarked;
