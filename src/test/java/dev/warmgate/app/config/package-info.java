/** Tests of the configuration: good files, every kind of bad one, and the documents that describe it. */
@NullMarked
package dev.warmgate.app.config;

import org.jspecify.annotations.NullMarked;
