package dev.warmgate.proxy.wire.head;

import io.netty.handler.codec.DateFormatter;
import io.netty.handler.codec.http.HttpHeaderValidationUtil;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.util.AsciiString;
import java.util.AbstractMap.SimpleImmutableEntry;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Date;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The fields of a header in a list, in the order in which they came: a request has about ten, and a look at each of them costs
 * less than a table would. Names are compared without case (RFC 9110 section 5.1).
 *
 * <p>What is added later is checked as Netty's own headers check it: no name or value can end its line.
 */
final class FieldList extends HttpHeaders {
    private static final int FIRST_CAPACITY = 16;

    private CharSequence[] names = new CharSequence[FIRST_CAPACITY];
    private CharSequence[] values = new CharSequence[FIRST_CAPACITY];

    /** What sets most names apart, {@link #sign} of each. */
    private int[] signs = new int[FIRST_CAPACITY];

    /** A bit for each sign that there is, or was; others may share it. Most names that are looked for are not there. */
    private long known;

    private int size;

    /** Adds a field that is known to be valid. */
    void append(CharSequence name, CharSequence value) {
        if (size == names.length) {
            names = Arrays.copyOf(names, 2 * size);
            values = Arrays.copyOf(values, 2 * size);
            signs = Arrays.copyOf(signs, 2 * size);
        }
        names[size] = name;
        values[size] = value;
        int sign = sign(name);
        known |= bit(sign);
        signs[size++] = sign;
    }

    /** The length of a name, its first and its last letter. */
    private static int sign(CharSequence name) {
        int length = name.length();
        return length == 0 ? 0 : (length << 16) | ((name.charAt(0) | 0x20) << 8) | (name.charAt(length - 1) | 0x20);
    }

    private static long bit(int sign) {
        return 1L << ((sign * 0x9e37_79b1) >>> 26);
    }

    /** Returns where the next field of a name is, from an index on; -1 if there is none. */
    private int next(CharSequence name, int sign, int from) {
        if ((known & bit(sign)) == 0) {
            return -1;
        }
        for (int i = from; i < size; i++) {
            if (signs[i] == sign && AsciiString.contentEqualsIgnoreCase(names[i], name)) {
                return i;
            }
        }
        return -1;
    }

    private int first(CharSequence name) {
        return next(name, sign(name), 0);
    }

    private static CharSequence checked(CharSequence name) {
        if (name.isEmpty() || HttpHeaderValidationUtil.validateToken(name) >= 0) {
            throw new IllegalArgumentException("a field's name: " + name + " (expected: a token of RFC 9110)");
        }
        return name;
    }

    private static CharSequence text(Object value) {
        var text = value instanceof CharSequence given
                ? given
                : value instanceof Date date ? DateFormatter.format(date) : value.toString();
        if (HttpHeaderValidationUtil.validateValidHeaderValue(text) >= 0) {
            throw new IllegalArgumentException("a field's value (expected: no control characters)");
        }
        return text;
    }

    @Override
    public @Nullable String get(CharSequence name) {
        int at = first(name);
        return at < 0 ? null : values[at].toString();
    }

    @Override
    public @Nullable String get(String name) {
        return get((CharSequence) name);
    }

    @Override
    public List<String> getAll(CharSequence name) {
        int sign = sign(name);
        int at = next(name, sign, 0);
        if (at < 0) {
            return List.of();
        }
        var all = new ArrayList<String>(1);
        for (; at >= 0; at = next(name, sign, at + 1)) {
            all.add(values[at].toString());
        }
        return all;
    }

    @Override
    public List<String> getAll(String name) {
        return getAll((CharSequence) name);
    }

    @Override
    public Iterator<String> valueStringIterator(CharSequence name) {
        return getAll(name).iterator();
    }

    @Override
    public Iterator<? extends CharSequence> valueCharSequenceIterator(CharSequence name) {
        // Most of what is asked for is not there.
        return contains(name) ? getAll(name).iterator() : Collections.emptyIterator();
    }

    @Override
    public boolean contains(CharSequence name) {
        return first(name) >= 0;
    }

    @Override
    public boolean contains(String name) {
        return first(name) >= 0;
    }

    @Override
    public FieldList add(CharSequence name, Object value) {
        append(checked(name), text(value));
        return this;
    }

    @Override
    public FieldList add(String name, Object value) {
        return add((CharSequence) name, value);
    }

    @Override
    public FieldList add(CharSequence name, Iterable<?> values) {
        values.forEach(value -> add(name, value));
        return this;
    }

    @Override
    public FieldList add(String name, Iterable<?> values) {
        return add((CharSequence) name, values);
    }

