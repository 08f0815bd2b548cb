package dev.warmgate.app.epp;

import dev.warmgate.router.RoutingPolicy;
import dev.warmgate.router.admission.AdmissionSettings;
import dev.warmgate.router.profile.ChainSpec;
import dev.warmgate.router.profile.PluginChain;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a file of the Kubernetes ecosystem's endpoint picker means here. Immutable; equal to another that means the same.
 *
 * @param file as the user named it
 * @param chain how an endpoint is chosen
 * @param admission what the file says about waiting, or null if admission is as configured elsewhere
 * @param maxInFlight requests in flight at one endpoint, as {@code pools[].maxInFlight}, or null if the file does not limit
 *     them
 * @param plugins what became of each plugin, in the order of the file, those that defaults added at the end
 * @param warnings what the file says and what counts in another way here, one line each, for the log
 */
public record EndpointPickerConfig(
        String file,
        ChainSpec chain,
        @Nullable AdmissionSettings admission,
        @Nullable Integer maxInFlight,
        List<Row> plugins,
        List<String> warnings) {
    public EndpointPickerConfig {
        plugins = List.copyOf(plugins);
        warnings = List.copyOf(warnings);
    }

    /**
     * What became of one plugin.
     *
     * @param becomes for example {@code scorer}, or {@code nothing}
     * @param parameters those in force, defaults included; empty for none
     * @param written whether the file names it; otherwise the defaults added it
     * @param notes what is different here
     */
    public record Row(
            String name, String type, String becomes, String parameters, boolean written, List<String> notes) {
        public Row {
            notes = List.copyOf(notes);
        }
    }

    /** Returns a policy for one pool that knows nothing yet. */
    public RoutingPolicy policy() {
        return new PluginChain(chain);
    }

    /** Returns for people what became of everything, a line each. */
    public List<String> explanation() {
        return Explanation.of(this);
    }
}
