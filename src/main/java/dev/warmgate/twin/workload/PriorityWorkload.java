package dev.warmgate.twin.workload;

import dev.warmgate.twin.workload.Message.Role;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

/**
 * Three kinds of traffic of different importance on a fleet that cannot serve it all: fraud checks that must be answered
 * now, people in conversation, and a batch of documents that shall use what is left.
 *
 * <p>{@code docs/workloads.md} says how the rates were found.
 */
final class PriorityWorkload {
    static final String NAME = "mixed-priority";

    private static final String FRAUD = "fraud";
    private static final String CHAT = "chat";
    private static final String BATCH = "batch";

    private static final int FRAUD_PRIORITY = 10;
    private static final int CHAT_PRIORITY = 0;
    private static final int BATCH_PRIORITY = -10;

    private static final double FRAUD_PER_SECOND = 5;
    private static final double CHATS_PER_SECOND = 6.4;
    private static final double BATCH_PER_SECOND = 22.5;

    private static final int FRAUD_INSTRUCTIONS = 3_000;
    private static final Lengths HISTORY = new Lengths(new LogNormal(Math.log(1_500), 0.7), 100, 8_000);
    private static final Lengths VERDICT = Lengths.ofMean(20, 0.3, 8, 40);

    private static final int MIN_DOCUMENT = 4_000;
    private static final int MAX_DOCUMENT = 12_000;
    private static final int MIN_SUMMARY = 200;
    private static final int MAX_SUMMARY = 600;

    private static final long FRAUD_STREAM = 1L << 61;
    private static final long HISTORY_STREAM = FRAUD_STREAM + (1L << 32);
    private static final long DOCUMENT_STREAM = FRAUD_STREAM + (1L << 33);

    private PriorityWorkload() {}

    /** Returns the requests of {@code seconds}, all times between arrivals multiplied by {@code timeScale}. */
    static Plan plan(long seed, double seconds, double timeScale) {
        var random = new SplittableRandom(seed);
        var sessions = new ArrayList<Session>();
        for (var chat : new ChatWorkload(CHATS_PER_SECOND).sessions(random.nextLong(), seconds)) {
            sessions.add(chat.of(CHAT, CHAT_PRIORITY));
        }
        var fraud = random.split();
        int checks = 0;
        for (double at = Poisson.gap(fraud, FRAUD_PER_SECOND);
                at < seconds;
                at += Poisson.gap(fraud, FRAUD_PER_SECOND)) {
            sessions.add(new Session(FRAUD, at, List.of(check(checks++, fraud))).of(FRAUD, FRAUD_PRIORITY));
        }
        var batch = random.split();
        int documents = 0;
        for (double at = Poisson.gap(batch, BATCH_PER_SECOND);
                at < seconds;
                at += Poisson.gap(batch, BATCH_PER_SECOND)) {
            sessions.add(new Session(BATCH, at, List.of(document(documents++, batch))).of(BATCH, BATCH_PRIORITY));
        }
        sessions.replaceAll(session -> session.stretched(timeScale));
        sessions.sort(Comparator.comparingDouble(Session::startSeconds));
        return Plan.of(NAME, sessions, seconds * timeScale, Plan.Pace.UNHURRIED);
    }

    private static Turn check(int number, RandomGenerator random) {
        return new Turn(
                0,
                List.of(
                        Message.of(Role.SYSTEM, new Text(FRAUD_STREAM, FRAUD_INSTRUCTIONS)),
                        Message.of(Role.USER, new Text(HISTORY_STREAM + number, HISTORY.sample(random)))),
                VERDICT.sample(random));
    }

    private static Turn document(int number, RandomGenerator random) {
        int tokens = random.nextInt(MIN_DOCUMENT, MAX_DOCUMENT + 1);
        return new Turn(
                0,
                List.of(Message.of(Role.USER, new Text(DOCUMENT_STREAM + number, tokens))),
                random.nextInt(MIN_SUMMARY, MAX_SUMMARY + 1));
    }
}
