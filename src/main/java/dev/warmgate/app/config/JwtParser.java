package dev.warmgate.app.config;

import dev.warmgate.identity.IssuerSettings;
import dev.warmgate.identity.IssuerSettings.ClaimNames;
import dev.warmgate.identity.KeyLocation;
import dev.warmgate.identity.SigningAlgorithm;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads whose signed tokens are believed. Used once; confined to one thread. */
final class JwtParser {
    private final Problems problems;

    /** Where each issuer was first named. */
    private final Map<String, String> paths = new HashMap<>();

    JwtParser(Problems problems) {
        this.problems = problems;
    }

    /**
     * Returns the issuers; meaningless if there are problems afterwards.
     *
     * @param tenants the names of all tenants
     */
    List<IssuerSettings> parse(Section top, Set<String> tenants) {
        var issuers = new ArrayList<IssuerSettings>();
        for (var section : top.sections("jwt", "issuers")) {
            var issuer = issuer(section, tenants);
            if (issuer != null) {
                issuers.add(issuer);
            }
        }
        return issuers;
    }

    /** As with all paths, that of a file is relative to the configuration. */
    private static @Nullable KeyLocation keys(Section section) {
        var written = section.require(JwtKeys.JWKS);
        return written instanceof KeyLocation.File(var path)
                        && section.origin(JwtKeys.JWKS) instanceof Origin.Line(String file, int _)
                ? new KeyLocation.File(Path.of(file).resolveSibling(path))
                : written;
    }

    private @Nullable IssuerSettings issuer(Section section, Set<String> tenants) {
        String issuer = section.require(JwtKeys.ISSUER);
        var jwks = keys(section);
        var ca = section.file(JwtKeys.CA);
        var audiences = Set.copyOf(section.findAll(JwtKeys.AUDIENCE));
        Set<SigningAlgorithm> algorithms = new HashSet<>(section.findAll(JwtKeys.ALGORITHM));
        var clockSkew = section.get(JwtKeys.CLOCK_SKEW);
        var refresh = section.get(JwtKeys.REFRESH);
        String tenant = section.get(JwtKeys.TENANT);
        var claims = new ClaimNames(
                section.get(JwtKeys.TENANT_CLAIM),
                section.get(JwtKeys.MODELS_CLAIM),
                section.get(JwtKeys.MAX_PRIORITY_CLAIM),
                section.get(JwtKeys.OBJECTIVE_CLAIM));
        if (section.isEmptyList("audiences")) {
            problems.add(
                    section.origin(),
                    section.below("audiences"),
                    "none (expected: at least one, so that tokens meant for others open nothing here)");
        }
        if (!tenants.contains(tenant)) {
            problems.add(
                    section.origin(JwtKeys.TENANT),
                    section.path(JwtKeys.TENANT),
                    Section.quote(tenant) + " (expected: the name of a tenant)");
        }
        if (issuer == null || jwks == null || audiences.isEmpty()) {
            return null;
        }
        String first = paths.putIfAbsent(issuer, section.path(JwtKeys.ISSUER));
        if (first != null) {
            problems.add(
                    section.origin(JwtKeys.ISSUER),
                    section.path(JwtKeys.ISSUER),
                    Section.quote(issuer) + " is also " + first + " (expected: each issuer once)");
        }
        return new IssuerSettings(
                issuer,
                jwks,
                ca,
                audiences,
                algorithms.isEmpty() ? IssuerSettings.DEFAULT_ALGORITHMS : algorithms,
                clockSkew,
                refresh,
                tenant,
                claims);
    }
}
