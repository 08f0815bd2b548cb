/**
 * Prompts as chained block hashes, and the index of which endpoint holds which prefix.
 *
 * <p>{@link dev.warmgate.router.prefix.PromptHasher} turns canonical prompt text into
 * {@link dev.warmgate.router.prefix.PromptBlocks}; {@link dev.warmgate.router.prefix.PrefixIndex} remembers, for the
 * whole fleet and within a fixed number of bytes, where each prefix was sent. Behind it are the tree of runs and owners
 * ({@code RunTree}), their blocks, a shadow of each engine's cache ({@code CacheShadow}) and the sweep. A hasher is
 * confined to one thread, the index to its pool's lock, blocks are immutable.
 */
@NullMarked
package dev.warmgate.router.prefix;

import org.jspecify.annotations.NullMarked;
