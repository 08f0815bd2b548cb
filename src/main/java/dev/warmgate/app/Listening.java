package dev.warmgate.app;

import java.net.InetSocketAddress;
import java.util.Locale;

/** What users read when an address cannot be listened on. */
final class Listening {
    private Listening() {}

    /** Returns the address with its host name looked up. */
    static InetSocketAddress resolve(InetSocketAddress address, String option) throws CommandFailure {
        var resolved = new InetSocketAddress(address.getHostString(), address.getPort());
        if (resolved.isUnresolved()) {
            throw failure(address, option, "unknown host");
        }
        return resolved;
    }

    /** Returns the failure to bind an address, in one line that names the option which moves it. */
    static CommandFailure failure(InetSocketAddress address, String option, Exception cause) {
        // Transports word it differently: "Address already in use", "bind(..) failed with error(-98): Address …".
        String message = String.valueOf(cause.getMessage());
        String text = message.toLowerCase(Locale.ROOT);
        return failure(
                address,
                option,
                text.contains("already in use")
                        ? "address in use"
                        : text.contains("permission denied")
                                ? "permission denied"
                                : text.contains("cannot assign") || text.contains("can't assign")
                                        ? "not an address of this machine"
                                        : message);
    }

    /** Returns {@code host:port} as users write it. */
    static String show(InetSocketAddress address) {
        String host = address.getAddress() == null
                ? address.getHostString()
                : address.getAddress().getHostAddress();
        return (host.contains(":") ? "[" + host + "]" : host) + ":" + address.getPort();
    }

    private static CommandFailure failure(InetSocketAddress address, String option, String reason) {
        return new CommandFailure(
                "cannot listen on " + show(address) + ": " + reason + " (choose another with " + option + ")");
    }
}
