package dev.warmgate.proxy;

import dev.warmgate.door.Entry;
import dev.warmgate.proxy.front.ClientStream;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.LastHttpContent;
import java.time.Duration;

/**
 * The way of one exchange's request to the engine that it is placed at: how much of it goes when, and who is waited for
 * meanwhile, the client or the engine.
 */
final class Upload {
    private final ClientStream client;
    private final ProxySettings settings;
    private final ClientRequest request;
    private final Placement placement;
    private final Entry entry;
    private final Intake intake;

    Upload(
            ClientStream client,
            ProxySettings settings,
            ClientRequest request,
            Placement placement,
            Entry entry,
            Intake intake) {
        this.client = client;
        this.settings = settings;
        this.request = request;
        this.placement = placement;
        this.entry = entry;
        this.intake = intake;
    }

    /** Writes what is there of the request. That may fail, and end the exchange, before it returns. */
    void begin() {
        boolean whole = request.understood() || request.isRead();
        within(whole ? settings.firstByteTimeout() : settings.requestReadTimeout());
        var engine = placement.connection();
        request.send(engine);
        if (!whole) {
            client.hold(!engine.isWritable());
        }
    }

    /** Passes on content that streams through, which this takes over. */
    void forward(HttpContent content, boolean unanswered) {
        if (!(content instanceof LastHttpContent)) {
            intake.noteProgress(unanswered);
        } else if (unanswered) {
            within(settings.firstByteTimeout());
        }
        request.forward(placement.connection(), content);
    }

    void readComplete() {
        if (!request.isSent()) {
            placement.connection().flush();
        }
    }

    void engineWritable(boolean writable, boolean unanswered) {
        if (!placement.connected() || request.isSent()) {
            return;
        }
        if (!request.understood()) {
            if (unanswered) {
                // While the engine takes nothing it is the engine that is waited for, and not the client.
                within(writable ? settings.requestReadTimeout() : settings.firstByteTimeout());
            }
            client.hold(!writable);
        } else if (writable) {
            request.sendMore(placement.connection());
        }
    }

    private void within(Duration limit) {
        client.deadline().in(entry.within(limit));
    }
}
