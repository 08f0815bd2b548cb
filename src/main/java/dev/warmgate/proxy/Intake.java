package dev.warmgate.proxy;

import dev.warmgate.dialect.ApiError;
import dev.warmgate.dialect.Dialect;
import dev.warmgate.dialect.FormModel;
import dev.warmgate.dialect.ReadResult;
import dev.warmgate.door.Answer;
import dev.warmgate.door.Entry;
import dev.warmgate.door.Refusals;
import dev.warmgate.door.RequestLog;
import dev.warmgate.proxy.front.ClientLimits;
import dev.warmgate.proxy.front.ClientStream;
import dev.warmgate.router.quarantine.Standing;
import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.HttpUtil;
import org.jspecify.annotations.Nullable;

/** The coming in of one exchange's request: what is wrong with it, and what it asks for. */
final class Intake {
    private final Worker worker;
    private final ClientStream client;
    private final ClientRequest request;
    private final RequestLog log;
    private final Entry entry;
    private final Suspicion suspicion;

    /** Only where clients have a limit. */
    private @Nullable Seat seat;

    private long bytesAtLastProgress;

    /** An answer of our own that waits for the rest of the request. */
    private @Nullable Answer held;

    Intake(
            Worker worker,
            ClientStream client,
            ClientRequest request,
            RequestLog log,
            Entry entry,
            Suspicion suspicion) {
        this.worker = worker;
        this.client = client;
        this.request = request;
        this.log = log;
        this.entry = entry;
        this.suspicion = suspicion;
    }

    /** Looks at the header; returns what becomes of the request, or null if its body has to be read first. */
    Entry.@Nullable Result begin() {
        var refused = RequestCheck.check(request, worker.settings());
        if (refused != null) {
            return answered(refused);
        }
        var crowded = crowded();
        if (crowded != null) {
            return new Entry.Answered(crowded);
        }
        if (ModelsRoute.isFor(request.target())) {
            var stranger = entry.mayAsk();
            return stranger == null ? new Entry.Answered(ModelsRoute.answer(request, worker)) : stranger;
        }
        if (request.webSocket()) {
            return enterWebSocket();
        }
        // Strangers are not told to send their bodies, nor are these kept.
        var result = request.understood() || request.form() != null ? entry.mayKnock() : entry.enterByLoad(null);
        if (!(result instanceof Entry.Answered) && HttpUtil.is100ContinueExpected(request.head())) {
            client.sendContinue();
        }
        return result;
    }

    /** Takes the model from the query, as OpenAI's realtime interface has it; one without goes by load. */
    private Entry.Result enterWebSocket() {
        String model = request.target().query("model");
        if (model == null) {
            return entry.enterByLoad(null);
        }
        log.model = model;
        entry.asks(model);
        return entry.enter(request.inference(model));
    }

    private @Nullable Answer crowded() {
        var limits = worker.settings().front().limits();
        if (worker.inFlight() > limits.requests()) {
            return Seat.none(limits, request, log);
        }
        if (limits.requestsPerClient() == ClientLimits.UNLIMITED) {
            return null;
        }
        seat = new Seat(worker, client);
        return seat.take(request, log);
    }

    /** Reads bytes of the body, which stay the caller's; returns what becomes of the request, or null for more of them. */
    Entry.@Nullable Result read(ByteBuf bytes) {
        if (held != null) {
            return request.isRead() || log.bytesIn > RequestCheck.DISCARDED_AT_MOST ? new Entry.Answered(held) : null;
        }
        if (request.form() != null) {
            return readForm(request.form(), bytes);
        }
        var wrong = request.collect(bytes, worker.settings());
        if (wrong != null) {
            return answered(wrong);
        }
        if (request.isRead()) {
            return understand();
        }
        noteProgress(true);
        return null;
    }

    /** Reads a form up to its model; what comes after that streams through. */
    private Entry.@Nullable Result readForm(FormModel form, ByteBuf bytes) {
        boolean decided = request.beginningHas(form, bytes, worker.sharedArray());
        if (!decided && !request.isRead()) {
            noteProgress(true);
            return null;
        }
        String model = form.model();
        if (model != null) {
            log.model = model;
            entry.asks(model);
            return entry.enter(request.inference(model));
        }
        boolean oneForAll = worker.router().pools().size() == 1;
        return oneForAll ? entry.enterByLoad(null) : answered(RequestCheck.lateModel());
    }

    private Entry.Result understand() {
        if (suspicion.standing() == Standing.REFUSED) {
            log.refused = Refusals.QUARANTINE;
            return new Entry.Answered(Refusals.quarantined(request.path()));
        }
        return switch (request.read(worker.reader(), worker.hasher(), worker.sharedArray())) {
            case ReadResult.Refused(var error) -> answered(error);
            case ReadResult.Understood named
            when request.dialect() == Dialect.BY_MODEL -> {
                worker.hasher().reset();
                entry.continues(named.continues());
                if (named.model().isEmpty()) {
                    yield entry.enterByLoad(null);
                }
                String model = model(named);
                yield model == null
                        ? answered(Refusals.noTarget(named.model()))
                        : entry.enter(request.inference(model));
            }
            case ReadResult.Understood understood -> {
                log.stream = understood.stream();
                String model = model(understood);
                if (model == null) {
                    yield answered(Refusals.noTarget(understood.model()));
                }
                var wanted =
                        request.inference(model, understood, worker.hasher().finish());
                yield entry.enter(understood, wanted, request.body().length());
            }
        };
    }

    /** Settles which model is asked for, and changes the body accordingly; returns null if there is none to be had. */
    private @Nullable String model(ReadResult.Understood understood) {
        String named = understood.model();
        String model = entry.model(named, request.session(understood));
        log.model = model == null ? named : model;
        var question = worker.settings().askUsage() ? understood.usageEdit() : null;
        if (model != null && !model.equals(named)) {
            var renamed = worker.reader().rename(model);
            request.body().change(renamed);
            question = question == null ? null : question.after(renamed);
        }
        request.askUsage(question);
        return model;
    }

    /** Gives the client more time, if it is waited for, once it has sent enough since it got some. */
    void noteProgress(boolean waitedFor) {
        if (waitedFor && log.bytesIn - bytesAtLastProgress >= RequestCheck.PROGRESS) {
            bytesAtLastProgress = log.bytesIn;
            client.deadline().in(entry.within(worker.settings().requestReadTimeout()));
        }
    }

    /** Returns whether an answer of our own now waits for the rest of a small request, so that the connection can go on. */
    boolean holds(Answer own) {
        if (held == null && !request.isRead() && RequestCheck.endsSoon(request)) {
            held = own;
            return true;
        }
        return false;
    }

    /** Returns the answer for a client that is too slow. */
    Answer tooSlow() {
        return held == null ? Answer.of(RequestCheck.tooSlow(worker.settings()), request.path()) : held;
    }

    /** The request ended. */
    void end() {
        if (seat != null) {
            seat.leave();
        }
    }

    private Entry.Result answered(ApiError error) {
        var answer = Answer.of(error, request.path());
        return new Entry.Answered(
                error.kind() == ApiError.Kind.ENCODING_REFUSED
                        ? answer.with("accept-encoding", request.understood() ? BodyDecoder.TAKEN : "identity")
                        : answer);
    }
}
