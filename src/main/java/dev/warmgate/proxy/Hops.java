package dev.warmgate.proxy;

import io.netty.channel.Channel;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Whom proxies that are trusted name as their client: the last address in {@code X-Forwarded-For}, or if there is none in
 * {@code Forwarded} (RFC 7239), that is not a trusted proxy's itself. What stands before it anybody may have written.
 */
final class Hops {
    private static final String FOR = "for=";

    private Hops() {}

    /**
     * Returns the address of the client of a request that came on a connection: of who is at its other end, or if that is a
     * trusted proxy, of whom that names; null if the connection is gone already.
     */
    static @Nullable String address(Channel channel, HttpHeaders headers, Outbound outbound) {
        var peer = Peer.of(channel, outbound);
        var named = peer.trusted() ? client(headers, outbound.trustedProxies()) : null;
        return named == null ? peer.known() : NetUtil.toAddressString(named);
    }

    /** Returns that address, that of the first trusted proxy if none stands before it, or null if there is none at all. */
    static @Nullable InetAddress client(HttpHeaders headers, List<Subnet> trusted) {
        boolean old = headers.contains("x-forwarded-for");
        var lines = headers.getAll(old ? "x-forwarded-for" : "forwarded");
        InetAddress nearest = null;
        for (int i = lines.size() - 1; i >= 0; i--) {
            String line = lines.get(i);
            for (int end = line.length(); end >= 0; ) {
                int comma = line.lastIndexOf(',', end - 1);
                String element = line.substring(comma + 1, end).strip();
                var address = address(old ? element : named(element));
                if (address == null) {
                    return nearest;
                }
                nearest = address;
                if (!Subnet.anyContains(trusted, address)) {
                    return address;
                }
                end = comma;
            }
        }
        return nearest;
    }

    /** Returns what an element of {@code Forwarded} has for {@code for}, or nothing. */
    private static String named(String element) {
        for (String pair : element.split(";", -1)) {
            String trimmed = pair.strip();
            if (trimmed.toLowerCase(Locale.ROOT).startsWith(FOR)) {
                return trimmed.substring(FOR.length()).replace("\"", "");
            }
        }
        return "";
    }

    /** Reads an address that may have a port and then, if it is an IPv6 address, brackets. */
    private static @Nullable InetAddress address(String text) {
        String bare = text;
        int bracket = text.indexOf(']');
        if (text.startsWith("[") && bracket > 0) {
            bare = text.substring(1, bracket);
        } else if (text.indexOf(':') == text.lastIndexOf(':') && text.indexOf(':') > 0) {
            bare = text.substring(0, text.indexOf(':'));
        }
        return NetUtil.createInetAddressFromIpAddressString(bare);
    }
}
