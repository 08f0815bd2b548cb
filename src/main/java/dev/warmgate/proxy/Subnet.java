package dev.warmgate.proxy;

import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** A range of addresses, written as one address or as {@code 10.0.0.0/8} (RFC 4632, RFC 4291 section 2.3). Immutable. */
public final class Subnet {
    private static final Pattern BITS = Pattern.compile("[0-9]{1,3}");

    private final byte[] network;
    private final int bits;

    private Subnet(byte[] network, int bits) {
        this.network = network;
        this.bits = bits;
    }

    /** Returns the range that a text names, or null if it names none. */
    public static @Nullable Subnet parse(String text) {
        int slash = text.indexOf('/');
        String address = slash < 0 ? text : text.substring(0, slash);
        byte[] network = NetUtil.createByteArrayFromIpAddressString(address);
        if (network == null) {
            return null;
        }
        int most = network.length * Byte.SIZE;
        String length = slash < 0 ? Integer.toString(most) : text.substring(slash + 1);
        if (!BITS.matcher(length).matches() || Integer.parseInt(length) > most) {
            return null;
        }
        return new Subnet(network, Integer.parseInt(length));
    }

    /** Returns whether an address lies in one of some ranges. */
    public static boolean anyContains(List<Subnet> ranges, InetAddress address) {
        for (Subnet range : ranges) {
            if (range.contains(address)) {
                return true;
            }
        }
        return false;
    }

    /** Returns whether an address lies in the range. */
    public boolean contains(InetAddress address) {
        byte[] other = address.getAddress();
        if (other.length != network.length) {
            return false;
        }
        for (int bit = 0; bit < bits; bit++) {
            int mask = 0x80 >> (bit % Byte.SIZE);
            if (((other[bit / Byte.SIZE] ^ network[bit / Byte.SIZE]) & mask) != 0) {
                return false;
            }
        }
        return true;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Subnet subnet && toString().equals(subnet.toString());
    }

    @Override
    public int hashCode() {
        return toString().hashCode();
    }

    @Override
    public String toString() {
        return NetUtil.bytesToIpAddress(network) + "/" + bits;
    }
}
