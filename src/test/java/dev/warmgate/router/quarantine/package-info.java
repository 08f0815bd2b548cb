@NullMarked
package dev.warmgate.router.quarantine;

import org.jspecify.annotations.NullMarked;
