package dev.warmgate.app.log;

import java.lang.System.Logger;
import java.text.MessageFormat;
import java.util.ResourceBundle;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/**
 * Where the JDK and libraries that use its {@link System.Logger} get their loggers: what they say goes the way of
 * everything else, and the JDK prepares no log of its own at each start. Found by {@link java.util.ServiceLoader}. Any
 * thread.
 */
public final class SystemLog extends System.LoggerFinder {
    @Override
    public Logger getLogger(String name, Module module) {
        return new Named(name, LoggerFactory.getLogger(name));
    }

    private record Named(String name, org.slf4j.Logger log) implements Logger {
        @Override
        public String getName() {
            return name;
        }

        @Override
        public boolean isLoggable(Level level) {
            return switch (level) {
                case ALL, TRACE -> log.isTraceEnabled();
                case DEBUG -> log.isDebugEnabled();
                case INFO -> log.isInfoEnabled();
                case WARNING -> log.isWarnEnabled();
                case ERROR -> log.isErrorEnabled();
                case OFF -> false;
            };
        }

        @Override
        public void log(
                Level level, @Nullable ResourceBundle bundle, @Nullable String message, @Nullable Throwable thrown) {
            if (isLoggable(level)) {
                tell(level, translated(bundle, message), thrown);
            }
        }

        @Override
        public void log(
                Level level,
                @Nullable ResourceBundle bundle,
                @Nullable String format,
                @Nullable Object @Nullable ... parameters) {
            if (isLoggable(level)) {
                String text = translated(bundle, format);
                boolean plain = parameters == null || parameters.length == 0;
                tell(level, plain ? text : MessageFormat.format(text, parameters), null);
            }
        }

        private void tell(Level level, String message, @Nullable Throwable thrown) {
            switch (level) {
                case ALL, TRACE -> log.trace(message, thrown);
                case DEBUG -> log.debug(message, thrown);
                case INFO -> log.info(message, thrown);
                case WARNING -> log.warn(message, thrown);
                case ERROR -> log.error(message, thrown);
                case OFF -> {}
            }
        }

        private static String translated(@Nullable ResourceBundle bundle, @Nullable String message) {
            String text = String.valueOf(message);
            return bundle != null && bundle.containsKey(text) ? bundle.getString(text) : text;
        }
    }
}
