package dev.warmgate.picker;

import dev.warmgate.router.Endpoint;
import dev.warmgate.router.Pool;
import dev.warmgate.router.Reservation;
import dev.warmgate.router.Router;
import java.util.Comparator;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** How endpoints are named to gateways: {@code ip:port}, an IPv6 address in brackets; several in the order to be tried. */
final class Destinations {
    private Destinations() {}

    /** Returns an endpoint's name. */
    static String of(Endpoint endpoint) {
        return endpoint.address().getAuthority();
    }

    /** Returns an endpoint's host, an IPv6 address without brackets. */
    static String host(Endpoint endpoint) {
        String host = endpoint.address().getHost();
        return host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
    }

    /** Returns whether an endpoint is named in a subset, by {@code ip:port} or by {@code ip} for all its ports. */
    static boolean isAmong(Endpoint endpoint, Set<String> subset) {
        var address = endpoint.address();
        return subset.contains(address.getAuthority())
                || subset.contains(address.getHost())
                || subset.contains(host(endpoint));
    }

    /** Returns the endpoint that is booked, and as many others that may be tried after it: the policy's own, or those with least to do first. */
    static String list(Router router, Reservation booked, @Nullable Predicate<Endpoint> allowed, int fallbacks) {
        String first = of(booked.endpoint());
        if (fallbacks == 0) {
            return first;
        }
        var list = new StringBuilder(first);
        var others = booked.alternatives();
        if (others != null) {
            others.stream().limit(fallbacks).forEach(other -> list.append(',').append(of(other)));
            return list.toString();
        }
        pool(router, booked.decision().pool()).endpoints().stream()
                .filter(other -> other != booked.endpoint()
                        && other.available()
                        && (allowed == null || allowed.test(other))
                        && other.spec().role().answers())
                .sorted(Comparator.comparingInt(Endpoint::requests))
                .limit(fallbacks)
                .forEach(other -> list.append(',').append(of(other)));
        return list.toString();
    }

    private static Pool pool(Router router, String name) {
        for (Pool pool : router.pools()) {
            if (pool.name().equals(name)) {
                return pool;
            }
        }
        throw new IllegalStateException("no pool " + name);
    }
}
