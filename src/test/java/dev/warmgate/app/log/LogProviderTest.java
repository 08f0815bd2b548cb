package dev.warmgate.app.log;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.LocalTime;
import java.util.ServiceLoader;
import org.junit.jupiter.api.Test;
import org.slf4j.event.Level;
import org.slf4j.spi.SLF4JServiceProvider;

/** Lines for people, from the level that is wanted. */
class LogProviderTest {
    @Test
    void aLineSaysWhenHowBadAndWho() {
        assertThat(LineLogger.line(LocalTime.of(7, 5, 9, 12_345_678), Level.WARN, "Watch", "gone"))
                .isEqualTo("07:05:09.012 WARN Watch - gone");
        assertThat(LineLogger.line(LocalTime.of(23, 59, 58, 999_999_999), Level.INFO, "A", "b"))
                .isEqualTo("23:59:58.999 INFO A - b");
    }

    @Test
    void librariesAreHeardFromWarningsOn() {
        var provider = new LogProvider();
        var own = provider.getLogger("dev.warmgate.engine.EndpointWatch");
        assertThat(own.isInfoEnabled()).isTrue();
        assertThat(own.isDebugEnabled()).isFalse();
        assertThat(provider.getLogger("dev.warmgate.engine.EndpointWatch")).isSameAs(own);
        var library = provider.getLogger("io.netty.channel");
        assertThat(library.isInfoEnabled()).isFalse();
        assertThat(library.isWarnEnabled()).isTrue();
    }

    @Test
    void theLevelIsNamedAsUsual() {
        assertThat(LogProvider.level("debug")).isEqualTo(Level.DEBUG);
        assertThat(LogProvider.level("Trace")).isEqualTo(Level.TRACE);
        assertThat(LogProvider.level("loud")).isEqualTo(Level.INFO);
        assertThat(LogProvider.level(null)).isEqualTo(Level.INFO);
    }

    @Test
    void slf4jFindsIt() {
        assertThat(ServiceLoader.load(SLF4JServiceProvider.class)).anyMatch(LogProvider.class::isInstance);
    }
}
