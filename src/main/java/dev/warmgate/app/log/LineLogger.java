package dev.warmgate.app.log;

import java.io.PrintStream;
import java.time.LocalTime;
import java.time.ZoneId;
import org.jspecify.annotations.Nullable;
import org.slf4j.Marker;
import org.slf4j.event.Level;
import org.slf4j.helpers.LegacyAbstractLogger;
import org.slf4j.helpers.MessageFormatter;

/** Writes lines such as {@code 22:19:51.963 WARN EndpointWatch - Endpoint 127.0.0.1:9 failed}. Any thread. */
final class LineLogger extends LegacyAbstractLogger {
    private final Level least;
    private final String shortName;

    LineLogger(String name, Level least) {
        this.name = name;
        this.least = least;
        shortName = name.substring(name.lastIndexOf('.') + 1);
    }

    private boolean tells(Level level) {
        return level.toInt() >= least.toInt();
    }

    @Override
    public boolean isTraceEnabled() {
        return tells(Level.TRACE);
    }

    @Override
    public boolean isDebugEnabled() {
        return tells(Level.DEBUG);
    }

    @Override
    public boolean isInfoEnabled() {
        return tells(Level.INFO);
    }

    @Override
    public boolean isWarnEnabled() {
        return tells(Level.WARN);
    }

    @Override
    public boolean isErrorEnabled() {
        return tells(Level.ERROR);
    }

    @Override
    protected @Nullable String getFullyQualifiedCallerName() {
        return null;
    }

    @Override
    protected void handleNormalizedLoggingCall(
            Level level,
            @Nullable Marker marker,
            @Nullable String pattern,
            Object @Nullable [] arguments,
            @Nullable Throwable thrown) {
        String message = MessageFormatter.basicArrayFormat(pattern, arguments);
        String line = line(LocalTime.now(ZoneId.systemDefault()), level, shortName, message);
        PrintStream out = System.err;
        // What was thrown stays below its line.
        synchronized (out) {
            out.println(line);
            if (thrown != null) {
                thrown.printStackTrace(out);
            }
            out.flush();
        }
    }

    /** Returns the line of an event; written out, since formats are slow to begin with. */
    static String line(LocalTime at, Level level, String name, @Nullable String message) {
        var line = new StringBuilder(80);
        digits(line, at.getHour(), 2);
        line.append(':');
        digits(line, at.getMinute(), 2);
        line.append(':');
        digits(line, at.getSecond(), 2);
        line.append('.');
        digits(line, at.getNano() / 1_000_000, 3);
        return line.append(' ')
                .append(level.name())
                .append(' ')
                .append(name)
                .append(" - ")
                .append(message)
                .toString();
    }

    private static void digits(StringBuilder line, int number, int count) {
        String digits = Integer.toString(number);
        line.repeat('0', count - digits.length()).append(digits);
    }
}
