package dev.warmgate.picker;

import dev.warmgate.router.Endpoint;
import dev.warmgate.router.Pool;
import dev.warmgate.router.Reservation;
import dev.warmgate.router.Router;
import java.util.Comparator;

/** How endpoints are named to gateways: {@code ip:port}, an IPv6 address in brackets; several in the order to be tried. */
final class Destinations {
    private Destinations() {}

    /** Returns an endpoint's name. */
    static String of(Endpoint endpoint) {
        return endpoint.address().getAuthority();
    }

    /** Returns the endpoint that is booked, and as many others that may be tried after it, those with least to do first. */
    static String list(Router router, Reservation booked, int fallbacks) {
        String first = of(booked.endpoint());
        if (fallbacks == 0) {
            return first;
        }
        var list = new StringBuilder(first);
        pool(router, booked.decision().pool()).endpoints().stream()
                .filter(other -> other != booked.endpoint()
                        && other.available()
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
