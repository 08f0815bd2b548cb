package dev.warmgate.router.profile;

/** The cookies of a request, as its header field has them: {@code a=1; b=2}. */
final class Cookies {
    static final String FIELD = "cookie";

    private Cookies() {}

    /** Returns a cookie's value without quotes around it, or the empty text. */
    static String value(String field, String name) {
        for (var pair : field.split(";", -1)) {
            int equals = pair.indexOf('=');
            if (equals > 0 && pair.substring(0, equals).strip().equals(name)) {
                var value = pair.substring(equals + 1).strip();
                boolean quoted = value.length() >= 2 && value.startsWith("\"") && value.endsWith("\"");
                return quoted ? value.substring(1, value.length() - 1) : value;
            }
        }
        return "";
    }
}
