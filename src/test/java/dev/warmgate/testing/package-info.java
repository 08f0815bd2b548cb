/** What tests of several rooms share, and what watches the whole test run. */
@NullMarked
package dev.warmgate.testing;

import org.jspecify.annotations.NullMarked;
