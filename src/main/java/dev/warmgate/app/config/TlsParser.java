package dev.warmgate.app.config;

import dev.warmgate.door.tls.TlsFiles;
import dev.warmgate.door.tls.TlsSettings;
import dev.warmgate.door.tls.TlsSettings.ClientCertificates;
import dev.warmgate.picker.PickerTls;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Reads a section about TLS of a front door, and looks into the files that it names. */
final class TlsParser {
    private final TlsKeys keys;
    private final Problems problems;

    TlsParser(TlsKeys keys, Problems problems) {
        this.keys = keys;
        this.problems = problems;
    }

    /** Reads {@code picker.tls}, which knows a certificate that needs no files. */
    static PickerTls picker(Section section, Problems problems) {
        boolean selfSigned = section.written() && section.get(PickerKeys.SELF_SIGNED);
        if (!selfSigned) {
            boolean files = section.written() && !(section.has(PickerKeys.SELF_SIGNED) && !anyFile(section));
            var given = files ? new TlsParser(PickerKeys.TLS, problems).parse(section) : null;
            return given == null ? new PickerTls.Off() : new PickerTls.Given(given);
        }
        for (var key : PickerKeys.TLS.all()) {
            if (section.has(key)) {
                problems.add(
                        section.origin(key),
                        section.path(key),
                        "of no use beside selfSigned: true (expected: one of the two)");
            }
        }
        return new PickerTls.SelfSigned();
    }

    private static boolean anyFile(Section section) {
        return PickerKeys.TLS.all().stream().anyMatch(section::has);
    }

    /** Returns null for plain connections, or if something is wrong, which is among the problems. */
    @Nullable
    TlsSettings parse(Section section) {
        if (!section.written()) {
            return null;
        }
        var certificate = file(section, keys.certificate());
        var key = file(section, keys.key());
        var clients = section.get(keys.clientCertificates());
        var clientCa = clients == ClientCertificates.OFF ? null : file(section, keys.clientCa());
        if (clients == ClientCertificates.OFF && section.has(keys.clientCa())) {
            problem(section, keys.clientCa(), "of no use (expected: clientCertificates: required or optional)");
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

    private Setting<Path> atFault(TlsSettings settings, String wrong) {
        var clientCa = settings.clientCa();
        if (wrong.startsWith(settings.key() + " ")) {
            return keys.key();
        }
        return clientCa != null && wrong.startsWith(clientCa + " ") ? keys.clientCa() : keys.certificate();
    }

    private static @Nullable Path file(Section section, Setting<Path> setting) {
        return section.require(setting) == null ? null : section.file(setting);
    }

    private void problem(Section section, Setting<?> setting, String message) {
        problems.add(section.origin(setting), section.path(setting), message);
    }
}
