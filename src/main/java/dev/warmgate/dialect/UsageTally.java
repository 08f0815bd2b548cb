package dev.warmgate.dialect;

import dev.warmgate.router.Usage;

/**
 * Token counts as they come in, and what they mean.
 *
 * <p>OpenAI's prompt count includes cached tokens. In Anthropic's API {@code input_tokens} excludes them by definition,
 * and llama.cpp follows it, but vLLM reports the whole prompt there. They can be told apart: vLLM always sends
 * {@code cache_creation_input_tokens}, llama.cpp never does. So the cached tokens are taken to be included only if that
 * field was there and {@code input_tokens} is large enough to hold them.
 */
final class UsageTally {
    private static final int UNKNOWN = -1;

    private int prompt = UNKNOWN;
    private int cached = UNKNOWN;
    private int output = UNKNOWN;
    private int cacheRead = UNKNOWN;
    private int cacheCreation = UNKNOWN;

    // A negative count says nothing and replaces nothing.

    void prompt(int tokens) {
        prompt = tokens < 0 ? prompt : tokens;
    }

    void cached(int tokens) {
        cached = tokens < 0 ? cached : tokens;
    }

    void output(int tokens) {
        output = tokens < 0 ? output : tokens;
    }

    void cacheRead(int tokens) {
        cacheRead = tokens < 0 ? cacheRead : tokens;
    }

    void cacheCreation(int tokens) {
        cacheCreation = tokens < 0 ? cacheCreation : tokens;
    }

    Usage usage() {
        if (cacheRead == UNKNOWN) {
            return new Usage(prompt, cached, output);
        }
        boolean included = prompt == UNKNOWN || (cacheCreation != UNKNOWN && cacheRead <= prompt);
        long all = included ? prompt : (long) prompt + cacheRead + Math.max(cacheCreation, 0);
        return new Usage((int) Math.min(all, Integer.MAX_VALUE), cacheRead, output);
    }
}
