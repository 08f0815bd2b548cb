package dev.warmgate.app;

import com.sun.management.GarbageCollectionNotificationInfo;
import com.sun.management.GcInfo;
import com.sun.management.HotSpotDiagnosticMXBean;
import com.sun.management.VMOption;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryUsage;
import java.util.Map;
import javax.management.Notification;
import javax.management.NotificationEmitter;
import javax.management.openmbean.CompositeData;

/**
 * How far the heap grows before garbage is collected. Without a goal ZGC takes most of what it may, by default a quarter of
 * the machine, whatever a gateway needs. So after each collection the goal is what was left by it and room for what comes.
 * A goal is no limit: what lives may take more, until the next collection has seen it.
 *
 * <p>Owned by the thread on which the JVM tells of collections; {@link #aim} by whoever starts.
 */
final class HeapGoal {
    /** The option of ZGC, which may be set while it runs. */
    private static final String OPTION = "SoftMaxHeapSize";

    /** How the names of ZGC's collections end. */
    private static final String CYCLES = "Cycles";

    /** How the collections of ZGC are named that look at all of the heap; others leave old garbage. */
    private static final String WHOLE = "ZGC Major Cycles";

    /** Room for garbage: what is allocated in so much time, so that a collection is not too often. */
    private static final double ROOM_SECONDS = 10;

    /** The least room. */
    static final long LEAST_ROOM_BYTES = 128L << 20;

    /** The most: where more is allocated, collections are more frequent. */
    static final long MOST_ROOM_BYTES = 512L << 20;

    /** Room besides, as a share of what is left: who looks at more does so less often. */
    private static final int SHARE = 4;

    private final HotSpotDiagnosticMXBean machine;
    private long goal;
    private long left;
    private long leftAtMillis;

    private HeapGoal(HotSpotDiagnosticMXBean machine) {
        this.machine = machine;
    }

    /** Sets goals from now on, unless the user has set one, or another collector is used. */
    static void aim() {
        var machine = ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class);
        boolean zgc = Boolean.parseBoolean(machine.getVMOption("UseZGC").getValue());
        if (zgc && machine.getVMOption(OPTION).getOrigin() != VMOption.Origin.VM_CREATION) {
            var goal = new HeapGoal(machine);
            goal.left = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
            goal.leftAtMillis = ManagementFactory.getRuntimeMXBean().getUptime();
            goal.set(of(goal.left, 0));
            for (var collector : ManagementFactory.getGarbageCollectorMXBeans()) {
                // Not the beans of pauses, of which each collection has several.
                if (collector.getName().endsWith(CYCLES) && collector instanceof NotificationEmitter emitter) {
                    emitter.addNotificationListener((told, _) -> goal.told(told), null, null);
                }
            }
        }
    }

    private void told(Notification notification) {
        if (notification.getType().equals(GarbageCollectionNotificationInfo.GARBAGE_COLLECTION_NOTIFICATION)) {
            var collection = GarbageCollectionNotificationInfo.from((CompositeData) notification.getUserData());
            boolean whole = collection.getGcName().equals(WHOLE);
            told(whole, collection.getGcInfo());
        }
    }

    private void told(boolean whole, GcInfo collection) {
        double seconds = Math.max(1000, collection.getStartTime() - leftAtMillis) / 1e3;
        double allocatedPerSecond = (used(collection.getMemoryUsageBeforeGc()) - left) / seconds;
        left = used(collection.getMemoryUsageAfterGc());
        leftAtMillis = collection.getEndTime();
        long next = of(left, allocatedPerSecond);
        if (whole || next > goal) {
            set(next);
        }
    }

    private void set(long bytes) {
        goal = bytes;
        long most = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getMax();
        machine.setVMOption(OPTION, Long.toString(Math.min(bytes, most)));
    }

    private static long used(Map<String, MemoryUsage> pools) {
        return pools.entrySet().stream()
                .filter(pool -> pool.getKey().startsWith("ZGC"))
                .mapToLong(pool -> pool.getValue().getUsed())
                .sum();
    }

    /** Returns the goal in bytes, after a collection that left so many and so many allocated before. */
    static long of(long left, double allocatedPerSecond) {
        long room = Math.clamp((long) (allocatedPerSecond * ROOM_SECONDS), LEAST_ROOM_BYTES, MOST_ROOM_BYTES);
        return left + left / SHARE + room;
    }
}
