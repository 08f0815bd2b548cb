package dev.warmgate.twin.workload;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;

/**
 * All requests of a run, fixed before it begins: a slow fleet gets exactly as many as a fast one.
 *
 * <p>Requests that the clock starts are open loop; requests that follow another's end are closed loop. Immutable.
 */
public final class Plan {
    /** Answer streams of planned requests: no workload names its own texts so. */
    private static final long ANSWER_STREAM = 1L << 62;

    private static final int MOST_NAMES = 10;

    private final String name;
    private final List<PlannedRequest> requests;
    private final int[] promptTokens;

    /** Per request, those that its end starts. */
    private final List<List<Integer>> followers;

    /**
     * Creates a plan.
     *
     * @param name the workload's name
     * @param requests each after the one that it follows; not empty
     */
    public Plan(String name, List<PlannedRequest> requests) {
        this.name = name;
        this.requests = List.copyOf(requests);
        if (requests.isEmpty()) {
            throw new IllegalArgumentException("requests: none (expected: at least one)");
        }
        promptTokens = new int[requests.size()];
        var starting = new ArrayList<List<Integer>>(promptTokens.length);
        for (int i = 0; i < promptTokens.length; i++) {
            var request = requests.get(i);
            if (request.after() >= i) {
                throw new IllegalArgumentException("requests[" + i + "].after: " + request.after()
                        + " (expected: an earlier request's index, or -1)");
            }
            promptTokens[i] = request.inputTokens();
            starting.add(new ArrayList<>(1));
            if (request.continues()) {
                int before = request.after();
                promptTokens[i] += promptTokens[before] + requests.get(before).outputTokens();
            }
            if (request.after() >= 0) {
                starting.get(request.after()).add(i);
            }
        }
        followers = starting.stream().map(List::copyOf).toList();
    }

    /** Returns the workload's name. */
    public String name() {
        return name;
    }

    /** Returns the requests, each after the one that it follows. */
    public List<PlannedRequest> requests() {
        return requests;
    }

    /** Returns the tokens of a request's whole prompt. */
    public int promptTokens(int request) {
        return promptTokens[request];
    }

    /** Returns the requests that a request's end starts, in order. */
    public List<Integer> followers(int request) {
        return followers.get(request);
    }

    /** Returns all requests that never start if this one is refused: those that follow it, and so on. */
    public List<Integer> dependents(int request) {
        var found = new ArrayList<>(followers.get(request));
        for (int i = 0; i < found.size(); i++) {
            found.addAll(followers.get(found.get(i)));
        }
        return found;
    }

    /** Returns the most tokens that one request, prompt and answer, needs. */
    public int longest() {
        return IntStream.range(0, promptTokens.length)
                .map(i -> promptTokens[i] + requests.get(i).outputTokens())
                .max()
                .orElse(0);
    }

    /** Returns which requests are measured: all but the first {@code warmup} of them in the order of their planned times. */
    public boolean[] measured(double warmup) {
        var order = byPlannedTime();
        var measured = new boolean[requests.size()];
        for (int i = (int) Math.ceil(warmup * order.size()); i < order.size(); i++) {
            measured[order.get(i)] = true;
        }
        return measured;
    }

    /** Returns the plan of the first {@code count} requests by their planned times, or this one if it has no more. */
    public Plan first(int count) {
        if (count >= requests.size()) {
            return this;
        }
        var chosen = new boolean[requests.size()];
        byPlannedTime().stream().limit(count).forEach(i -> chosen[i] = true);
        return only(chosen);
    }

    /**
     * Returns the plan of some tenants' requests.
     *
     * @throws IllegalArgumentException naming the tenants there are, if one has no requests
     */
    public Plan of(Set<String> tenants) {
        requireTenants("tenants", tenants);
        var chosen = new boolean[requests.size()];
        for (int i = 0; i < chosen.length; i++) {
            var tenant = requests.get(i).tenant();
            chosen[i] = tenant != null && tenants.contains(tenant);
        }
        return only(chosen);
    }

    /**
     * Checks that some tenants have requests.
     *
     * @param setting who names them
     * @throws IllegalArgumentException naming the tenants there are, if one has none
     */
    public void requireTenants(String setting, Set<String> tenants) {
        var known = new TreeSet<String>();
        for (var request : requests) {
            if (request.tenant() != null) {
                known.add(request.tenant());
            }
        }
        for (var tenant : tenants) {
            if (!known.contains(tenant)) {
                throw new IllegalArgumentException(setting + ": \"" + tenant + "\" (expected: "
                        + (known.isEmpty() ? "a workload that has tenants" : shortList(known)) + ")");
            }
        }
    }

    private static String shortList(Set<String> names) {
        return String.join(", ", names.stream().limit(MOST_NAMES).toList()) + (names.size() > MOST_NAMES ? ", …" : "");
    }

    private Plan only(boolean[] chosen) {
        var kept = new ArrayList<PlannedRequest>();
        var places = new int[requests.size()];
        for (int i = 0; i < requests.size(); i++) {
            var request = requests.get(i);
            // One whose start depends on a request that is left out would never begin.
            boolean keep = chosen[i] && (request.after() < 0 || places[request.after()] >= 0);
            places[i] = keep ? kept.size() : -1;
            if (keep) {
                kept.add(request.after() < 0 ? request : request.following(places[request.after()]));
            }
        }
        return new Plan(name, kept);
    }

    private List<Integer> byPlannedTime() {
        return IntStream.range(0, requests.size())
                .boxed()
                .sorted(Comparator.<Integer>comparingInt(i -> requests.get(i).stage())
                        .thenComparingDouble(i -> requests.get(i).atSeconds()))
                .toList();
    }

    /** Returns the text that stands for the answer of a request, where nobody names it. */
    static List<Text> answer(int request, int tokens) {
        return List.of(new Text(ANSWER_STREAM + request, tokens));
    }

    /**
     * Returns a plan of sessions, each turn after the one before, without the turns that would begin after
     * {@code seconds} if every answer were as fast as {@code pace} says.
     */
    public static Plan of(String name, List<Session> sessions, double seconds, Pace pace) {
        var requests = new ArrayList<PlannedRequest>();
        int number = 0;
        for (var session : sessions) {
            double at = session.startSeconds();
            int before = -1;
            var id = session.workload() + "-" + number++;
            for (var turn : session.turns()) {
                at += turn.thinkSeconds();
                if (at > seconds) {
                    break;
                }
                int index = requests.size();
                var request = new PlannedRequest(
                        id,
                        session.tenant(),
                        0,
                        at,
                        before,
                        before < 0 ? 0 : turn.thinkSeconds(),
                        before >= 0,
                        turn.input(),
                        answer(index, turn.outputTokens()));
                requests.add(request.withPriority(session.priority()));
                before = index;
                at += pace.seconds(turn.outputTokens());
            }
        }
        return new Plan(name, requests);
    }

    /**
     * How fast a fleet is assumed to answer where a plan must say when a turn would come.
     *
     * @param ttftSeconds time to first token
     * @param secondsPerToken time per output token after it
     */
    public record Pace(double ttftSeconds, double secondsPerToken) {
        /** A 32B model on two H100 with little to do. */
        public static final Pace UNHURRIED = new Pace(0.3, 0.025);

        /** Returns the time of an answer. */
        double seconds(int outputTokens) {
            return ttftSeconds + outputTokens * secondsPerToken;
        }
    }
}
