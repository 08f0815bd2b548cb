package dev.warmgate.proxy;

import dev.warmgate.door.tls.TlsSettings;
import dev.warmgate.door.tls.TlsSettings.ClientCertificates;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A certificate and its key, made by openssl. */
record Certificates(Path certificate, Path key) {
    static Certificates selfSigned(Path folder, String name) throws IOException, InterruptedException {
        return make(folder, name, List.of());
    }

    /** Makes a certificate that this one vouches for. */
    Certificates issue(Path folder, String name) throws IOException, InterruptedException {
        return make(folder, name, List.of("-CA", certificate.toString(), "-CAkey", key.toString()));
    }

    private static Certificates make(Path folder, String name, List<String> options)
            throws IOException, InterruptedException {
        var made = new Certificates(folder.resolve(name + ".pem"), folder.resolve(name + "-key.pem"));
        var command = new ArrayList<>(List.of(
                "openssl",
                "req",
                "-x509",
                "-newkey",
                "ec",
                "-pkeyopt",
                "ec_paramgen_curve:P-256",
                "-nodes",
                "-days",
                "30",
                "-subj",
                "/CN=" + name,
                "-addext",
                "subjectAltName=IP:127.0.0.1",
                "-keyout",
                made.key.toString(),
                "-out",
                made.certificate.toString()));
        command.addAll(options);
        run(command);
        return made;
    }

    static String run(List<String> command) throws IOException, InterruptedException {
        var process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output;
        try (var lines = process.inputReader()) {
            output = String.join("\n", lines.lines().toList());
        }
        if (!process.waitFor(1, TimeUnit.MINUTES) || process.exitValue() != 0) {
            throw new IOException(String.join(" ", command) + " failed: " + output);
        }
        return output;
    }

    TlsSettings settings() {
        return new TlsSettings(certificate, key, ClientCertificates.OFF, null);
    }

    TlsSettings settings(ClientCertificates clients, Certificates clientCa) {
        return new TlsSettings(certificate, key, clients, clientCa.certificate);
    }
}
