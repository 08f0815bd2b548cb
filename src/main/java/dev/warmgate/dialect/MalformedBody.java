package dev.warmgate.dialect;

import dev.warmgate.dialect.ApiError.Kind;
import tools.jackson.core.ErrorReportConfiguration;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;

/** Explains to people why a body is not JSON. */
final class MalformedBody {
    /** Quotes two characters of a bad token and no more: it may be prompt text. */
    private static final JsonFactory JACKSON = JsonFactory.builder()
            .errorReportConfiguration(
                    ErrorReportConfiguration.builder().maxErrorTokenLength(0).build())
            .build();

    private MalformedBody() {}

    /** Returns the error for a body that the scanner refused; Jackson has the better words for syntax. */
    static ApiError explain(JsonScanner.Fault fault, int faultAt, byte[] body, int offset, int length) {
        int position = faultAt - offset;
        String message = switch (fault) {
            case SYNTAX, NONE -> syntax(body, offset, length, position);
            case DEPTH -> "JSON nested deeper than " + JsonScanner.MAX_DEPTH + " levels (byte " + position + ")";
            case ENCODING -> "text that is not valid UTF-8 (byte " + position + ")";
        };
        return new ApiError(Kind.INVALID_REQUEST, "The request body could not be read: " + message, null);
    }

    private static String syntax(byte[] body, int offset, int length, int position) {
        try (JsonParser parser = JACKSON.createParser(ObjectReadContext.empty(), body, offset, length)) {
            for (var token = parser.nextToken(); token != null; token = parser.nextToken()) {
                parser.getStringLength(); // values are read lazily; this makes Jackson look at them
            }
        } catch (JacksonException e) {
            var where = e.getLocation();
            return plain(e.getOriginalMessage()) + " (line " + where.getLineNr() + ", column " + where.getColumnNr()
                    + ")";
        }
        return "it is not one JSON value (byte " + position + ")";
    }

    /** Returns the message without Jackson's description of where it reads from, which says nothing to a client. */
    private static String plain(String message) {
        int source = message.indexOf(" (start marker at [Source:");
        return source < 0 ? message : message.substring(0, source);
    }
}
