package dev.warmgate.proxy;

import dev.warmgate.engine.link.EngineLink;
import dev.warmgate.router.tenancy.ControlHeaders;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.util.AsciiString;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a client presents itself with, taken out of its request's header. It goes to an engine only where nobody here
 * has a key: neither the gateway, which would hand on its own callers' keys, nor the engine's link, which has a better
 * one.
 */
final class Credentials {
    private static final AsciiString[] FIELDS = {
        HttpHeaderNames.AUTHORIZATION,
        AsciiString.cached(ControlHeaders.API_KEY),
        AsciiString.cached("api-key"),
        HttpHeaderNames.COOKIE
    };

    private static final Credentials NONE = new Credentials(List.of());

    private record Field(AsciiString name, String value) {}

    private final List<Field> fields;

    private Credentials(List<Field> fields) {
        this.fields = fields;
    }

    /** Returns whether a field is one of them; its name is in lower case. */
    static boolean isOne(CharSequence lowerCaseName) {
        for (AsciiString name : FIELDS) {
            if (name.contentEquals(lowerCaseName)) {
                return true;
            }
        }
        return false;
    }

    /**
     * Takes them out of a header.
     *
     * @param forEngines whether they may go to engines at all
     */
    static Credentials take(HttpHeaders headers, boolean forEngines) {
        List<Field> found = null;
        for (AsciiString name : FIELDS) {
            if (headers.contains(name)) {
                if (forEngines) {
                    found = found == null ? new ArrayList<>(FIELDS.length) : found;
                    for (String value : headers.getAll(name)) {
                        found.add(new Field(name, value));
                    }
                }
                headers.remove(name);
            }
        }
        return found == null ? NONE : new Credentials(found);
    }

    /** Puts into the header what the engine behind a link may see: our own key there, else these. */
    void present(HttpHeaders headers, EngineLink link) {
        String own = link.authorization();
        if (own != null) {
            headers.set(HttpHeaderNames.AUTHORIZATION, own);
        } else if (!link.ownKey()) {
            for (var field : fields) {
                headers.add(field.name, field.value);
            }
        }
    }

    /** Takes out again what was put in for one engine, before the header goes to another. */
    static void withdraw(HttpHeaders headers) {
        for (AsciiString name : FIELDS) {
            headers.remove(name);
        }
    }

    @Override
    public @Nullable String toString() {
        return "(hidden)";
    }
}
