package dev.warmgate.app.config;

import dev.warmgate.engine.link.EngineKey;
import dev.warmgate.engine.link.LinkSettings.Protocol;
import dev.warmgate.engine.link.TlsSettings;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.regex.Pattern;

/** The keys about the way to endpoints: protocol, API key, TLS. Those of an endpoint replace those of its pool. */
final class LinkKeys {
    private static final String KEY = "The gateway's own API key at these endpoints, sent as `Authorization: Bearer`"
            + " in place of what callers send.";
    private static final String KEY_FILE = "A file whose only line is that key; read again when it changes.";

    static final Setting<Protocol> PROTOCOL = Setting.of(
            "pools[].protocol",
            ValueTypes.choice(List.of(Protocol.values()), Protocol::label),
            Protocol.HTTP1,
            "How requests are sent. `http2` is prior knowledge at an http address, ALPN at an https one.");
    static final Setting<EngineKey> API_KEY =
            Setting.withoutDefault("pools[].apiKey", engineKey(), "none", KEY + " Take it from the environment.");
    static final Setting<Path> API_KEY_FILE =
            Setting.withoutDefault("pools[].apiKeyFile", ValueTypes.path(), "none", KEY_FILE);
    static final Setting<Path> CA_FILE = Setting.withoutDefault(
            "pools[].tls.caFile",
            ValueTypes.path(),
            "what the Java installation trusts",
            "Certificates (PEM) of the authorities that may sign those of https endpoints.");
    static final Setting<String> SERVER_NAME = Setting.withoutDefault(
            "pools[].tls.serverName",
            hostName(),
            "the host in `url`",
            "The name that the certificates of the endpoints must have; also sent to them (SNI).");
    static final Setting<Path> CERTIFICATE_FILE = Setting.withoutDefault(
            "pools[].tls.certificateFile",
            ValueTypes.path(),
            "none",
            "The gateway's own certificate chain (PEM), for endpoints that ask for one.");
    static final Setting<Path> KEY_FILE_OF_CERTIFICATE = Setting.withoutDefault(
            "pools[].tls.keyFile", ValueTypes.path(), "none", "Its private key (PEM, PKCS #8, not encrypted).");
    static final Setting<Boolean> VERIFY = Setting.of(
            "pools[].tls.verify",
            ValueTypes.bool(),
            TlsSettings.DEFAULT.verify(),
            "Whether certificates are checked. `false` lets anybody on the way read and answer.");

    static final Setting<Protocol> ENDPOINT_PROTOCOL = Setting.withoutDefault(
            "pools[].endpoints[].protocol",
            ValueTypes.choice(List.of(Protocol.values()), Protocol::label),
            "that of the pool",
            "The same for this endpoint.");
    static final Setting<EngineKey> ENDPOINT_API_KEY = Setting.withoutDefault(
            "pools[].endpoints[].apiKey", engineKey(), "that of the pool", "The same for this endpoint.");
    static final Setting<Path> ENDPOINT_API_KEY_FILE = Setting.withoutDefault(
            "pools[].endpoints[].apiKeyFile", ValueTypes.path(), "that of the pool", "The same for this endpoint.");
    static final Setting<String> ENDPOINT_SERVER_NAME = Setting.withoutDefault(
            "pools[].endpoints[].serverName",
            hostName(),
            "that of the pool",
            "The name that this endpoint's certificate must have; for endpoints addressed by number.");

    static final List<Setting<?>> OF_POOLS = List.of(
            PROTOCOL, API_KEY, API_KEY_FILE, CA_FILE, SERVER_NAME, CERTIFICATE_FILE, KEY_FILE_OF_CERTIFICATE, VERIFY);
    static final List<Setting<?>> OF_ENDPOINTS =
            List.of(ENDPOINT_PROTOCOL, ENDPOINT_API_KEY, ENDPOINT_API_KEY_FILE, ENDPOINT_SERVER_NAME);

    private LinkKeys() {}

    private static ValueType<EngineKey> engineKey() {
        return new ValueType<>(
                "API key",
                "1 to " + EngineKey.LONGEST + " visible ASCII characters",
                true,
                text -> EngineKey.valid(text) ? new EngineKey.Given(text) : null,
                EngineKey::toString,
                Map.of("type", "string", "minLength", 1));
    }

    static ValueType<String> hostName() {
        var allowed = Pattern.compile("[A-Za-z0-9_.:-]{1,253}");
        return new ValueType<>(
                "host name",
                "a host name such as engine.example, or an address",
                false,
                text -> allowed.matcher(text).matches() ? text : null,
                Function.identity(),
                Map.of("type", "string", "minLength", 1, "maxLength", 253));
    }
}
