@NullMarked
package dev.warmgate.identity;

import org.jspecify.annotations.NullMarked;
