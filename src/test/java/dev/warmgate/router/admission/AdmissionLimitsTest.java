package dev.warmgate.router.admission;

import static org.assertj.core.api.Assertions.assertThat;

import dev.warmgate.router.admission.AdmissionQueue.Fit;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class AdmissionLimitsTest {
    private static final Duration WAIT = Duration.ofSeconds(1);

    private final List<QueuedRequest> shed = new ArrayList<>();

    private static AdmissionQueue queue(long requests, long bytes, long perFlow, BandSettings... bands) {
        return new AdmissionQueue(new AdmissionSettings(true, WAIT, requests, bytes, List.of(bands), perFlow), 1);
    }

    private static Request add(AdmissionQueue queue, int priority, String flow, long bytes) {
        var standing = Request.standing(priority, flow, flow, 1);
        var times = new QueuedRequest.Times(0, 1, QueuedRequest.NO_TARGET, 0);
        var request = new Request(queue.flow(standing), standing, false, 1, bytes, times);
        queue.add(request, 0);
        return request;
    }

    private Fit room(AdmissionQueue queue, int priority, String flow, long bytes) {
        shed.clear();
        return queue.makeRoom(queue.flow(Request.standing(priority, flow, flow, 1)), bytes, shed);
    }

    @Test
    void aFlowHasALimitOfItsOwn() {
        var queue = queue(10, 100, 2);
        add(queue, 0, "a", 1);
        assertThat(room(queue, 0, "a", 1)).isEqualTo(Fit.FITS);
        add(queue, 0, "a", 1);
        assertThat(room(queue, 0, "a", 1)).isEqualTo(Fit.FLOW_FULL);
        assertThat(room(queue, 0, "b", 1)).isEqualTo(Fit.FITS);
        assertThat(room(queue, 5, "a", 1)).isEqualTo(Fit.FITS);
    }

    @Test
    void theBiggestFlowYieldsToOneWithLessThanAnEvenShareAndIsToldSoItself() {
        var queue = queue(4, 100, 10);
        add(queue, 0, "big", 1);
        add(queue, 0, "small", 1);
        add(queue, 0, "big", 1);
        var newest = add(queue, 0, "big", 1);
        assertThat(room(queue, 0, "big", 1)).isEqualTo(Fit.FLOW_FULL);
        assertThat(shed).isEmpty();
        assertThat(room(queue, 0, "small", 1)).isEqualTo(Fit.FITS);
        assertThat(shed).containsExactly(newest);
        add(queue, 0, "small", 1);
        // Now they are even, and it is nobody's fault.
        assertThat(room(queue, 0, "big", 1)).isEqualTo(Fit.FULL);
        assertThat(room(queue, 0, "small", 1)).isEqualTo(Fit.FULL);
    }

    @Test
    void whoIsAloneIsNotToldThatItHasTooMany() {
        var queue = queue(2, 100, 10);
        add(queue, 0, "a", 1);
        add(queue, 0, "a", 1);
        assertThat(room(queue, 0, "a", 1)).isEqualTo(Fit.FULL);
    }

    @Test
    void theLowestBandYieldsFirst() {
        var queue = queue(3, 100, 10);
        add(queue, -5, "low", 1);
        var lowest = add(queue, -9, "lowest", 1);
        add(queue, 0, "a", 1);
        assertThat(room(queue, -9, "other", 1)).isEqualTo(Fit.FULL);
        assertThat(shed).isEmpty();
        assertThat(room(queue, 3, "b", 1)).isEqualTo(Fit.FITS);
        assertThat(shed).containsExactly(lowest);
    }

    @Test
    void whoTakesMostBytesYieldsWhereBytesAreShort() {
        var queue = queue(1_000, 100, 1_000);
        var heavy = add(queue, 0, "heavy", 80);
        for (int i = 0; i < 20; i++) {
            add(queue, 0, "many", 1);
        }
        assertThat(room(queue, 0, "third", 10)).isEqualTo(Fit.FITS);
        assertThat(shed).containsExactly(heavy);
    }

    @Test
    void nobodyIsShedInVain() {
        var queue = queue(1_000, 100, 1_000);
        for (int i = 0; i < 90; i++) {
            add(queue, 0, "many", 1);
        }
        add(queue, -1, "below", 10);
        // More than an even share, with or without what would yield.
        assertThat(room(queue, 0, "heavy", 60)).isEqualTo(Fit.FULL);
        assertThat(shed).isEmpty();
        assertThat(room(queue, 5, "heavy", 101)).isEqualTo(Fit.FULL);
        assertThat(shed).isEmpty();
        assertThat(room(queue, 5, "heavy", 100)).isEqualTo(Fit.FITS);
        assertThat(shed).hasSize(91);
        assertThat(shed.getFirst().flow().name()).isEqualTo("below");
    }

    @Test
    void aBandHasLimitsOfItsOwn() {
        var queue = queue(100, 100, 100, new BandSettings(-1, 0, 2, 20, WAIT));
        add(queue, -1, "a", 1);
        add(queue, -2, "below", 1);
        var newest = add(queue, -1, "a", 1);
        assertThat(room(queue, -1, "b", 1)).isEqualTo(Fit.FITS);
        // Not one from below, which would not help.
        assertThat(shed).containsExactly(newest);
        assertThat(room(queue, -1, "b", 21)).isEqualTo(Fit.FULL);
    }

    @Test
    void hugeSizesDoNotOverflow() {
        var queue = queue(Long.MAX_VALUE, Long.MAX_VALUE, Long.MAX_VALUE);
        add(queue, 0, "a", Long.MAX_VALUE - 10);
        assertThat(room(queue, 0, "a", 11)).isEqualTo(Fit.FULL);
        assertThat(room(queue, 0, "a", 10)).isEqualTo(Fit.FITS);
    }

    @Test
    void timesMayWrapAround() {
        var queue = queue(10, 100, 10);
        var standing = Request.standing(0, "a", "a", 1);
        long now = Long.MAX_VALUE - 5;
        var second = new Request(
                queue.flow(standing), standing, true, 1, 1, new QueuedRequest.Times(now, now + 20, now + 20, now + 20));
        var first = new Request(
                queue.flow(standing), standing, true, 1, 1, new QueuedRequest.Times(now, now + 2, now + 2, now + 2));
        var none = new Request(
                queue.flow(standing),
                standing,
                true,
                1,
                1,
                new QueuedRequest.Times(now, now + 30, QueuedRequest.NO_TARGET, now + 30));
        queue.add(none, 0);
        queue.add(second, 0);
        queue.add(first, 0);
        assertThat(queue.next(0, _ -> true, _ -> true, now)).isSameAs(first);
        assertThat(queue.expired(now)).isNull();
        assertThat(queue.expired(now + 10)).isSameAs(first);
        assertThat(queue.next(0, _ -> true, _ -> true, now + 10)).isSameAs(second);
        assertThat(queue.next(0, _ -> true, _ -> true, now + 25)).isSameAs(none);
    }
}
