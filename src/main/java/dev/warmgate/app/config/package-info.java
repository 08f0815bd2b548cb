/**
 * The configuration: one YAML file and the command line's options become one immutable
 * {@link dev.warmgate.app.config.GatewayConfig}.
 *
 * <p>Start at {@link dev.warmgate.app.config.ConfigLoader}. The file is read into a tree in which every node knows its
 * line, options replace nodes of that tree, and one parser checks the whole tree and collects every problem before
 * anything starts. {@link dev.warmgate.app.config.Settings} lists every key with its type, default and meaning; the
 * parser, docs/configuration.md and docs/warmgate.schema.json all follow that list.
 *
 * <p>Threading: used by one thread at start; the results are immutable. Invariant: secrets appear in no message and in
 * no {@code toString}.
 */
@NullMarked
package dev.warmgate.app.config;

import org.jspecify.annotations.NullMarked;
