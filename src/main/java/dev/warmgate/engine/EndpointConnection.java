package dev.warmgate.engine;

import dev.warmgate.engine.EndpointHttp.Answer;
import dev.warmgate.engine.EndpointHttp.Body;
import java.io.IOException;
import java.util.Map;

/** A connection on which an endpoint is asked one question after the other, by one blocking thread. */
interface EndpointConnection extends AutoCloseable {
    /**
     * What is asked.
     *
     * @param path with its query
     * @param fields of the header, names in lower case
     * @param content the body, empty if there is none
     */
    record Question(
            boolean post,
            boolean tls,
            String authority,
            String path,
            Map<String, String> fields,
            @SuppressWarnings("ArrayRecordComponent") byte[] content) {}

    /**
     * Asks a question.
     *
     * @param deadline when the answer has to be complete, a {@link System#nanoTime}
     * @param maxBytes a longer body is an error
     * @param body gets the answer's body if its status is 200
     * @throws Unheard if the question was not looked at
     * @throws java.net.SocketTimeoutException if the answer is not complete by then
     */
    Answer ask(Question question, long deadline, int maxBytes, Body body) throws IOException;

    /** Returns whether a further question may be asked. */
    boolean usable();

    @Override
    void close();
}
