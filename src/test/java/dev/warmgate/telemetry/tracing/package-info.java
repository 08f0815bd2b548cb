@NullMarked
package dev.warmgate.telemetry.tracing;

import org.jspecify.annotations.NullMarked;
