package dev.warmgate.router.admission;

import dev.warmgate.router.admission.QueueStats.OfTenant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The work that each tenant received in all bands, for those who look. Decides nothing. Owned by the pool's lock. */
final class WorkBook {
    /** Tenants that have an account of their own; configurations have fewer. */
    private static final int MOST_TENANTS = 10_000;

    private static final String OTHER = "other";

    private static final class Account {
        double weight = 1;
        double estimatedSeconds;
        double workSeconds;
        int busyFlows;
    }

    private final Map<String, Account> accounts = new HashMap<>();

    private Account of(Flow flow) {
        var account = accounts.get(flow.tenant());
        return account != null ? account : accounts.computeIfAbsent(nameOfNew(flow), _ -> new Account());
    }

    private String nameOfNew(Flow flow) {
        return accounts.size() < MOST_TENANTS ? flow.tenant() : OTHER;
    }

    /** Hears that a flow has requests waiting or in flight, having had none, or has none any more. */
    void busy(Flow flow, boolean on) {
        of(flow).busyFlows += on ? 1 : -1;
    }

    void sent(Flow flow, double seconds) {
        var account = of(flow);
        account.weight = flow.share().weight();
        account.estimatedSeconds += seconds;
        account.workSeconds += seconds;
    }

    void corrected(Flow flow, double seconds) {
        of(flow).workSeconds += seconds;
    }

    List<OfTenant> tenants() {
        var all = new ArrayList<OfTenant>();
        accounts.forEach((name, account) -> all.add(new OfTenant(
                name, account.weight, account.estimatedSeconds, account.workSeconds, account.busyFlows > 0)));
        return all;
    }
}
