package dev.warmgate.app.config;

import java.util.Map;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Fills <code>${NAME}</code> and <code>${NAME:-default}</code> in values from the environment;
 * <code>$${</code> stands for <code>${</code> itself.
 */
final class Placeholders {
    /** Most configurations have no placeholders, and a start need not wait for this. */
    private static final class Form {
        static final Pattern ANY = Pattern.compile("\\$\\$\\{|\\$\\{(?:([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?})?");
    }

    private final Map<String, String> environment;

    Placeholders(Map<String, String> environment) {
        this.environment = Map.copyOf(environment);
    }

    /**
     * Returns the text with its placeholders filled, or null if one cannot be.
     *
     * @param problem told why not
     */
    @Nullable
    String fill(String text, Consumer<String> problem) {
        if (text.indexOf('$') < 0) {
            return text;
        }
        var filled = new StringBuilder();
        var matcher = Form.ANY.matcher(text);
        boolean complete = true;
        while (matcher.find()) {
            String value = value(matcher, problem);
            complete &= value != null;
            matcher.appendReplacement(filled, value == null ? "" : Matcher.quoteReplacement(value));
        }
        matcher.appendTail(filled);
        return complete ? filled.toString() : null;
    }

    private @Nullable String value(Matcher matcher, Consumer<String> problem) {
        if (matcher.group().equals("$${")) {
            return "${";
        }
        String name = matcher.group(1);
        if (name == null) {
            problem.accept("malformed placeholder (expected: ${NAME} or ${NAME:-default}; $${ for a literal ${)");
            return null;
        }
        String value = environment.get(name);
        if (value == null) {
            value = matcher.group(2);
        }
        if (value == null) {
            problem.accept("environment variable " + name + " is not set (set it, or write ${" + name + ":-default})");
        }
        return value;
    }
}