    /** Puts one field in place of all of its name: where the first of them is, or behind all others. */
    @Override
    public FieldList set(CharSequence name, Object value) {
        int sign = sign(name);
        int at = next(name, sign, 0);
        if (at < 0) {
            return add(name, value);
        }
        values[at] = text(value);
        removeFrom(name, sign, at + 1);
        return this;
    }

    @Override
    public FieldList set(String name, Object value) {
        return set((CharSequence) name, value);
    }

    @Override
    public FieldList set(CharSequence name, Iterable<?> values) {
        return remove(name).add(name, values);
    }

    @Override
    public FieldList set(String name, Iterable<?> values) {
        return set((CharSequence) name, values);
    }

    @Override
    public FieldList remove(CharSequence name) {
        removeFrom(name, sign(name), 0);
        return this;
    }

    @Override
    public FieldList remove(String name) {
        return remove((CharSequence) name);
    }

    private void removeFrom(CharSequence name, int sign, int from) {
        int kept = next(name, sign, from);
        if (kept < 0) {
            return;
        }
        for (int i = kept + 1; i < size; i++) {
            if (signs[i] != sign || !AsciiString.contentEqualsIgnoreCase(names[i], name)) {
                names[kept] = names[i];
                values[kept] = values[i];
                signs[kept++] = signs[i];
            }
        }
        size = kept;
    }

    @Override
    public FieldList clear() {
        size = 0;
        return this;
    }

    @Override
    public HttpHeaders copy() {
        var copy = new FieldList();
        copy.names = names.clone();
        copy.values = values.clone();
        copy.signs = signs.clone();
        copy.known = known;
        copy.size = size;
        return copy;
    }

    @Override
    public boolean isEmpty() {
        return size == 0;
    }

    @Override
    public int size() {
        return size;
    }

    @Override
    public Set<String> names() {
        var all = new LinkedHashSet<String>();
        for (int i = 0; i < size; i++) {
            all.add(names[i].toString());
        }
        return all;
    }

    @Override
    public List<Map.Entry<String, String>> entries() {
        var all = new ArrayList<Map.Entry<String, String>>(size);
        for (int i = 0; i < size; i++) {
            all.add(new SimpleImmutableEntry<>(names[i].toString(), values[i].toString()));
        }
        return all;
    }

    @Override
    @SuppressWarnings("deprecation") // it is abstract all the same
    public Iterator<Map.Entry<String, String>> iterator() {
        return entries().iterator();
    }

    @Override
    public Iterator<Map.Entry<CharSequence, CharSequence>> iteratorCharSequence() {
        return new Iterator<>() {
            private int at;

            @Override
            public boolean hasNext() {
                return at < size;
            }

            @Override
            public Map.Entry<CharSequence, CharSequence> next() {
                if (at >= size) {
                    throw new NoSuchElementException();
                }
                return new SimpleImmutableEntry<>(names[at], values[at++]);
            }
        };
    }

    // What holds a number, which nobody here asks for.

    @Override
    public @Nullable Integer getInt(CharSequence name) {
        var value = get(name);
        try {
            return value == null ? null : Integer.valueOf(value);
        } catch (NumberFormatException _) {
            return null;
        }
    }

    @Override
    public int getInt(CharSequence name, int otherwise) {
        var value = getInt(name);
        return value == null ? otherwise : value;
    }

    @Override
    public @Nullable Short getShort(CharSequence name) {
        var value = getInt(name);
        return value == null || value.shortValue() != value ? null : Short.valueOf(value.shortValue());
    }

    @Override
    public short getShort(CharSequence name, short otherwise) {
        var value = getShort(name);
        return value == null ? otherwise : value;
    }

    // As Netty parses it.
    @SuppressWarnings("JavaUtilDate")
    @Override
    public @Nullable Long getTimeMillis(CharSequence name) {
        var value = get(name);
        var date = value == null ? null : DateFormatter.parseHttpDate(value);
        return date == null ? null : Long.valueOf(date.getTime());
    }

    @Override
    public long getTimeMillis(CharSequence name, long otherwise) {
        var value = getTimeMillis(name);
        return value == null ? otherwise : value;
    }

    @Override
    public FieldList addInt(CharSequence name, int value) {
        return add(name, Integer.toString(value));
    }

    @Override
    public FieldList addShort(CharSequence name, short value) {
        return add(name, Short.toString(value));
    }

    @Override
    public FieldList setInt(CharSequence name, int value) {
        return set(name, Integer.toString(value));
    }

    @Override
    public FieldList setShort(CharSequence name, short value) {
        return set(name, Short.toString(value));
    }
}
