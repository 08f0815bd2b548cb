package dev.warmgate.app.text;

import java.util.Collection;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Finds what was probably meant by a misspelt name. Any thread. */
public final class NearestName {
    private NearestName() {}

    /** Returns the nearest of some names, or null if none is near enough to be worth suggesting. */
    public static @Nullable String of(String written, Collection<String> names) {
        String wanted = plain(written);
        String best = null;
        int bestDistance = Integer.MAX_VALUE;
        for (String name : names) {
            String candidate = plain(name);
            boolean begins = wanted.length() >= 3 && candidate.startsWith(wanted);
            int distance = begins ? 1 : distance(wanted, candidate);
            int limit = Math.max(1, Math.max(wanted.length(), candidate.length()) / 3);
            if (distance <= limit && distance < bestDistance) {
                best = name;
                bestDistance = distance;
            }
        }
        return best;
    }

    /** Spelling habits differ: max_body_bytes and max-body-bytes mean maxBodyBytes. */
    private static String plain(String name) {
        return name.toLowerCase(Locale.ROOT).replace("_", "").replace("-", "");
    }

    /** Levenshtein distance, one row at a time. */
    private static int distance(String a, String b) {
        int[] row = new int[b.length() + 1];
        for (int j = 0; j < row.length; j++) {
            row[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int replaced = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(replaced, Math.min(row[j], row[j - 1]) + 1);
            }
        }
        return row[b.length()];
    }
}
