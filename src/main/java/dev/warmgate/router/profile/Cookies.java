package dev.warmgate.router.profile;

/** The cookies of a request, as its header field has them: {@code a=1; b=2}. */
final class Cookies {
    static final String FIELD = "cookie";

    private Cookies() {}

    /** Returns a cookie's value without quotes around it, or the empty text. */
    static String value(String field, String name) {
        int end;
        for (int at = 0; at < field.length(); at = end + 1) {
            int semicolon = field.indexOf(';', at);
            end = semicolon < 0 ? field.length() : semicolon;
            int equals = field.indexOf('=', at);
            if (equals < 0) {
                break;
            }
            if (equals < end && field.substring(at, equals).strip().equals(name)) {
                var value = field.substring(equals + 1, end).strip();
                boolean quoted = value.length() >= 2 && value.startsWith("\"") && value.endsWith("\"");
                return quoted ? value.substring(1, value.length() - 1) : value;
            }
        }
        return "";
    }
}
