package dev.warmgate.picker;

import dev.warmgate.dialect.ApiError;
import dev.warmgate.dialect.Dialect;
import dev.warmgate.dialect.ReadResult;
import dev.warmgate.door.Answer;
import dev.warmgate.door.Entry;
import dev.warmgate.door.Refusals;
import dev.warmgate.door.RequestLog;
import dev.warmgate.router.quarantine.Standing;
import org.jspecify.annotations.Nullable;

/** The coming in of one call's request: its body, and what it asks for. On the event loop of its {@link PickerCall}. */
final class Intake {
    private final PickerContext context;
    private final PickerSettings settings;
    private final RequestSide side;
    private final Entry entry;
    private final RequestLog log;
    private final Suspicion suspicion;

    Intake(
            PickerContext context,
            PickerSettings settings,
            RequestSide side,
            Entry entry,
            RequestLog log,
            Suspicion suspicion) {
        this.context = context;
        this.settings = settings;
        this.side = side;
        this.entry = entry;
        this.log = log;
        this.suspicion = suspicion;
    }

    /** Looks at the header; returns what becomes of the request, or null if its body has to be read first. */
    Entry.@Nullable Result begin() {
        if (!side.readsBody()) {
            return byLoad();
        }
        side.answerHeadersEarly();
        return null;
    }

    /** Takes a piece of a body that is read; returns what becomes of the request, or null for more of it. */
    Entry.@Nullable Result take(GatewayMessage piece) {
        if (!side.collect(piece)) {
            return answered(tooLarge());
        }
        if (side.isForm()) {
            return side.formDecided() ? byForm() : null;
        }
        return side.isRead() ? understand() : null;
    }

    /** The body has ended by trailers. */
    Entry.Result ended() {
        return side.isForm() ? byForm() : understand();
    }

    /** The gateway is waited for no longer. */
    Entry.Result tooSlow(boolean showsNoBodies) {
        if (showsNoBodies && side.length() == 0) {
            side.readNoBody();
            return byLoad();
        }
        return answered(new ApiError(
                ApiError.Kind.BODY_TIMEOUT,
                "The request body came too slowly: the end, or another 64 KiB, is expected every "
                        + settings.timeouts().body().toMillis() + " ms.",
                null));
    }

    private Entry.Result byLoad() {
        return entry.enterByLoad(side.allowed());
    }

    private Entry.Result byForm() {
        String model = side.formModel();
        if (model == null) {
            return byLoad();
        }
        log.model = model;
        entry.asks(model);
        return entry.enter(side.inference(model));
    }

    private Entry.Result understand() {
        log.requestRead(context.nanoTime());
        var scanner = context.scanner();
        byte[] body = side.whole();
        suspicion.remember(side.head().path(), body);
        if (suspicion.standing() == Standing.REFUSED) {
            log.refused = Refusals.QUARANTINE;
            return new Entry.Answered(Refusals.quarantined(side.head().path()));
        }
        side.allow(suspicion.among(side.allowed()));
        return switch (side.read(body, scanner.reader(), scanner.hasher())) {
            case ReadResult.Refused(var error) -> answered(error);
            case ReadResult.Understood named
            when side.head().dialect() == Dialect.BY_MODEL -> {
                scanner.hasher().reset();
                entry.continues(named.continues());
                if (named.model().isEmpty()) {
                    yield byLoad();
                }
                String model = model(named, scanner);
                yield model == null ? answered(Refusals.noTarget(named.model())) : entry.enter(side.inference(model));
            }
            case ReadResult.Understood understood -> {
                log.stream = understood.stream();
                String model = model(understood, scanner);
                if (model == null) {
                    yield answered(Refusals.noTarget(understood.model()));
                }
                var wanted = side.inference(model, understood, scanner.hasher().finish());
                yield entry.enter(understood, wanted, side.length());
            }
        };
    }

    /** Settles which model is asked for, and changes the body accordingly; returns null if there is none to be had. */
    private @Nullable String model(ReadResult.Understood understood, PickerContext.Scanner scanner) {
        String named = understood.model();
        String model = entry.model(named, side.session(understood));
        log.model = model == null ? named : model;
        if (model != null && !model.equals(named)) {
            side.change(scanner.reader().rename(model));
        }
        return model;
    }

    private Entry.Answered answered(ApiError error) {
        return new Entry.Answered(Answer.of(error, side.head().path()));
    }

    private ApiError tooLarge() {
        return new ApiError(
                ApiError.Kind.BODY_TOO_LARGE,
                "The request body is larger than the limit of "
                        + settings.maxBodyBytes()
                        + " bytes. Send less; the operator can raise limits.maxBodyBytes.",
                null);
    }
}
