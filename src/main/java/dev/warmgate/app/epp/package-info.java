/**
 * The configuration files of the Kubernetes ecosystem's endpoint picker ({@code kind: EndpointPickerConfig}), read as they
 * are.
 *
 * <p>Start at {@link dev.warmgate.app.epp.EndpointPickerConfigs}: a file becomes a routing policy made of its plugins, or
 * a list of problems, each with file, line and path. A file goes through four hands: {@code DocumentReader} makes a tree of
 * YAML or JSON whose values know their lines, {@code DocumentParser} reads the document's own fields as strictly as
 * Kubernetes does, {@code Defaults} adds what the reference adds, and {@code ChainMaker} turns plugins into those of
 * {@link dev.warmgate.router.profile} and says of each what becomes of it.
 *
 * <p>Facts about the format are those of llm-d-router at commit ebab687. Where the reference follows the random order of
 * a Go map, the order of the file counts here.
 *
 * <p>Threading: a file is read by one thread; results are immutable.
 */
@NullMarked
package dev.warmgate.app.epp;

import org.jspecify.annotations.NullMarked;
