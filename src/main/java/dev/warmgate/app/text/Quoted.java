package dev.warmgate.app.text;

/** Shows what somebody wrote in a message of one line. Any thread. */
public final class Quoted {
    private static final int SHOWN_CHARACTERS = 80;

    private Quoted() {}

    /** Returns a text in quotes, cut where it is long, without control characters. */
    public static String of(String text) {
        String cut = text.length() > SHOWN_CHARACTERS ? text.substring(0, SHOWN_CHARACTERS) + "…" : text;
        var shown = new StringBuilder("\"");
        cut.chars().forEach(c -> {
            if (c < ' ' || c == 0x7f) {
                shown.append(String.format("\\u%04x", c));
            } else {
                shown.append((char) c);
            }
        });
        return shown.append('"').toString();
    }
}
