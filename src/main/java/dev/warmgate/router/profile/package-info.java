/**
 * Routing as the Kubernetes ecosystem's {@code EndpointPickerConfig} describes it: a chain of plugins. A
 * {@link dev.warmgate.router.profile.ProfileHandler} takes a {@link dev.warmgate.router.profile.SchedulingProfile}, its
 * {@link dev.warmgate.router.profile.Filter}s leave some of the endpoints, its
 * {@link dev.warmgate.router.profile.Scorer}s rate those, its {@link dev.warmgate.router.profile.Picker} takes one.
 *
 * <p>Those types only describe, with parameters named as in that format; they are immutable and may be shared. A
 * {@link dev.warmgate.router.profile.ChainSpec} holds all of one configuration. Nothing here reads files.
 *
 * <p>Formulas: llm-d-router at ebab687 (August 2026), as configured there.
 */
@NullMarked
package dev.warmgate.router.profile;

import org.jspecify.annotations.NullMarked;
