package dev.warmgate.console;

import dev.warmgate.router.Router;
import java.util.Locale;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.JsonNodeFactory;

/** The requests that endpoints died under, by the hash of their bodies, as JSON. */
final class QuarantinePage {
    private static final int MOST = 1_000;

    private final Router router;

    QuarantinePage(Router router) {
        this.router = router;
    }

    String render() {
        var quarantine = router.quarantine();
        var root = JsonNodeFactory.instance.objectNode();
        root.put("enabled", quarantine.enabled()).put("found", quarantine.found());
        var requests = root.putArray("requests");
        for (var known : quarantine.list(MOST)) {
            var node = requests.addObject()
                    .put("hash", Long.toHexString(known.hash()))
                    .put("standing", known.standing().name().toLowerCase(Locale.ROOT))
                    .put("forgottenInSeconds", known.left().toSeconds());
            var deaths = node.putArray("deaths");
            for (var death : known.deaths()) {
                deaths.addObject().put("endpoint", death.endpoint()).put("request", death.requestId());
            }
        }
        return JsonMapper.shared().writeValueAsString(root);
    }
}
