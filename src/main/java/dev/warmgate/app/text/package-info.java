/**
 * Words for messages about files and options: what was written, and what was probably meant. Any thread; no state.
 */
@NullMarked
package dev.warmgate.app.text;

import org.jspecify.annotations.NullMarked;
