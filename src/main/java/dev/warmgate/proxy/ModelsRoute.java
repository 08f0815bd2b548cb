package dev.warmgate.proxy;

import dev.warmgate.dialect.ApiError;
import dev.warmgate.dialect.ApiError.Kind;
import dev.warmgate.door.Answer;
import dev.warmgate.door.Refusals;
import java.util.ArrayList;
import java.util.List;

/**
 * {@code GET /v1/models} and {@code GET /v1/models/{id}}, answered here. OpenAI and Anthropic have the same paths and
 * different answers; Anthropic's clients are known by the header {@code anthropic-version}, which their API demands.
 */
final class ModelsRoute {
    private static final String LIST = "/v1/models";
    private static final String ANTHROPIC_VERSION = "anthropic-version";

    private ModelsRoute() {}

    static boolean isFor(Target target) {
        return target.path().equals(LIST) || target.path().startsWith(LIST + "/");
    }

    static Answer answer(ClientRequest request, Worker worker) {
        boolean forAnthropic = request.header(ANTHROPIC_VERSION) != null;
        String method = request.head().method().name();
        if (!method.equals("GET") && !method.equals("HEAD")) {
            return Answer.of(new ApiError(Kind.METHOD_NOT_ALLOWED, "Use GET for " + LIST + ".", null), forAnthropic);
        }
        String path = request.target().plainPath();
        // The id of a model may have slashes, encoded or not.
        String id = path.length() <= LIST.length() + 1 ? "" : path.substring(LIST.length() + 1);
        if (id.isEmpty()) {
            return Answer.ok(worker.models().list(forAnthropic));
        }
        byte[] model = worker.models().find(id, forAnthropic);
        List<String> served = new ArrayList<>(worker.router().models());
        return model == null ? Answer.of(Refusals.unknownModel(id, served), forAnthropic) : Answer.ok(model);
    }
}
