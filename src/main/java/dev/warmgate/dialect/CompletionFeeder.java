package dev.warmgate.dialect;

import static dev.warmgate.dialect.BadRequestException.mistyped;

/**
 * Feeds bare prompts: a string, a list of strings, a list of token ids, or a list of such lists.
 *
 * <p>The first prompt is text outside of any message, each further one of a batch a message of its own, so that what
 * follows the first does not change its blocks. A token id counts as one token.
 */
final class CompletionFeeder {
    private static final String EXPECTED = "a string, a list of strings, a list of token ids or a list of such lists";

    private final JsonIndex index;
    private final PromptWriter writer;

    CompletionFeeder(JsonIndex index, PromptWriter writer) {
        this.index = index;
        this.writer = writer;
    }

    void prompts(int node) {
        if (index.isString(node)) {
            writer.text(node);
            return;
        }
        if (!index.isList(node)) {
            throw mistyped(index, node, EXPECTED);
        }
        int end = index.close(node);
        int first = node + 1;
        if (first < end && isTokenId(first)) {
            tokens(node);
            return;
        }
        for (int prompt = first; prompt < end; prompt = index.next(prompt)) {
            if (prompt > first) {
                writer.begin("prompt");
            }
            if (index.isString(prompt)) {
                writer.text(prompt);
            } else if (index.isList(prompt)) {
                tokens(prompt);
            } else {
                throw mistyped(index, prompt, "a string or a list of token ids");
            }
            if (prompt > first) {
                writer.end();
            }
        }
    }

    private void tokens(int list) {
        int end = index.close(list);
        for (int token = list + 1; token < end; token = index.next(token)) {
            if (!isTokenId(token)) {
                throw mistyped(index, token, "a token id, a whole number of at least 0");
            }
            writer.token(token);
        }
    }

    private boolean isTokenId(int node) {
        byte[] json = index.json();
        int end = index.end(node);
        for (int i = index.start(node); i < end; i++) {
            if (json[i] < '0' || json[i] > '9') {
                return false;
            }
        }
        return true;
    }
}
