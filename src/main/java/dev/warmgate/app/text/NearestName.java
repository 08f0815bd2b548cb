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

    /** Levenshtein distance, where two neighbours in the wrong order are one mistake; row by row. */
    private static int distance(String a, String b) {
        int[] before = new int[b.length() + 1];
        int[] last = new int[b.length() + 1];
        for (int j = 0; j < last.length; j++) {
            last[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int[] row = new int[b.length() + 1];
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int replaced = last[j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                row[j] = Math.min(replaced, Math.min(last[j], row[j - 1]) + 1);
                if (i > 1 && j > 1 && a.charAt(i - 1) == b.charAt(j - 2) && a.charAt(i - 2) == b.charAt(j - 1)) {
                    row[j] = Math.min(row[j], before[j - 2] + 1);
                }
            }
            before = last;
            last = row;
        }
        return last[b.length()];
    }
}
