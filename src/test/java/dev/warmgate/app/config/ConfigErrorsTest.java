package dev.warmgate.app.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Users see file, line, path, value and what is allowed; all problems at once; no secret. */
class ConfigErrorsTest {
    private static final String POOL = "pools: [{endpoints: [http://127.0.0.1:8001]}]\n";

    private static List<String> problems(String yaml) {
        return problems(yaml, Overrides.NONE);
    }

    private static List<String> problems(String yaml, Overrides overrides) {
        var loader = new ConfigLoader(Map.of("SHORT", "hunter2", "WORD", "zebra"));
        var thrown = catchThrowableOfType(
                ConfigException.class, () -> loader.parse("gateway.yaml", yaml.stripIndent(), overrides));
        assertThat(thrown).as("a ConfigException").isNotNull();
        return thrown.problems();
    }

    @Test
    void everyProblemOfAFileIsReportedInTheOrderOfItsLines() {
        assertThat(problems("""
                listeners:
                  http: 8080
                pools:
                  - name: a
                    endpoint: [http://10.0.0.1:8000]
                    endpoints:
                      - http://10.0.0.1:8000
                      - {url: "htp://10.0.0.2:8000", weight: 0}
                    policy: worm
                limits: {retries: many}
                """))
                .containsExactly(
                        "gateway.yaml:2: listeners.http: \"8080\" (expected: HOST:PORT such as 127.0.0.1:8080, 0.0.0.0:8080 or"
                                + " [::1]:8080)",
                        "gateway.yaml:5: pools[0].endpoint: unknown key (did you mean endpoints?)",
                        "gateway.yaml:8: pools[0].endpoints[1].url: \"htp://10.0.0.2:8000\" (expected: http or https URL such as"
                                + " http://10.0.0.7:8000)",
                        "gateway.yaml:8: pools[0].endpoints[1].weight: \"0\" (expected: a number above 0 and at most 1000000"
                                + " such as 1 or 2.5)",
                        "gateway.yaml:9: pools[0].policy: \"worm\" (expected: one of warm, round-robin, least-requests,"
                                + " weighted, power-of-two, random, session-hash, or epp:FILE)",
                        "gateway.yaml:10: limits.retries: \"many\" (expected: a whole number from 0 to 10)");
    }

    @Test
    void anUnknownKeyNamesTheNearestOneOrAllThatAreAllowed() {
        assertThat(problems(POOL + "listen: 127.0.0.1:8080"))
                .containsExactly("gateway.yaml:2: listen: unknown key (did you mean listeners?)");
        assertThat(problems(POOL + "limits: {max_body_bytes: 1MiB}"))
                .containsExactly("gateway.yaml:2: limits.max_body_bytes: unknown key (did you mean maxBodyBytes?)");
        assertThat(problems(POOL + "limits: {colour: red}"))
                .containsExactly("gateway.yaml:2: limits.colour: unknown key (expected one of: maxBodyBytes,"
                        + " maxHeaderBytes, maxRequestsPerConnection, maxHeaderFields, maxConnections, maxConnectionsPerClient,"
                        + " maxRequests, maxRequestsPerClient, retries, retryShare, leastRetries, quarantine)");
    }

    @Test
    void anEmptyFileSaysWhatIsEnough() {
        String message = "gateway.yaml: empty (expected: at least pools: [{endpoints: [http://…]}])";
        assertThat(problems("")).containsExactly(message);
        assertThat(problems("# nothing here\n")).containsExactly(message);
        assertThat(problems("accessLog: text\n"))
                .containsExactly("gateway.yaml:1: pools: none (expected: at least pools: [{endpoints: [http://…]}])");
        assertThat(problems("pools: [{name: a}]"))
                .containsExactly("gateway.yaml:1: pools[0].endpoints: 0 endpoints (expected: 1 to 1000)");
    }

    @Test
    void brokenYamlIsReportedWithItsLine() {
        assertThat(problems("pools: []\n\tname: x\n"))
                .containsExactly("gateway.yaml:2: not valid YAML: while scanning for the next token: found character"
                        + " '\\t(TAB)' that cannot start any token. (Do not use \\t(TAB) for indentation)");
        assertThat(problems("a: 1\n  b: 2\n"))
                .containsExactly("gateway.yaml:2: not valid YAML: mapping values are not allowed here");
        assertThat(problems("pools: [1, 2\nb: 3\n")).singleElement().asString().startsWith("gateway.yaml:2: not valid");
        assertThat(problems("a: \u0007")).singleElement().asString().contains("special characters are not allowed");
        assertThat(problems("? [1]\n: 2\n")).singleElement().asString().startsWith("gateway.yaml:1: not valid YAML");
    }

