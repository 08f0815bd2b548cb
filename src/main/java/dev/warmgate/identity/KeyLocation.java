package dev.warmgate.identity;

import static java.util.Objects.requireNonNull;

import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Where a set of keys (JWKS) is. */
public sealed interface KeyLocation {
    /** Behind an address. */
    record Web(URI url) implements KeyLocation {
        public Web {
            requireNonNull(url, "url");
        }

        @Override
        public String toString() {
            return url.toString();
        }
    }

    /** In a file. */
    record File(Path path) implements KeyLocation {
        public File {
            requireNonNull(path, "path");
        }

        @Override
        public String toString() {
            return path.toString();
        }
    }

    /**
     * Returns a location as it is written: an https URL, an http URL of this machine, or the path of a file; null if it is
     * none. Whoever can change keys on their way here could make tokens, so they never cross a network in the clear.
     */
    static @Nullable KeyLocation parse(String written) {
        if (written.isBlank()) {
            return null;
        }
        try {
            if (!written.contains("://")) {
                return new File(Path.of(written));
            }
            var url = new URI(written);
            boolean whole = url.getHost() != null && url.getRawUserInfo() == null && url.getRawFragment() == null;
            boolean safe = "https".equals(url.getScheme())
                    || ("http".equals(url.getScheme())
                            && Set.of("127.0.0.1", "[::1]", "localhost").contains(String.valueOf(url.getHost())));
            return whole && safe ? new Web(url) : null;
        } catch (URISyntaxException | InvalidPathException _) {
            return null;
        }
    }
}
