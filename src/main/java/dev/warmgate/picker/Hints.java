package dev.warmgate.picker;

import com.google.protobuf.Value;
import dev.warmgate.picker.proto.Metadata;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What a gateway says in the metadata of its messages (proposal 004 of the Gateway API Inference Extension). */
final class Hints {
    private Hints() {}

    /**
     * Returns among which addresses a destination is to be chosen, each {@code ip:port} or an {@code ip} for all its ports;
     * null if the gateway does not say. A list and a text with commas are both seen in the field.
     */
    static @Nullable Set<String> subset(Metadata metadata) {
        var value = value(metadata, PickerHeaders.SUBSET_NAMESPACE, PickerHeaders.SUBSET);
        if (value == null || !(value.hasListValue() || value.hasStringValue())) {
            return null;
        }
        var all = new HashSet<String>();
        if (value.hasStringValue()) {
            addAll(value.getStringValue(), all);
        } else {
            value.getListValue().getValuesList().forEach(entry -> addAll(entry.getStringValue(), all));
        }
        return all;
    }

    /** Returns the addresses in a text with commas. */
    static Set<String> addresses(String list) {
        var all = new HashSet<String>();
        addAll(list, all);
        return all;
    }

    /** Returns what the conformance suite is told about who served, in its own words where the gateway did not say. */
    static String servedForTest(Metadata metadata) {
        String served = served(metadata);
        if (served != null) {
            return served;
        }
        return metadata.getFilterMetadataMap().containsKey(PickerHeaders.LB_NAMESPACE)
                ? "fail: missing destination endpoint served metadata"
                : "fail: missing envoy lb metadata";
    }

    private static void addAll(String list, Set<String> to) {
        for (String entry : list.split(",", -1)) {
            String address = entry.strip();
            if (!address.isEmpty()) {
                to.add(address);
            }
        }
    }

    /** Returns the {@code ip:port} that really answered, or null if the gateway does not say. */
    static @Nullable String served(Metadata metadata) {
        var value = value(metadata, PickerHeaders.LB_NAMESPACE, PickerHeaders.SERVED);
        return value == null || value.getStringValue().isEmpty() ? null : value.getStringValue();
    }

    private static @Nullable Value value(Metadata metadata, String namespace, String key) {
        var struct = metadata.getFilterMetadataMap().get(namespace);
        return struct == null ? null : struct.getFieldsMap().get(key);
    }
}
