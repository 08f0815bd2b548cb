package dev.warmgate.dialect;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Looks for the field {@code model} at the beginning of a form (multipart/form-data, RFC 7578), while more of it comes.
 * Keeps nothing of the form but where it has got to. Confined to one thread.
 */
public final class FormModel {
    /** Longest boundary that RFC 2046 section 5.1.1 allows. */
    private static final int LONGEST_BOUNDARY = 70;

    private static final int LONGEST_MODEL = 512;
    private static final String FIELD = "model";

    private final byte[] delimiter;

    /** Where the part that is looked at begins, behind its delimiter; -1 while the first one is sought. */
    private int part = -1;

    /** Where the search for the next delimiter goes on; -2 if the first one is at the beginning. */
    private int seek;

    private boolean over;
    private @Nullable String model;

    private FormModel(String boundary) {
        delimiter = ("\r\n--" + boundary).getBytes(UTF_8);
    }

    /** Returns the search through a body of this content type, or null if that is no form. */
    public static @Nullable FormModel of(@Nullable String contentType) {
        if (contentType == null || !contentType.toLowerCase(Locale.ROOT).startsWith("multipart/form-data")) {
            return null;
        }
        String boundary = parameter(contentType, "boundary");
        return boundary == null || boundary.isEmpty() || boundary.length() > LONGEST_BOUNDARY
                ? null
                : new FormModel(boundary);
    }

    /**
     * Looks at all of the body that has come, the same bytes as before and some more.
     *
     * @return whether nothing is left to be looked for: the model is found, or the form has ended without
     */
    public boolean find(byte[] body, int offset, int length) {
        if (part < 0 && seek == 0) {
            if (length < delimiter.length) {
                return false;
            }
            // The first delimiter has no line break before it, as a rule.
            if (matches(body, offset, 2)) {
                seek = -2;
            }
        }
        while (!over) {
            int end = seek == -2 ? -2 : delimiter(body, offset, length);
            if (end == -1) {
                return false;
            }
            if (part >= 0) {
                read(body, offset, end);
            }
            int behind = end + delimiter.length;
            if (behind + 2 > length) {
                return over; // what follows the delimiter has yet to come
            }
            over |= body[offset + behind] == '-' && body[offset + behind + 1] == '-';
            part = behind;
            seek = behind;
        }
        return true;
    }

    /** Returns the model, or null if it is not found. */
    public @Nullable String model() {
        return model;
    }

    /** Returns where the next delimiter begins, its line break included, or -1 if it has not come. */
    private int delimiter(byte[] body, int offset, int length) {
        int last = length - delimiter.length;
        while (seek <= last) {
            int at = ByteSearch.indexOf((byte) '\r', (byte) '\r', body, offset + seek, offset + last + 1) - offset;
            if (at > last) {
                seek = last + 1;
                return -1;
            }
            if (matches(body, offset + at, 0)) {
                seek = at;
                return at;
            }
            seek = at + 1;
        }
        return -1;
    }

    private boolean matches(byte[] body, int at, int from) {
        for (int i = from; i < delimiter.length; i++) {
            if (body[at + i - from] != delimiter[i]) {
                return false;
            }
        }
        return true;
    }

    /** Reads the part that ends at {@code end}. */
    private void read(byte[] body, int offset, int end) {
        int headerEnd = part;
        while (headerEnd + 4 <= end && !isBreak(body, offset + headerEnd)) {
            headerEnd++;
        }
        int content = headerEnd + 4;
        if (content > end || end - content > LONGEST_MODEL) {
            return;
        }
        for (String line : new String(body, offset + part, headerEnd - part, UTF_8).split("\r\n", -1)) {
            if (line.toLowerCase(Locale.ROOT).startsWith("content-disposition:")
                    && FIELD.equals(parameter(line, "name"))) {
                model = new String(body, offset + content, end - content, UTF_8).strip();
                over = true;
            }
        }
    }

    private static boolean isBreak(byte[] body, int at) {
        return body[at] == '\r' && body[at + 1] == '\n' && body[at + 2] == '\r' && body[at + 3] == '\n';
    }

    /** Returns a parameter of a header field, without its quotes. */
    private static @Nullable String parameter(String field, String name) {
        int at = 0;
        while (true) {
            at = field.indexOf(';', at) + 1;
            if (at == 0) {
                return null;
            }
            int equals = field.indexOf('=', at);
            if (equals < 0) {
                return null;
            }
            boolean wanted = field.substring(at, equals).strip().equalsIgnoreCase(name);
            int value = equals + 1;
            boolean quoted = value < field.length() && field.charAt(value) == '"';
            int from = quoted ? value + 1 : value;
            int end = field.indexOf(quoted ? '"' : ';', from);
            end = end < 0 ? field.length() : end;
            if (wanted) {
                return field.substring(from, end).strip();
            }
            at = end;
        }
    }
}
