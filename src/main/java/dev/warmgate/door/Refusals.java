package dev.warmgate.door;

import dev.warmgate.dialect.ApiError;
import dev.warmgate.dialect.ApiError.Kind;
import dev.warmgate.dialect.RateLimitHeaders;
import dev.warmgate.router.FailureKind;
import dev.warmgate.router.RefusalReason;
import dev.warmgate.router.RouteResult;
import dev.warmgate.router.quota.QuotaRefusal;
import dev.warmgate.router.quota.QuotaSnapshot;
import dev.warmgate.router.tenancy.Classification;
import java.time.Duration;
import java.util.List;

/** What a client is told whose request does not get in, whichever door it came to. */
public final class Refusals {
    /** The header that says why a request was not served, by the name that the Kubernetes endpoint picker has for it. */
    public static final String DROP_REASON = "x-llm-d-request-dropped-reason";

    /** Tells OpenAI's and Anthropic's clients not to try again by themselves. */
    private static final String SHOULD_RETRY = "x-should-retry";

    /** Why a request is refused that finds a quota used up. */
    public static final String QUOTA = "quota";

    /** Why a request is refused under which endpoints died. */
    public static final String QUARANTINE = "quarantine";

    /** Why a request is ended whose deadline passed while an endpoint worked. */
    public static final String LATE = "late";

    private Refusals() {}

    /** Returns what the client is told who asks for a model that nobody serves. */
    public static ApiError unknownModel(String model, List<String> served) {
        return new ApiError(
                Kind.MODEL_NOT_FOUND,
                "There is no model " + shortened(model) + ". "
                        + (served.isEmpty()
                                ? "No endpoint has told its models yet."
                                : "Models served here: " + String.join(", ", served) + "."),
                "model");
    }

    static Answer unavailable(RouteResult.Unavailable none, String path) {
        return Answer.of(new ApiError(Kind.UNAVAILABLE, none.reason(), null), path)
                .retryAfter(none.retryAfter());
    }

    /** Returns what the client is told when admission refused the request. */
    static Answer refused(RouteResult.Refused refused, String path) {
        // What the reference endpoint picker says where its filters leave nobody.
        boolean tooMany = refused.reason().callersExcess() || refused.reason() == RefusalReason.FILTERED;
        var kind = tooMany ? Kind.TOO_MANY_REQUESTS : Kind.OVERLOADED;
        return Answer.of(new ApiError(kind, refused.message(), null), path)
                .retryAfter(refused.retryAfter())
                .with(DROP_REASON, refused.reason().label());
    }

    /** Returns what the client is told when the request has no standing. */
    static Answer refused(Classification.Refused refused, String path) {
        var answer = Answer.of(ApiError.of(refused), path);
        return switch (refused.reason()) {
            case MISSING_KEY, UNKNOWN_KEY -> answer.with("www-authenticate", "Bearer");
            case INVALID_TOKEN -> answer.with("www-authenticate", "Bearer error=\"invalid_token\""); // RFC 6750, 3
            case TOKEN_UNCHECKED -> answer.retryAfter(Duration.ofSeconds(1));
            case UNKNOWN_TENANT, MODEL_NOT_ALLOWED, UNKNOWN_OBJECTIVE, PRIORITY_NOT_GRANTED, BAD_HEADER -> answer;
        };
    }

    /** Returns what the client is told when a quota is used up. */
    static Answer refused(QuotaRefusal refusal, QuotaSnapshot limits, String path) {
        var answer =
                Answer.of(ApiError.of(refusal), path).with(DROP_REASON, QUOTA).with(RateLimitHeaders.of(limits));
        var wait = refusal.retryAfter();
        return wait == null ? answer.with(SHOULD_RETRY, "false") : answer.retryAfter(wait);
    }

    /** Returns what the client is told when its own deadline passed while an endpoint worked. */
    public static ApiError late() {
        return new ApiError(
                Kind.DEADLINE_PASSED,
                "The answer was not complete by the request's deadline. Ask for less, or allow more time.",
                null);
    }

    /** Returns what the client is told under whose request endpoints died. */
    public static Answer quarantined(String path) {
        return Answer.of(
                        new ApiError(
                                Kind.QUARANTINED,
                                "Two endpoints died while they worked on this request, so it is not tried again for now."
                                        + " Change it, or ask the operator, who sees it under /admin/quarantine.",
                                null),
                        path)
                .with(SHOULD_RETRY, "false")
                .with(DROP_REASON, QUARANTINE);
    }

    /** Returns what the client is told when no answer began in time. */
    public static ApiError tooLate() {
        return new ApiError(
                Kind.ENDPOINT_TIMEOUT, "No answer began in time. Try again, or ask for less, or for a stream.", null);
    }

    /** Returns what the client is told when the endpoint failed inside its answer. */
    public static ApiError cutOff(FailureKind kind) {
        return kind == FailureKind.STALL
                ? new ApiError(
                        Kind.ENDPOINT_TIMEOUT,
                        "The endpoint stopped inside its answer and sent nothing for too long. What came is not all."
                                + " Try again.",
                        null)
                : new ApiError(
                        Kind.ENDPOINT_FAILED,
                        "The endpoint failed inside its answer. What came is not all. Try again.",
                        null);
    }

    /** Returns what the client is told whose model is led to nothing by a rule. */
    public static ApiError noTarget(String model) {
        return new ApiError(
                Kind.INVALID_REQUEST,
                "The model " + shortened(model) + " is not served: a rule of the gateway gives nothing in its place.",
                "model");
    }

    private static String shortened(String text) {
        return text.length() <= 200 ? text : text.substring(0, 200) + "…";
    }
}
