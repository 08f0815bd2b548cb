package dev.warmgate.app.live;

import dev.warmgate.app.config.GatewayConfig;
import dev.warmgate.app.config.PickerConfig;
import dev.warmgate.app.config.PoolConfig;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What differs between two configurations and cannot change while the gateway runs. */
final class RestartNeeds {
    private RestartNeeds() {}

    /** Returns one line for each such difference, which names the key. */
    static List<String> of(GatewayConfig before, GatewayConfig after) {
        var needs = new ArrayList<String>();
        var from = before.listeners();
        var to = after.listeners();
        if (!from.http().equals(to.http())) {
            needs.add(line("listeners.http", from.http() + " → " + to.http()));
        }
        if (!Objects.equals(from.tls(), to.tls())) {
            needs.add(line(
                    "listeners.tls",
                    "connections begin with what was there at the start; new content of the same files needs none"));
        }
        if (!from.admin().equals(to.admin())) {
            needs.add(line("listeners.admin", from.admin() + " → " + to.admin()));
        }
        if (!Objects.equals(before.picker(), after.picker())) {
            picker(before.picker(), after.picker(), needs);
        }
        if (!Objects.equals(before.promptSecret(), after.promptSecret())) {
            needs.add(line("routing.promptSecret", "all that is remembered about prompts is keyed by it"));
        }
        var pools = new HashMap<String, PoolConfig>();
        before.pools().forEach(pool -> pools.put(pool.spec().name(), pool));
        for (var pool : after.pools()) {
            var former = pools.get(pool.spec().name());
            if (former != null && former.spec().indexBytes() != pool.spec().indexBytes()) {
                needs.add(line(
                        "pools[" + pool.spec().name() + "].indexBytes",
                        former.spec().indexBytes() + " → " + pool.spec().indexBytes()));
            }
        }
        return needs;
    }

    private static void picker(@Nullable PickerConfig from, @Nullable PickerConfig to, List<String> needs) {
        if (from == null || to == null) {
            needs.add(line("picker", from == null ? "opens a door" : "closes a door"));
            return;
        }
        if (!from.listen().equals(to.listen())) {
            needs.add(line("picker.listen", from.listen() + " → " + to.listen()));
        }
        if (!Objects.equals(from.health(), to.health())) {
            needs.add(line("picker.health", from.health() + " → " + to.health()));
        }
        if (!from.tls().equals(to.tls())) {
            needs.add(line(
                    "picker.tls",
                    "connections begin with what was there at the start; new content of the same files needs none"));
        }
    }

    private static String line(String key, String what) {
        return "needs a restart: " + key + ": " + what.replace("/<unresolved>", "");
    }
}