    @Test
    void depthIsBounded() {
        assertThat(problems("a: " + "[".repeat(100_000)))
                .singleElement()
                .asString()
                .startsWith("gateway.yaml")
                .contains(": not valid YAML: ");
    }

    @Test
    void wrongKindsAreNamed() {
        assertThat(problems("- a\n- b\n"))
                .containsExactly("gateway.yaml:1: a list (expected: keys listeners, picker, pools, routing, timeouts,"
                        + " limits, health, rewrites, tenants, objectives, rules, serviceTiers, unknownObjective, requireKey, jwt, quotas,"
                        + " admission, usage, openPaths, accessLog, tracing)");
        assertThat(problems(POOL + "timeouts: 5s\nlimits:\naccessLog: [text]\n"))
                .containsExactly(
                        "gateway.yaml:2: timeouts: \"5s\" (expected: keys connect, firstByte, idle, headerRead,"
                                + " requestRead, write, keepAlive, upstreamIdle, drain)",
                        "gateway.yaml:3: limits: empty (expected: keys maxBodyBytes, maxHeaderBytes,"
                                + " maxRequestsPerConnection, maxHeaderFields, maxConnections, maxConnectionsPerClient,"
                                + " maxRequests, maxRequestsPerClient, retries, retryShare, leastRetries, quarantine)",
                        "gateway.yaml:4: accessLog: a list (expected: one of off, text, json)");
        assertThat(problems("pools: {endpoints: [http://127.0.0.1:8001]}"))
                .containsExactly("gateway.yaml:1: pools: keys and values (expected: a list of pools)");
        assertThat(problems("pools: [{endpoints: http://127.0.0.1:8001}]"))
                .containsExactly("gateway.yaml:1: pools[0].endpoints: \"http://127.0.0.1:8001\" (expected: a list of"
                        + " URLs, or of keys url, name, engine, weight, role, …)");
        assertThat(problems("pools: [{endpoints: [[x]]}]"))
                .containsExactly("gateway.yaml:1: pools[0].endpoints[0]: a list (expected: keys url, name, engine,"
                        + " weight, role, labels, protocol, apiKey, apiKeyFile, serverName)");
        assertThat(problems("pools: [{models: [{}], endpoints: [{name: a}]}]"))
                .containsExactly(
                        "gateway.yaml:1: pools[0].models[0]: keys and values (expected: a model name)",
                        "gateway.yaml:1: pools[0].endpoints[0].url: missing (expected: http or https URL such as"
                                + " http://10.0.0.7:8000)");
    }

    @Test
    void aKeySetTwiceIsAnError() {
        assertThat(problems(POOL + "accessLog: text\naccessLog: json\n"))
                .containsExactly("gateway.yaml:3: accessLog: already set in line 2 (expected: each key once)");
    }

    @Test
    void anchorsAndASecondDocumentAreRefused() {
        assertThat(problems("pools: [{endpoints: [&a http://127.0.0.1:8001]}, {name: b, endpoints: [*a]}]"))
                .first()
                .asString()
                .isEqualTo("gateway.yaml:1: pools[1].endpoints[0]: anchors and aliases are not supported"
                        + " (expected: the value itself)");
        assertThat(problems(POOL + "---\n" + POOL))
                .containsExactly("gateway.yaml:3: a second document begins here (expected: one document)");
    }

    @Test
    void namesAreUnique() {
        assertThat(problems("""
                pools:
                  - endpoints: [http://10.0.0.1:8000, http://10.0.0.1:8000/]
                  - endpoints: [http://10.0.0.1:8000]
                """))
                .containsExactly(
                        "gateway.yaml:2: pools[0].endpoints[1].url: \"http://10.0.0.1:8000\" is also pools[0].endpoints[0]"
                                + " (expected: each server once in a pool)",
                        "gateway.yaml:3: pools[1].name: \"default\" is also pools[0].name (expected: a unique name)",
                        "gateway.yaml:3: pools[1].endpoints[0].name: \"10.0.0.1:8000\" is also pools[0].endpoints[0].name"
                                + " (expected: a unique name)");
    }

    @Test
    void valuesThatContradictEachOtherAreReported() {
        assertThat(problems(POOL + "listeners: {http: 127.0.0.1:80, admin: 127.0.0.1:80}"))
                .containsExactly("gateway.yaml:2: listeners.admin: \"127.0.0.1:80\" is also listeners.http (expected:"
                        + " an address of its own)");
        assertThat(problems(POOL + "health:\n  firstEjection: 10s\n  longestEjection: 5s\n"))
                .containsExactly("gateway.yaml:4: health.longestEjection: \"5s\" (expected: at least"
                        + " health.firstEjection, 10s)");
    }

