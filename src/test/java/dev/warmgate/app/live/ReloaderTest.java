package dev.warmgate.app.live;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.warmgate.app.config.ConfigException;
import dev.warmgate.app.config.ConfigFile;
import dev.warmgate.app.config.ConfigLoader;
import dev.warmgate.app.config.GatewayConfig;
import dev.warmgate.app.config.Overrides;
import dev.warmgate.console.Operations.Result;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A file is taken over as a whole or not at all. */
@Timeout(60)
class ReloaderTest {
    private static final String POOL = "pools: [{endpoints: [http://10.0.0.1:8000]}]\n";

    @TempDir
    private Path folder;

    private final List<GatewayConfig> taken = new CopyOnWriteArrayList<>();
    private ConfigFile file;

    @BeforeEach
    void prepare() throws Exception {
        file = new ConfigFile(new ConfigLoader(Map.of()), folder.resolve("gateway.yaml"), Overrides.NONE);
        write(POOL);
    }

    private void write(String yaml) throws Exception {
        Files.writeString(folder.resolve("gateway.yaml"), yaml);
    }

    private Reloader reloader(Reloader.Target target) throws ConfigException {
        return new Reloader(file, file.load(), target, InstantSource.fixed(Instant.EPOCH));
    }

    @Test
    void versionAndHashTellWhatIsInForce() throws Exception {
        try (var reloader = reloader(taken::add)) {
            String first = reloader.inForce().hash();
            write(POOL + "timeouts: {idle: 1m}\n");
            var reload = reloader.reload("test");
            assertThat(reload.result()).isEqualTo(Result.APPLIED);
            assertThat(reload.changes()).containsExactly("timeouts.idle: 1m (new)");
            assertThat(reloader.inForce().version()).isEqualTo(2);
            assertThat(reloader.inForce().hash()).isNotEqualTo(first).hasSize(16);
            assertThat(taken).extracting(config -> config.timeouts().idle()).containsExactly(Duration.ofMinutes(1));
            write(POOL);
            assertThat(reloader.reload("test").result()).isEqualTo(Result.APPLIED);
            assertThat(reloader.inForce().hash()).isEqualTo(first);
        }
    }

    @Test
    void whatNeedsARestartIsNamedKeyByKey() throws Exception {
        try (var reloader = reloader(taken::add)) {
            write("""
                    listeners: {http: 127.0.0.1:81, admin: 127.0.0.1:82, adminToken: token-0123456789}
                    pools: [{endpoints: [http://10.0.0.2:8000]}]
                    """);
            var reload = reloader.reload("test");
            assertThat(reload.result()).isEqualTo(Result.REJECTED);
            assertThat(reload.problems())
                    .containsExactly(
                            "needs a restart: listeners.http: 127.0.0.1:8080 → 127.0.0.1:81",
                            "needs a restart: listeners.admin: 127.0.0.1:9090 → 127.0.0.1:82");
            assertThat(taken).isEmpty();
            assertThat(reloader.inForce().version()).isEqualTo(1);
        }
    }

    @Test
    void whatCannotBeTakenOverLeavesEverythingAsItIs() throws Exception {
        try (var reloader = reloader(_ -> {
            throw new ConfigException(List.of("a file that it names is gone"));
        })) {
            write(POOL + "timeouts: {idle: 1m}\n");
            var reload = reloader.reload("test");
            assertThat(reload.result()).isEqualTo(Result.REJECTED);
            assertThat(reload.problems()).containsExactly("a file that it names is gone");
            assertThat(reloader.inForce().version()).isEqualTo(1);
        }
    }

    @Test
    void aChangeThatWasTriedOnRequestIsNotTriedAgainByTheWatcher() throws Exception {
        try (var reloader = reloader(taken::add)) {
            reloader.watch(Duration.ofMillis(10));
            write(POOL + "limits: {retries: many}\n");
            assertThat(reloader.reload("test").result()).isEqualTo(Result.REJECTED);
            var rejected = reloader.counts().get("rejected"); // two if the watcher was first
            write(POOL + "timeouts: {idle: 1m}\n");
            await().atMost(Duration.ofSeconds(30))
                    .untilAsserted(() -> assertThat(reloader.counts())
                            .containsEntry("rejected", rejected)
                            .containsEntry("applied", 1L));
            assertThat(reloader.inForce().version()).isEqualTo(2);
        }
    }

