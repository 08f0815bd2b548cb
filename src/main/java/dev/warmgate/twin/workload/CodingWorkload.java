package dev.warmgate.twin.workload;

import dev.warmgate.twin.workload.Message.Role;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

/**
 * Coding assistants: sessions on a few repositories behind one harness prompt that all of them share.
 *
 * <p>Sessions arrive as a Poisson process. A prompt is the harness, the repository's context, and then in turns what the
 * person or a tool says and what the engine answered. A session ends after its turns or where its context is full.
 *
 * @param sessionsPerSecond rate of new sessions
 * @param harnessTokens length of the harness prompt
 * @param repositories how many repositories there are
 * @param repositoryTokens length of each repository's context
 * @param repositorySkew exponent of the Zipf law by which sessions choose a repository
 * @param turns turns per session
 * @param maxTurns upper bound of {@code turns}
 * @param toolResult tokens that a person or tool adds per turn
 * @param output tokens per answer
 * @param think pause before each turn but the first, in seconds
 * @param maxThink upper bound of {@code think}
 * @param maxContext tokens, prompt and answer, that a session never exceeds
 */
public record CodingWorkload(
        double sessionsPerSecond,
        int harnessTokens,
        int repositories,
        int repositoryTokens,
        double repositorySkew,
        LogNormal turns,
        int maxTurns,
        LogNormal toolResult,
        LogNormal output,
        LogNormal think,
        double maxThink,
        int maxContext)
        implements Workload {
    /**
     * The reference definition, sized for eight endpoints: prompts of about 32,000 tokens, answers of about 370, 97 % of
     * all prompt tokens seen before.
     */
    public static final CodingWorkload REFERENCE = new CodingWorkload(
            0.8,
            14_000,
            12,
            6_000,
            0.8,
            new LogNormal(2.2, 0.8),
            60,
            new LogNormal(6.2, 1.0),
            new LogNormal(5.5, 0.9),
            new LogNormal(Math.log(6), 1.2),
            300,
            120_000);

    /**
     * The same assistants let loose: agents that run tools without a person between the turns. Short answers, mostly tool
     * calls; the tools' results are a little longer, the pauses much shorter.
     */
    public static final CodingWorkload AGENTS = new CodingWorkload(
            1.5,
            14_000,
            12,
            6_000,
            0.8,
            new LogNormal(2.2, 0.8),
            60,
            new LogNormal(6.5, 1.0),
            new LogNormal(4.4, 0.9),
            new LogNormal(Math.log(2), 1.0),
            300,
            120_000);

    private static final long HARNESS_STREAM = 1;
    private static final long REPOSITORY_STREAM = 100;
    private static final long SESSION_STREAM = 1L << 20;

    /** Streams of one session: more than any session has turns. */
    private static final int STREAMS_PER_SESSION = 1 << 10;

    public CodingWorkload {
        if (!(sessionsPerSecond > 0) || repositories < 1 || maxTurns < 1 || maxTurns > STREAMS_PER_SESSION) {
            throw new IllegalArgumentException("sessionsPerSecond: " + sessionsPerSecond + ", repositories: "
                    + repositories + ", maxTurns: " + maxTurns + " (expected: above 0, at least 1, 1 to "
                    + STREAMS_PER_SESSION + ")");
        }
        if (harnessTokens + repositoryTokens >= maxContext) {
            throw new IllegalArgumentException("maxContext: " + maxContext
                    + " (expected: more than harness and repository, " + (harnessTokens + repositoryTokens) + ")");
        }
    }

    /** Returns this workload with another rate of new sessions. */
    public CodingWorkload withSessionsPerSecond(double rate) {
        return new CodingWorkload(
                rate,
                harnessTokens,
                repositories,
                repositoryTokens,
                repositorySkew,
                turns,
                maxTurns,
                toolResult,
                output,
                think,
                maxThink,
                maxContext);
    }

    @Override
    public String name() {
        return "coding";
    }

    @Override
    public List<Session> sessions(long seed, double seconds) {
        var arrivals = new SplittableRandom(seed);
        var shares = new Zipf(repositories, repositorySkew);
        var sessions = new ArrayList<Session>();
        double at = 0;
        for (int id = 0; ; id++) {
            at += Poisson.gap(arrivals, sessionsPerSecond);
            if (at >= seconds) {
                return List.copyOf(sessions);
            }
            // A generator per session: its turns do not depend on how many other sessions there are.
            sessions.add(new Session(name(), at, turnsOf(id, arrivals.split(), shares)));
        }
    }

    private List<Turn> turnsOf(int id, RandomGenerator random, Zipf shares) {
        int repository = shares.sample(random);
        int planned = turns.sampleCount(random, maxTurns);
        int context = harnessTokens + repositoryTokens;
        long stream = SESSION_STREAM + (long) id * STREAMS_PER_SESSION;
        var result = new ArrayList<Turn>(planned);
        for (int i = 0; i < planned; i++) {
            int room = maxContext - context;
            int said = toolResult.sampleCount(random, maxContext);
            int answer = output.sampleCount(random, maxContext);
            double pause = Math.min(think.sample(random), maxThink);
            if (said + answer > room) {
                if (i > 0) {
                    break;
                }
                said = Math.max(1, room / 2);
                answer = Math.max(1, room - said);
            }
            var text = new Text(stream + i, said);
            result.add(
                    i == 0
                            ? new Turn(0, opening(repository, text), answer)
                            : new Turn(pause, List.of(Message.of(Role.USER, text)), answer));
            context += said + answer;
        }
        return result;
    }

    private List<Message> opening(int repository, Text task) {
        return List.of(
                Message.of(Role.SYSTEM, new Text(HARNESS_STREAM, harnessTokens)),
                new Message(Role.USER, List.of(new Text(REPOSITORY_STREAM + repository, repositoryTokens), task)));
    }
}
