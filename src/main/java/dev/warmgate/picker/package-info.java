/**
 * The second front door: an endpoint picker that Envoy and the gateways built on it call for each request (Envoy's
 * external processing protocol, as the Gateway API Inference Extension uses it). The gateway keeps the connections and
 * the bytes; the picker reads the request, asks the same router as the proxy, answers with an endpoint, and watches the
 * answer pass.
 *
 * <p>Start at {@link dev.warmgate.picker.PickerServer}. A request is a gRPC stream and a {@code PickerCall}: the state
 * machine is drawn there. What it says to the gateway is built in {@code Replies}, what it holds of the router in
 * {@code Booking}.
 *
 * <p>Threading: messages of one stream come one after the other on an event loop of the gRPC server; what a request that
 * waited is told comes on another one. A call is therefore guarded by its own monitor, which is held for as long as
 * one message takes, never while something is waited for, and never taken by a thread that holds a lock of the router.
 *
 * <p>Invariants: a call ends exactly once, whatever order request, answer, cancellation and closing come in, and then
 * holds no reservation, no place in a queue and no quota; whether an answer was complete is told by its own end, never
 * by how the gRPC stream ended (Envoy resets good streams too); every wait is bounded by us, because the gateway's may
 * not be; a body is bounded by us, because the gateway sends it without asking.
 */
@NullMarked
package dev.warmgate.picker;

import org.jspecify.annotations.NullMarked;
