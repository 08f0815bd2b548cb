package dev.warmgate.twin.workload;

import dev.warmgate.twin.workload.Message.Role;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

/**
 * Agents at scale: long loops of tool calls, each on a repository of its own, that now and then send out sub-agents.
 *
 * <p>Agents arrive as a Poisson process. A prompt is the harness, which all share, the agent's repository context, and then
 * in turns what a tool said and what the engine answered. After some turns an agent forks: each sub-agent goes on from the
 * whole conversation so far with a task of its own, all at the same moment, and the agent itself as long after as its
 * slowest sub-agent would take at {@link Plan.Pace#UNHURRIED}.
 */
final class AgentsWorkload {
    static final String NAME = "agents";

    private static final double AGENTS_PER_SECOND = 0.042;

    private static final int HARNESS_TOKENS = 3_000;
    private static final Lengths CONTEXT = Lengths.ofMean(25_000, 0.7, 10_000, 100_000);
    private static final Lengths TURNS = Lengths.ofMean(32, 0.4, 20, 60);
    private static final Lengths TOOL_RESULT = Lengths.ofMean(600, 0.9, 50, 10_000);
    private static final Lengths OUTPUT = Lengths.ofMean(425, 0.9, 50, 4_000);

    /** Time that a tool takes, in milliseconds. */
    private static final Lengths TOOL_MILLIS = new Lengths(new LogNormal(Math.log(4_000), 0.8), 1_000, 15_000);

    /** Tokens, prompt and answer, that an agent never exceeds. */
    private static final int MAX_CONTEXT = 200_000;

    /** Probability that a turn is followed by a fork. */
    private static final double FORK = 0.04;

    private static final int MIN_CHILDREN = 2;
    private static final int MAX_CHILDREN = 4;
    private static final int MIN_CHILD_TURNS = 3;
    private static final int MAX_CHILD_TURNS = 8;
    private static final Lengths TASK = Lengths.ofMean(500, 0.6, 50, 4_000);

    private static final long HARNESS_STREAM = 1L << 59;
    private static final long CONTEXT_STREAM = HARNESS_STREAM + (1L << 16);
    private static final long INPUT_STREAM = HARNESS_STREAM + (1L << 32);

    /** Streams of one agent: more than it and its sub-agents have turns. */
    private static final int TEXTS = 1 << 12;

    private final double seconds;
    private final double timeScale;
    private final List<PlannedRequest> requests = new ArrayList<>();

    /** Stream of the next text of the agent at hand. */
    private long nextText;

    private AgentsWorkload(double seconds, double timeScale) {
        this.seconds = seconds;
        this.timeScale = timeScale;
    }

    /**
     * Returns the requests of the agents that arrive within {@code seconds}, all arrivals multiplied by {@code timeScale},
     * without the turns that would begin after the end if every answer were unhurried.
     */
    static Plan plan(long seed, double seconds, double timeScale) {
        var workload = new AgentsWorkload(seconds, timeScale);
        var arrivals = new SplittableRandom(seed);
        int id = 0;
        for (double at = gap(arrivals); at < seconds; at += gap(arrivals)) {
            // A generator per agent: its turns do not depend on how many others there are.
            workload.agent(id++, at * timeScale, arrivals.split());
        }
        return new Plan(NAME, workload.requests);
    }

    private static double gap(RandomGenerator arrivals) {
        return Poisson.gap(arrivals, AGENTS_PER_SECOND);
    }

    private void agent(int id, double start, RandomGenerator random) {
        var name = NAME + "-" + id;
        nextText = INPUT_STREAM + (long) id * TEXTS;
        var opening = List.of(
                Message.of(Role.SYSTEM, new Text(HARNESS_STREAM, HARNESS_TOKENS)),
                new Message(
                        Role.USER, List.of(new Text(CONTEXT_STREAM + id, CONTEXT.sample(random)), text(TASK, random))));
        int turns = TURNS.sample(random);
        var at = new Place(-1, 0, start);
        double pause = 0;
        int children = 0;
        for (int turn = 0; turn < turns && fits(at, pause); turn++) {
            var said = turn == 0 ? opening : List.of(Message.of(Role.USER, text(TOOL_RESULT, random)));
            at = turn(name, at, pause, said, random);
            pause = toolSeconds(random);
            if (turn + 1 < turns && random.nextDouble() < FORK) {
                int forked = random.nextInt(MIN_CHILDREN, MAX_CHILDREN + 1);
                for (int i = 0; i < forked; i++) {
                    pause = Math.max(pause, child(name + "." + children++, at, random) - at.endSeconds);
                }
            }
        }
    }

    /** Adds a sub-agent that forks at {@code from} and returns when it would end. */
    private double child(String name, Place from, RandomGenerator random) {
        int turns = random.nextInt(MIN_CHILD_TURNS, MAX_CHILD_TURNS + 1);
        var at = from;
        double pause = 0;
        for (int turn = 0; turn < turns && fits(at, pause); turn++) {
            var said = Message.of(Role.USER, text(turn == 0 ? TASK : TOOL_RESULT, random));
            at = turn(name, at, pause, List.of(said), random);
            pause = toolSeconds(random);
        }
        return at.endSeconds;
    }

    /** Returns whether a turn after {@code pause} begins in time and has room. */
    private boolean fits(Place at, double pause) {
        return at.endSeconds + pause <= seconds * timeScale
                && at.tokens + TOOL_RESULT.max() + OUTPUT.max() <= MAX_CONTEXT;
    }

    private Place turn(String name, Place before, double pause, List<Message> said, RandomGenerator random) {
        int index = requests.size();
        boolean first = before.request < 0;
        var request = new PlannedRequest(
                name,
                null,
                0,
                before.endSeconds + pause,
                before.request,
                pause,
                !first,
                said,
                Plan.answer(index, OUTPUT.sample(random)));
        requests.add(request);
        return new Place(
                index,
                before.tokens + request.inputTokens() + request.outputTokens(),
                request.atSeconds() + Plan.Pace.UNHURRIED.seconds(request.outputTokens()));
    }

    private Text text(Lengths tokens, RandomGenerator random) {
        return new Text(nextText++, tokens.sample(random));
    }

    private static double toolSeconds(RandomGenerator random) {
        return TOOL_MILLIS.sample(random) / 1e3;
    }

    /**
     * Where a conversation stands.
     *
     * @param request its last request, -1 before the first
     * @param tokens its length
     * @param endSeconds when it would have come here if every answer were unhurried
     */
    private record Place(int request, int tokens, double endSeconds) {}
}