    @Test
    void valuesOutOfRangeAreReported() {
        assertThat(problems(POOL + "timeouts:\n  connect: 0s\n  idle: 25h\n  drain: -1s\nlimits:\n"
                        + "  maxBodyBytes: 2GiB\n  maxHeaderBytes: 10\n  retries: 99999999999999999999\n"))
                .extracting(line -> line.substring(0, line.indexOf(" (expected")))
                .containsExactly(
                        "gateway.yaml:3: timeouts.connect: \"0s\"",
                        "gateway.yaml:4: timeouts.idle: \"25h\"",
                        "gateway.yaml:5: timeouts.drain: \"-1s\"",
                        "gateway.yaml:7: limits.maxBodyBytes: \"2GiB\"",
                        "gateway.yaml:8: limits.maxHeaderBytes: \"10\"",
                        "gateway.yaml:9: limits.retries: \"99999999999999999999\"");
    }

    @Test
    void placeholdersThatCannotBeFilledAreReported() {
        assertThat(problems(POOL + "routing:\n  promptSecret: ${NOT_SET}\n"))
                .containsExactly(
                        "gateway.yaml:3: routing.promptSecret: environment variable NOT_SET is not set (set it,"
                                + " or write ${NOT_SET:-default})");
        assertThat(problems(POOL + "accessLog: ${1X}\n"))
                .containsExactly("gateway.yaml:2: accessLog: malformed placeholder (expected: ${NAME} or"
                        + " ${NAME:-default}; $${ for a literal ${)");
    }

    @Test
    void secretsAndTheEnvironmentAreNotShown() {
        assertThat(problems(POOL + "routing:\n  promptSecret: ${SHORT}\naccessLog: ${WORD}\n"))
                .containsExactly(
                        "gateway.yaml:3: routing.promptSecret: value hidden with its placeholders filled (expected: at"
                                + " least 16 characters, such as the output of: openssl rand -hex 16)",
                        "gateway.yaml:4: accessLog: \"${WORD}\" with its placeholders filled (expected: one of off,"
                                + " text, json)");
        assertThat(problems(POOL + "routing: {promptSecret: hunter2}")).noneMatch(line -> line.contains("hunter2"));
    }

    @Test
    void longAndStrangeValuesAreShortened() {
        assertThat(problems(POOL + "accessLog: \"\\u001b[31m" + "x".repeat(500) + "\"\n"))
                .singleElement()
                .asString()
                .contains("\\u001b[31mxxx", "…")
                .hasSizeLessThan(200)
                .doesNotContain("\u001b");
    }

    @Test
    void optionsObeyTheSameRulesAndAreNamedAsOptions() {
        var overrides =
                new Overrides("warmgate serve", List.of("localhost:8001"), "8080", "127.0.0.1:x", "best", "loud");
        assertThat(problems("accessLog: text", overrides))
                .containsExactly(
                        "warmgate serve: --listen: \"8080\" (expected: HOST:PORT such as 127.0.0.1:8080, 0.0.0.0:8080"
                                + " or [::1]:8080)",
                        "warmgate serve: --admin: \"127.0.0.1:x\" (expected: HOST:PORT such as 127.0.0.1:8080,"
                                + " 0.0.0.0:8080 or [::1]:8080)",
                        "warmgate serve: --policy: \"best\" (expected: one of warm, round-robin, least-requests,"
                                + " weighted, power-of-two, random, session-hash, or epp:FILE)",
                        "warmgate serve: --endpoint: \"localhost:8001\" (expected: http or https URL such as"
                                + " http://10.0.0.7:8000)",
                        "warmgate serve: --access-log: \"loud\" (expected: one of off, text, json)");
    }

    @Test
    void aFileThatCannotBeReadIsOneLine(@TempDir Path folder) throws Exception {
        var loader = new ConfigLoader(Map.of());
        var missing = folder.resolve("missing.yaml");
        assertThat(catchThrowableOfType(ConfigException.class, () -> loader.load(missing, Overrides.NONE)))
                .hasMessage(missing + ": cannot be read: no such file");
        assertThat(catchThrowableOfType(ConfigException.class, () -> loader.load(folder, Overrides.NONE)))
                .hasMessage(folder + ": cannot be read: it is a directory");
        var binary = Files.write(folder.resolve("binary.yaml"), new byte[] {(byte) 0xff, (byte) 0xfe, 0});
        assertThat(catchThrowableOfType(ConfigException.class, () -> loader.load(binary, Overrides.NONE)))
                .hasMessage(binary + ": cannot be read: not UTF-8 text");
    }
}
