/**
 * Files that are watched: whoever needs to know that a file of the configuration, of certificates or of endpoints
 * changed asks here.
 *
 * <p>Start at {@link dev.warmgate.files.FileWatcher}: one virtual thread for each set of files that belong together. A
 * room below all others; knows nothing of what is in the files.
 *
 * <p>Invariant: a change is reported once, with contents that were read twice in a row, so that a file is not taken
 * while somebody writes it.
 */
@NullMarked
package dev.warmgate.files;

import org.jspecify.annotations.NullMarked;
