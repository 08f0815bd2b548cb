package dev.warmgate.router.tenancy;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A request in a test; every method returns another one. */
record Facts(
        Map<String, String> headers,
        String path,
        @Nullable String model,
        @Nullable String serviceTier,
        int bodyPriority)
        implements RequestFacts {
    static final Facts PLAIN = new Facts(Map.of(), "/v1/chat/completions", "qwen3-32b", null, 0);

    @Override
    public @Nullable String header(String lowerCaseName) {
        return headers.get(lowerCaseName);
    }

    Facts with(String header, String value) {
        var changed = new HashMap<>(headers);
        changed.put(header, value);
        return new Facts(changed, path, model, serviceTier, bodyPriority);
    }

    Facts withPath(String changed) {
        return new Facts(headers, changed, model, serviceTier, bodyPriority);
    }

    Facts withModel(@Nullable String changed) {
        return new Facts(headers, path, changed, serviceTier, bodyPriority);
    }

    Facts withTier(String changed) {
        return new Facts(headers, path, model, changed, bodyPriority);
    }

    Facts withBodyPriority(int changed) {
        return new Facts(headers, path, model, serviceTier, changed);
    }

    Facts withKey(String key) {
        return with("authorization", "Bearer " + key);
    }
}
