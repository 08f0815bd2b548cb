@NullMarked
package dev.warmgate.twin.fault;

import org.jspecify.annotations.NullMarked;
