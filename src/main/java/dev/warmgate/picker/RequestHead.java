package dev.warmgate.picker;

import dev.warmgate.dialect.Dialect;
import dev.warmgate.door.TraceParent;
import dev.warmgate.door.Visitor;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The header of a request as a gateway sends it: field names in lower case, method and path among them. Immutable.
 */
final class RequestHead implements Visitor {
    /** Where gateways keep the path that the client asked for, if they changed it. */
    private static final String[] PATHS = {":path", "x-original-path", "x-forwarded-path"};

    private static final String API = "/v1/";
    private static final int LONGEST_REQUEST_ID = 128;

    private final Fields fields;
    private final boolean bodiless;
    private final String method;
    private final String path;
    private final Dialect dialect;

    RequestHead(Fields fields, boolean bodiless) {
        this.fields = fields;
        this.bodiless = bodiless;
        String told = get(":method");
        method = told == null ? "POST" : told;
        path = apiPath(fullPath());
        dialect = Dialect.of(method, path);
    }

    private String fullPath() {
        for (String name : PATHS) {
            String value = get(name);
            if (value != null) {
                int query = value.indexOf('?');
                return query < 0 ? value : value.substring(0, query);
            }
        }
        return "/";
    }

    /** A gateway's route may put the API below a path of its own. */
    private static String apiPath(String path) {
        int api = path.lastIndexOf(API);
        return api <= 0 ? path : path.substring(api);
    }

    String method() {
        return method;
    }

    /** Returns the path that the client asked for, from {@code /v1/} on, without its query. */
    @Override
    public String path() {
        return path;
    }

    @Override
    public @Nullable String header(String lowerCaseName) {
        return get(lowerCaseName);
    }

    Dialect dialect() {
        return dialect;
    }

    boolean understood() {
        return dialect.isReadWhole();
    }

    @Override
    public boolean bodiless() {
        return bodiless;
    }

    /** Returns the value of a field, the first one if it is repeated, or null. */
    @Nullable
    String get(String lowerCaseName) {
        return fields.get(lowerCaseName);
    }

    /** Returns the client's own request id, or null if it sent none that is safe to log. */
    @Nullable
    String requestId() {
        String id = get(PickerHeaders.REQUEST_ID);
        boolean sane = id != null
                && !id.isEmpty()
                && id.length() <= LONGEST_REQUEST_ID
                && id.chars().allMatch(c -> c > ' ' && c <= '~');
        return sane ? id : null;
    }

    /** Returns what the request is part of, or null if it does not say so, or not validly. */
    @Nullable
    String traceParent() {
        String parent = get(PickerHeaders.TRACE_PARENT);
        return parent != null && TraceParent.valid(parent) ? parent : null;
    }

    /** Returns the client's name for the conversation, or null. */
    @Nullable
    String session() {
        for (String name : PickerHeaders.SESSION) {
            String value = get(name);
            if (value != null && !value.isEmpty()) {
                return value;
            }
        }
        return null;
    }

    /** Returns the fields that steer a gateway and are none of an engine's business; each name once. */
    List<String> controls() {
        List<String> found = List.of();
        for (int i = 0; i < fields.size(); i++) {
            String name = fields.name(i);
            if (name.startsWith("x-") && PickerHeaders.steers(name) && !found.contains(name)) {
                found = found.isEmpty() ? new ArrayList<>() : found;
                found.add(name);
            }
        }
        return found;
    }
}
