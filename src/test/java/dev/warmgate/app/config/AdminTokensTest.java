package dev.warmgate.app.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.warmgate.router.tenancy.ApiKey;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A token is needed where others can connect, and may come from three places; it is shown in no message. */
class AdminTokensTest {
    private static final String POOL = "pools: [{endpoints: [http://127.0.0.1:8001]}]\n";
    private static final String TOKEN = "token-0123456789";
    private static final String OTHER = "other-0123456789";

    @TempDir
    private Path folder;

    private @Nullable ApiKey token(String listeners, Map<String, String> environment) throws Exception {
        var file = Files.writeString(folder.resolve("gateway.yaml"), POOL + "listeners: {" + listeners + "}\n");
        return new ConfigLoader(environment)
                .load(file, Overrides.NONE)
                .listeners()
                .adminToken();
    }

    private List<String> problems(String listeners, Map<String, String> environment) {
        var thrown = catchThrowableOfType(ConfigException.class, () -> token(listeners, environment));
        assertThat(thrown).as("a ConfigException").isNotNull();
        return thrown.problems().stream()
                .map(problem -> problem.substring(folder.toString().length() + 1))
                .toList();
    }

    @Test
    void onLoopbackNoTokenIsNeeded() throws Exception {
        for (String host : List.of("127.0.0.1", "127.8.0.1", "[::1]", "localhost")) {
            assertThat(token("admin: \"" + host + ":9090\"", Map.of())).isNull();
        }
        assertThat(token("", Map.of())).isNull();
    }

    @Test
    void beyondLoopbackATokenIsNeeded() {
        for (String host : List.of("0.0.0.0", "10.0.0.7", "[::]", "gateway.example")) {
            assertThat(problems("admin: \"" + host + ":9090\"", Map.of()))
                    .containsExactly("gateway.yaml:2: listeners.admin: \"" + host
                            + ":9090\" is open to other machines and needs a token (expected: 127.0.0.1:PORT, or"
                            + " listeners.adminToken, listeners.adminTokenFile or the environment variable"
                            + " WARMGATE_ADMIN_TOKEN)");
        }
    }

    @Test
    void theTokenComesFromTheFileTheEnvironmentOrAFileOfItsOwn() throws Exception {
        String listen = "admin: \"0.0.0.0:9090\"";
        var expected = ApiKey.parse(TOKEN);
        assertThat(token(listen + ", adminToken: \"${T}\"", Map.of("T", TOKEN))).isEqualTo(expected);
        assertThat(token(listen, Map.of(AdminTokens.VARIABLE, TOKEN))).isEqualTo(expected);
        Files.writeString(folder.resolve("token"), TOKEN + "\n");
        assertThat(token(listen + ", adminTokenFile: token", Map.of(AdminTokens.VARIABLE, OTHER)))
                .isEqualTo(expected);
        assertThat(token(listen + ", adminTokenFile: \"" + folder.resolve("token") + "\"", Map.of()))
                .isEqualTo(expected);
        assertThat(token("", Map.of(AdminTokens.VARIABLE, TOKEN)))
                .as("on loopback too")
                .isEqualTo(expected);
    }

    @Test
    void whatIsWrongWithATokenIsSaidWithoutIt() throws Exception {
        assertThat(problems("adminToken: hunter2", Map.of()))
                .singleElement()
                .asString()
                .startsWith("gateway.yaml:2: listeners.adminToken: value hidden (expected: ");
        assertThat(problems("", Map.of(AdminTokens.VARIABLE, "hunter2")))
                .singleElement()
                .asString()
                .contains("environment variable WARMGATE_ADMIN_TOKEN, value hidden (expected: ");
        assertThat(problems("adminTokenFile: none", Map.of()))
                .singleElement()
                .asString()
                .endsWith("/none cannot be read: no such file");
        Files.writeString(folder.resolve("token"), "hunter2\n");
        assertThat(problems("adminTokenFile: token", Map.of()))
                .singleElement()
                .asString()
                .contains("/token holds no token (expected: ")
                .doesNotContain("hunter2");
        assertThat(problems("adminTokenFile: token, adminToken: " + TOKEN, Map.of()))
                .containsExactly("gateway.yaml:2: listeners.adminTokenFile: both this and adminToken (expected: one of"
                        + " them)");
    }
}
