/**
 * The second front door: an endpoint picker that Envoy and the gateways built on it call for each request (Envoy's
 * external processing protocol, as the Gateway API Inference Extension uses it). The gateway keeps the connections and
 * the bytes; the picker reads the request, asks the same router as the proxy, answers with an endpoint, and watches the
 * answer pass.
 *
 * <p>Start at {@link dev.warmgate.picker.PickerServer}. A request is a gRPC stream and a {@code PickerCall}: the state
 * machine is drawn there. What it says to the gateway is built in {@code Replies}, what it holds of the router in
 * {@code Booking}. How messages come and go is the business of {@code grpc}.
 *
 * <p>Threading: all of a call happens on the event loop of its gateway's connection; what a request that waited is told on
 * other threads is brought there.
 *
 * <p>Invariants: a call ends exactly once, whatever order request, answer, cancellation and closing come in, and then
 * holds no reservation, no place in a queue and no quota; whether an answer was complete is told by its own end, never
 * by how the gRPC stream ended (Envoy resets good streams too); every wait is bounded by us, because the gateway's may
 * not be; a body is bounded by us, because the gateway sends it without asking.
 */
@NullMarked
package dev.warmgate.picker;

import org.jspecify.annotations.NullMarked;
