package dev.warmgate.twin.server;

/**
 * A call of one of the client's tools.
 *
 * @param name the tool's name
 * @param arguments a JSON object that fits the tool's schema, ASCII only
 */
record ToolCall(String name, String arguments) {}
