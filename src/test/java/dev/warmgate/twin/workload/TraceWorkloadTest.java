package dev.warmgate.twin.workload;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class TraceWorkloadTest {
    private static final TraceWorkload TRACE = new TraceWorkload(
            "trace",
            List.of(new TraceRequest(0, 700, 5, List.of(0, 3)), new TraceRequest(3000, 1000, 6, List.of(0, 4))),
            3);

    @Test
    void sendsEachRequestWithinItsTick() {
        var sessions = TRACE.sessions(1, 6);
        assertThat(sessions).hasSize(2);
        assertThat(sessions.get(0).startSeconds()).isBetween(0.0, 3.0);
        assertThat(sessions.get(1).startSeconds()).isBetween(3.0, 6.0);
        assertThat(TRACE.sessions(1, 6)).isEqualTo(sessions);
    }

    @Test
    void equalBlocksAreEqualTextAndTheLastIsCut() {
        var sessions = TRACE.sessions(1, 6);
        var first = parts(sessions.get(0));
        var second = parts(sessions.get(1));
        assertThat(first).extracting(Text::tokens).containsExactly(512, 188);
        assertThat(second.getFirst()).isEqualTo(first.getFirst());
        assertThat(second.getLast().stream()).isNotEqualTo(first.getLast().stream());
    }

    @Test
    void startsOverWithOtherText() {
        var sessions = TRACE.sessions(1, 12);
        assertThat(sessions).hasSize(4);
        assertThat(sessions.get(2).startSeconds()).isBetween(6.0, 9.0);
        assertThat(parts(sessions.get(2)).getFirst().stream()).isNotEqualTo(parts(sessions.get(0)).getFirst().stream());
    }

    private static List<Text> parts(Session session) {
        return session.turns().getFirst().input().getFirst().parts();
    }
}
