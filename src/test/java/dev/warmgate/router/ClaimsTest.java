package dev.warmgate.router;

import static org.assertj.core.api.Assertions.assertThat;

import dev.warmgate.router.admission.AdmissionQueue;
import dev.warmgate.router.admission.AdmissionSettings;
import dev.warmgate.router.admission.Charge;
import dev.warmgate.router.admission.Flow;
import dev.warmgate.router.admission.QueuedRequest;
import dev.warmgate.router.admission.Standing;
import java.net.URI;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What others leave at an endpoint with a KV cache of 100,000 tokens to who lags behind with prompts of 19,200. */
class ClaimsTest {
    private static final long SECOND = 1_000_000_000;
    private static final int PROMPT = 19_200;
    private static final long CAPACITY = 100_000;

    private final Roster roster = new Roster(
            PoolSpec.of("pool", List.of(new EndpointSpec("e", URI.create("http://10.0.0.1:8000"), 1, Role.BOTH))),
            () -> 0);
    private final Endpoint endpoint = roster.members().all().getFirst();
    private final AdmissionQueue queue = new AdmissionQueue(AdmissionSettings.DEFAULT, 1);
    private final Flow behind = flow("behind", 0);
    private final Flow other = flow("other", 0);
    private final Claims claims = new Claims(roster);
    private final QueuedRequest waiting = waits(behind);

    ClaimsTest() {
        waits(other);
        endpoint.kvCapacityTokens(CAPACITY);
        endpoint.book(1, 0);
        for (int i = 0; i < 200; i++) {
            queue.dispatched(other, new Charge(0.1, 0.1, 0), 0);
            if (i % 10 == 0) {
                queue.dispatched(behind, new Charge(0.1, 1, 0), 0);
            }
        }
        claim(PROMPT);
    }

    private Flow flow(String tenant, int priority) {
        return queue.flow(new Standing(priority, tenant, tenant, 1, Standing.NONE, Standing.NONE, Standing.NONE));
    }

    private QueuedRequest waits(Flow flow) {
        var request = new QueuedRequest(
                flow, false, 1, 1, new QueuedRequest.Times(0, Long.MAX_VALUE / 4, QueuedRequest.NO_TARGET, 0)) {};
        queue.add(request, AdmissionQueue.ANY);
        return request;
    }

    private void claim(int tokens) {
        var candidates = new Candidates(new Random(1), Desk.NOTHING, roster.members());
        candidates.begin(new InferenceRequest("m", Fleet.prompt(1, tokens), 0, null), roster.members(), 0);
        candidates.add(endpoint);
        claims.make(candidates, behind);
    }

    private boolean goes(Flow flow, long at) {
        return claims.leave(endpoint, flow, 5_000, at);
    }

    @Test
    void othersLeaveTheKvCacheThatIsClaimed() {
        endpoint.kvPromptTokens(CAPACITY * 95 / 100 - PROMPT - 5_000);
        assertThat(goes(other, 0)).isTrue();
        endpoint.kvPromptTokens(CAPACITY * 95 / 100 - PROMPT - 4_999);
        assertThat(goes(other, 0)).isFalse();
        assertThat(goes(behind, 0)).isTrue();
    }

    @Test
    void othersLeaveAPlaceBelowTheLimit() {
        endpoint.allowance().limit = 3;
        assertThat(goes(other, 0)).isTrue();
        endpoint.allowance().limit = 2;
        assertThat(goes(other, 0)).isFalse();
        assertThat(goes(behind, 0)).isTrue();
    }

    @Test
    void higherPrioritiesDoNotCareAndLowerOnesDo() {
        endpoint.allowance().limit = 2;
        assertThat(goes(flow("urgent", 1), 0)).isTrue();
        assertThat(goes(flow("batch", -1), 0)).isFalse();
    }

    @Test
    void whatIsClaimedIsAtMostAQuarterOfTheCache() {
        claim(64_000);
        endpoint.kvPromptTokens(CAPACITY * 70 / 100 - 5_000);
        assertThat(goes(other, 0)).isTrue();
    }

    @Test
    void aClaimThatIsNotRenewedEnds() {
        endpoint.allowance().limit = 2;
        assertThat(goes(other, SECOND - 1)).isFalse();
        assertThat(goes(other, SECOND)).isTrue();
    }

    @Test
    void aClaimEndsWithTheLastRequestThatWaits() {
        endpoint.allowance().limit = 2;
        queue.take(waiting);
        assertThat(goes(other, 0)).isTrue();
    }

    @Test
    void whoHasCaughtUpClaimsNothing() {
        endpoint.allowance().limit = 2;
        queue.dispatched(behind, new Charge(18, 1, 0), 0);
        assertThat(goes(other, 0)).isTrue();
    }

    @Test
    void aClaimEndsWhereItsRequestWent() {
        endpoint.allowance().limit = 2;
        claims.used(endpoint, other);
        assertThat(goes(other, 0)).isFalse();
        claims.used(endpoint, behind);
        assertThat(goes(other, 0)).isTrue();
    }

    @Test
    void anIdleEndpointTakesWhateverComes() {
        endpoint.allowance().limit = 2;
        endpoint.book(-1, 0);
        assertThat(goes(other, 0)).isTrue();
    }
}
