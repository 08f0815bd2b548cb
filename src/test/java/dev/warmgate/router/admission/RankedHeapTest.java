package dev.warmgate.router.admission;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RankedHeapTest {
    private static final class Element {
        int place = -1;
        double rank;
        final long since;

        Element(double rank, long since) {
            this.rank = rank;
            this.since = since;
        }
    }

    private final RankedHeap<Element> heap = new RankedHeap<>(new Heap.Place<>() {
        @Override
        public int get(Element element) {
            return element.place;
        }

        @Override
        public void set(Element element, int index) {
            element.place = index;
        }
    });
    private final List<Element> all = new ArrayList<>();

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4})
    void theFirstIsTheOneOfLowestRankThatCameFirst(long seed) {
        var random = new Random(seed);
        for (int step = 0; step < 4_000; step++) {
            int what = random.nextInt(step % 1_000 < 500 ? 5 : 3);
            if (what > 1 || all.isEmpty()) {
                add(random.nextInt(50), step);
            } else if (what == 1) {
                var leaving = all.remove(random.nextInt(all.size()));
                heap.remove(leaving);
                assertThat(leaving.place).isNegative();
            } else {
                var first = heap.first();
                first.rank += random.nextInt(20);
                heap.raiseFirst(first.rank);
            }
            check();
        }
    }

    private void add(double rank, long since) {
        var element = new Element(rank, since);
        all.add(element);
        heap.add(element, rank, since);
    }

    private void check() {
        assertThat(heap.isEmpty()).isEqualTo(all.isEmpty());
        if (!all.isEmpty()) {
            var expected = all.stream()
                    .min(Comparator.comparingDouble((Element element) -> element.rank)
                            .thenComparingLong(element -> element.since))
                    .orElseThrow();
            assertThat(heap.first()).isSameAs(expected);
            assertThat(heap.firstRank()).isEqualTo(expected.rank);
        }
    }
}
