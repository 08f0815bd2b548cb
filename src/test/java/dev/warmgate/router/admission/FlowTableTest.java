package dev.warmgate.router.admission;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.IdentityHashMap;
import org.junit.jupiter.api.Test;

/** Clients that invent flows. */
class FlowTableTest {
    private static final int INVENTED = 1_000_000;

    private final AdmissionQueue queue = new AdmissionQueue(AdmissionSettings.DEFAULT, 1);
    private final FlowTable table = queue.flows();

    private static final Charge CHARGE = new Charge(1, 1, 0);

    @Test
    void aMillionInventedFlowsLeaveRoomForThoseThatAreBusy() {
        var busy = new ArrayList<Request>();
        for (int i = 0; i < 100; i++) {
            var request = request("front end", "front end/" + i);
            queue.add(request, 0);
            queue.dispatched(request.flow(), CHARGE, 0);
            busy.add(request);
        }
        for (int i = 0; i < 50; i++) {
            queue.take(busy.get(i));
        }
        for (int i = 0; i < INVENTED; i++) {
            var flow = queue.flow(Request.standing(i % 3, "flood", "flood/" + i, 1));
            assertThat(flow.name()).endsWith("/" + i);
            if (i % 2 == 0) {
                queue.dispatched(flow, CHARGE, 0);
                queue.ended(flow, CHARGE, 0.5, 10);
            }
            if (table.size() > FlowTable.MOST_FLOWS) {
                throw new AssertionError("flows: " + table.size());
            }
        }
        assertThat(table.size()).isEqualTo(FlowTable.MOST_FLOWS);
        for (var request : busy) {
            assertThat(queue.flow(request.standing)).isSameAs(request.flow());
        }
    }

    @Test
    void tooManyBusyOnesOfATenantShareAFewAndOthersHaveTheirOwn() {
        var waiting = new ArrayList<Request>();
        for (int i = 0; i < 3 * FlowTable.MOST_FLOWS; i++) {
            var request = request("flood", "flood/" + i);
            queue.add(request, 0);
            waiting.add(request);
        }
        assertThat(table.size()).isEqualTo(FlowTable.MOST_FLOWS + FlowTable.SHARED_FLOWS);
        var other = request("other", "other");
        assertThat(other.flow().tenant()).isEqualTo("other");
        queue.add(other, 0);
        queue.dispatched(waiting.getFirst().flow(), CHARGE, 0);
        queue.take(waiting.getFirst());
        // The flood's first one went; now it is the other's turn, whatever its flow is called.
        assertThat(queue.next(0, _ -> true, _ -> true, 0)).isSameAs(other);
        queue.take(other);
        waiting.subList(1, waiting.size()).forEach(queue::take);
        assertThat(queue.size()).isZero();
        // Now that they are idle they make room again, for names of their own.
        assertThat(request("other", "other/late").flow().name()).isEqualTo("other/late");
    }

    @Test
    void theOneThatWasIdleLongestIsForgottenWithItsTenant() {
        var band = queue.flow(Request.standing(0, "first", "first", 1)).band();
        var share = band.share("first");
        for (int i = 1; i < FlowTable.MOST_FLOWS; i++) {
            queue.flow(Request.standing(0, "t" + i, "t" + i, 1));
        }
        assertThat(band.share("first")).isSameAs(share);
        var second = queue.flow(Request.standing(0, "t1", "t1", 1));
        queue.flow(Request.standing(0, "new", "new", 1));
        assertThat(band.share("first")).isNotSameAs(share);
        assertThat(queue.flow(Request.standing(0, "t1", "t1", 1))).isSameAs(second);
        var distinct = new IdentityHashMap<Flow, String>();
        for (int i = 0; i < 10; i++) {
            distinct.put(queue.flow(Request.standing(0, "again", "again", 1)), "");
        }
        assertThat(distinct).hasSize(1);
    }

    private Request request(String tenant, String flow) {
        return Request.of(queue, Request.standing(0, tenant, flow, 1), 1);
    }
}
