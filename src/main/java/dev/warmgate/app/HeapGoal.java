package dev.warmgate.app;

import com.sun.management.HotSpotDiagnosticMXBean;
import com.sun.management.VMOption;
import dev.warmgate.app.config.GatewayConfig;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryUsage;

/**
 * How far the heap grows before garbage is collected. Without a goal ZGC takes most of what it may, by default a quarter of
 * the machine, whatever a gateway needs; with one it collects a little more often. A goal is no limit: what lives may take
 * more. Any thread.
 */
final class HeapGoal {
    /** The option of ZGC, which may be set while it runs. */
    private static final String OPTION = "SoftMaxHeapSize";

    /** What garbage of requests may take, and what is always there. */
    private static final long ROOM_BYTES = 512L << 20;

    private HeapGoal() {}

    /** Sets the goal for a configuration, unless the user has set one, or another collector is used. */
    static void aim(GatewayConfig config) {
        var machine = ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class);
        boolean zgc = Boolean.parseBoolean(machine.getVMOption("UseZGC").getValue());
        if (zgc && machine.getVMOption(OPTION).getOrigin() != VMOption.Origin.VM_CREATION) {
            MemoryUsage heap = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage();
            machine.setVMOption(OPTION, Long.toString(Math.min(of(config), heap.getMax())));
        }
    }

    /** Returns the goal in bytes. Indexes grow by copies. */
    static long of(GatewayConfig config) {
        return ROOM_BYTES
                + config.pools().stream()
                        .mapToLong(pool -> 2 * pool.spec().indexBytes())
                        .sum();
    }
}
