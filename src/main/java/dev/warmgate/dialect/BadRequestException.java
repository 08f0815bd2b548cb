package dev.warmgate.dialect;

/** Leaves the reading of a body that cannot be served; never leaves this package. */
final class BadRequestException extends RuntimeException {
    private final transient ApiError error;

    BadRequestException(String param, String message) {
        super(message, null, false, false);
        error = new ApiError(ApiError.Kind.INVALID_REQUEST, message, param);
    }

    ApiError error() {
        return error;
    }

    /** A field that has to be there and is not. */
    static BadRequestException missing(JsonIndex index, int object, Name name, String expected) {
        String path = index.path(object);
        String param = path.isEmpty() ? name.text() : path + "." + name.text();
        return new BadRequestException(param, param + ": missing, expected " + expected);
    }

    /** A value of the wrong type. */
    static BadRequestException mistyped(JsonIndex index, int node, String expected) {
        String param = index.path(node);
        return new BadRequestException(param, param + ": expected " + expected + ", got " + describe(index, node));
    }

    static String describe(JsonIndex index, int node) {
        return switch (index.kind(node)) {
            case '{' -> "an object";
            case '[' -> "a list";
            case '"' -> index.end(node) - index.start(node) == 2 ? "an empty string" : "a string";
            case 't', 'f' -> "a boolean";
            case 'n' -> "null";
            default -> "a number";
        };
    }
}
