package dev.warmgate.app.log;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;

/** What the JDK itself and some libraries have to say. */
@Isolated("takes the error stream")
class SystemLogTest {
    private final System.Logger log = System.getLogger("com.sun.net.httpserver");

    @Test
    void theJdkFindsIt() {
        assertThat(System.LoggerFinder.getLoggerFinder()).isInstanceOf(SystemLog.class);
        assertThat(log.getName()).isEqualTo("com.sun.net.httpserver");
    }

    @Test
    void itIsHeardLikeAnyLibraryFromWarningsOn() {
        assertThat(log.isLoggable(Level.INFO)).isFalse();
        assertThat(log.isLoggable(Level.WARNING)).isTrue();
        assertThat(log.isLoggable(Level.OFF)).isFalse();
        assertThat(said(() -> {
                    log.log(Level.INFO, "not heard");
                    log.log(Level.WARNING, "{0} of {1}", 1, "two");
                    log.log(Level.ERROR, "broken", new IllegalStateException("for a reason"));
                }))
                .doesNotContain("not heard")
                .contains(" WARN httpserver - 1 of two\n")
                .contains(" ERROR httpserver - broken\njava.lang.IllegalStateException: for a reason\n");
    }

    private static String said(Runnable action) {
        var errors = System.err;
        var bytes = new ByteArrayOutputStream();
        System.setErr(new PrintStream(bytes, true, StandardCharsets.UTF_8));
        try {
            action.run();
        } finally {
            System.setErr(errors);
        }
        return bytes.toString(StandardCharsets.UTF_8);
    }
}
