package dev.warmgate.app.config;

import dev.warmgate.door.tls.TlsSettings.ClientCertificates;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/** The keys of a section about TLS of a front door, in the order of the documentation. */
record TlsKeys(
        Setting<Path> certificate,
        Setting<Path> key,
        Setting<ClientCertificates> clientCertificates,
        Setting<Path> clientCa) {
    /**
     * Returns the keys below a path.
     *
     * @param clients who connects there, in the plural
     * @param plain what holds without a certificate
     */
    static TlsKeys below(String path, String clients, String plain) {
        return new TlsKeys(
                Setting.withoutDefault(
                        path + ".certificate",
                        ValueTypes.path(),
                        plain,
                        "Makes " + clients
                                + " speak TLS: a PEM file with the certificate, and those that lead from it to a root."),
                Setting.withoutDefault(
                        path + ".key",
                        ValueTypes.path(),
                        "none",
                        "The certificate's private key: a PEM file, PKCS #8, not encrypted."),
                Setting.of(
                        path + ".clientCertificates",
                        ValueTypes.choice(
                                List.of(ClientCertificates.values()),
                                value -> value.name().toLowerCase(Locale.ROOT)),
                        ClientCertificates.OFF,
                        "Whether " + clients + " show certificates of their own; one that is shown must be good."),
                Setting.withoutDefault(
                        path + ".clientCa",
                        ValueTypes.path(),
                        "none",
                        "A PEM file with the certificates that " + clients + "' must lead to."));
    }

    List<Setting<?>> all() {
        return List.of(certificate, key, clientCertificates, clientCa);
    }
}