    @Test
    void aFileThatVanishesChangesNothing() throws Exception {
        try (var reloader = reloader(taken::add)) {
            Files.delete(file.path());
            var reload = reloader.reload("test");
            assertThat(reload.result()).isEqualTo(Result.REJECTED);
            assertThat(reload.problems()).containsExactly(file.path() + ": cannot be read: no such file");
        }
    }

    @Test
    void withoutAFileThereIsNothingToReload() throws Exception {
        try (var reloader = new Reloader(null, file.load(), taken::add, InstantSource.system())) {
            reloader.watch(Duration.ofMillis(10));
            assertThat(reloader.reload("SIGHUP").result()).isEqualTo(Result.NO_FILE);
        }
    }

    private static String chain(int threshold) {
        return "apiVersion: llm-d.ai/v1alpha1\nkind: EndpointPickerConfig\nplugins: [{type: load-aware-scorer,"
                + " parameters: {threshold: " + threshold + "}}]\n";
    }

    @Test
    void filesThatPoliciesNameAreFollowed() throws Exception {
        var chain = Files.writeString(folder.resolve("chain.yaml"), chain(1));
        write("pools: [{policy: \"epp:chain.yaml\", endpoints: [http://10.0.0.1:8000]}]\n");
        try (var reloader = reloader(taken::add)) {
            reloader.watch(Duration.ofMillis(20));
            Files.writeString(chain, chain(2));
            await().until(() -> taken.size() == 1);
            await().until(() -> reloader.last() != null);
            assertThat(Objects.requireNonNull(reloader.last()).changes()).containsExactly(chain + ": changed");
            Files.writeString(chain, chain(3) + "colour: red\n");
            await().until(() -> Objects.requireNonNull(reloader.last()).result() == Result.REJECTED);
            Files.writeString(chain, chain(3));
            await().until(() -> taken.size() == 2);
        }
    }

    @Test
    void filesThatPoliciesNameAnewAreFollowedFromThenOn() throws Exception {
        var chain = Files.writeString(folder.resolve("chain.yaml"), chain(1));
        try (var reloader = reloader(taken::add)) {
            reloader.watch(Duration.ofMillis(20));
            write("pools: [{policy: \"epp:chain.yaml\", endpoints: [http://10.0.0.1:8000]}]\n");
            await().until(() -> taken.size() == 1);
            Files.writeString(chain, chain(2));
            await().until(() -> taken.size() == 2);
            write(POOL);
            await().until(() -> taken.size() == 3);
        }
    }

    @Test
    void aPolicysFileIsFollowedWhereOptionsSayEverything() throws Exception {
        var chain = Files.writeString(folder.resolve("chain.yaml"), chain(1));
        var overrides = new Overrides("test", List.of("http://10.0.0.1:8000"), null, null, "epp:" + chain, null);
        file = Objects.requireNonNull(ConfigFile.ofOptions(new ConfigLoader(Map.of()), overrides));
        try (var reloader = reloader(taken::add)) {
            reloader.watch(Duration.ofMillis(20));
            Files.writeString(chain, chain(2));
            await().until(() -> taken.size() == 1);
            Files.writeString(chain, chain(3));
            await().until(() -> taken.size() == 2);
            assertThat(reloader.reload("test").result()).isEqualTo(Result.UNCHANGED);
        }
    }

    @Test
    void whatChangedBeforeTheWatchingBeganIsFound() throws Exception {
        var chain = Files.writeString(folder.resolve("chain.yaml"), chain(1));
        write("pools: [{policy: \"epp:chain.yaml\", endpoints: [http://10.0.0.1:8000]}]\n");
        try (var reloader = reloader(taken::add)) {
            Files.writeString(chain, chain(2));
            reloader.watch(Duration.ofMillis(20));
            await().until(() -> taken.size() == 1);
        }
    }
}
