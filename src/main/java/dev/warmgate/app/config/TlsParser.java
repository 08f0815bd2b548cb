package dev.warmgate.app.config;

import dev.warmgate.proxy.front.TlsFiles;
import dev.warmgate.proxy.front.TlsSettings;
import dev.warmgate.proxy.front.TlsSettings.ClientCertificates;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Reads {@code listeners.tls}, and looks into the files that it names. */
final class TlsParser {
    private final Problems problems;

    TlsParser(Problems problems) {
        this.problems = problems;
    }

    /** Returns null for plain HTTP, or if something is wrong, which is among the problems. */
    @Nullable
    TlsSettings parse(Section section) {
        if (!section.written()) {
            return null;
        }
        var certificate = file(section, Settings.TLS_CERTIFICATE);
        var key = file(section, Settings.TLS_KEY);
        var clients = section.get(Settings.TLS_CLIENT_CERTIFICATES);
        var clientCa = clients == ClientCertificates.OFF ? null : file(section, Settings.TLS_CLIENT_CA);
        if (clients == ClientCertificates.OFF && section.has(Settings.TLS_CLIENT_CA)) {
            problem(section, Settings.TLS_CLIENT_CA, "of no use (expected: clientCertificates: required or optional)");
        }
        if (certificate == null || key == null || (clients != ClientCertificates.OFF && clientCa == null)) {
            return null;
        }
        var settings = new TlsSettings(certificate, key, clients, clientCa);
        String wrong = TlsFiles.problem(settings);
        if (wrong == null) {
            return settings;
        }
        problem(section, atFault(settings, wrong), wrong);
        return null;
    }

    private static Setting<Path> atFault(TlsSettings settings, String wrong) {
        var clientCa = settings.clientCa();
        if (wrong.startsWith(settings.key() + " ")) {
            return Settings.TLS_KEY;
        }
        return clientCa != null && wrong.startsWith(clientCa + " ") ? Settings.TLS_CLIENT_CA : Settings.TLS_CERTIFICATE;
    }

    private static @Nullable Path file(Section section, Setting<Path> setting) {
        return section.require(setting) == null ? null : section.file(setting);
    }

    private void problem(Section section, Setting<?> setting, String message) {
        problems.add(section.origin(setting), section.path(setting), message);
    }
}
