/** Tests of the reader of endpoint picker configurations. */
@NullMarked
package dev.warmgate.app.epp;

import org.jspecify.annotations.NullMarked;
