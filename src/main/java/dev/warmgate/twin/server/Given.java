package dev.warmgate.twin.server;

/** What the process of a server has answered: counted, and kept where clients may ask for it again. Event-loop confined. */
final class Given {
    private final StoredResponses responses = new StoredResponses();
    private long endedByStop;
    private long endedByLength;

    /** Counts an answer that came to its end, and keeps it if it is a response that is to be kept. */
    void ended(Answer answer, WholeFormat whole) {
        if (answer.finishReason().equals("length")) {
            endedByLength++;
        } else {
            endedByStop++;
        }
        if (whole instanceof ResponsesFormat response && response.stored()) {
            var body = new ByteBuilder();
            response.whole(body);
            responses.put(response.id(), body);
        }
    }

    StoredResponses responses() {
        return responses;
    }

    long endedByStop() {
        return endedByStop;
    }

    long endedByLength() {
        return endedByLength;
    }
}
