package dev.warmgate.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The launcher, in a tree of its own with invented JDKs and an invented Maven. */
class LauncherTest {
    private static final String NO_JDK = "warmgate: needs a JDK 25: install one, for example Eclipse Temurin 25, or"
            + " point WARMGATE_JAVA_HOME at it\n";

    @TempDir
    private Path folder;

    private Path launcher;
    private Path jdks;
    private Path tools;
    private final Map<String, String> environment = new TreeMap<>();

    private record Run(int exitCode, String out, String err) {}

    @BeforeEach
    void layOut() throws IOException {
        Path tree = Files.createDirectories(folder.resolve("a tree"));
        Files.createDirectories(tree.resolve("src/main/java"));
        Files.writeString(tree.resolve("pom.xml"), "<project/>");
        launcher = tree.resolve("warmgate");
        Files.copy(Path.of("warmgate"), launcher);
        Path target = Files.createDirectories(tree.resolve("target"));
        Files.writeString(target.resolve("warmgate.jar"), "jar");
        Files.writeString(target.resolve("launcher.stamp"), "");
        Files.setLastModifiedTime(
                target.resolve("launcher.stamp"), FileTime.from(Instant.now().plusSeconds(2)));
        jdks = Files.createDirectories(folder.resolve("all jdks"));
        tools = Files.createDirectories(folder.resolve("tools"));
        // Only what the launcher may use: no Java and no Maven of the machine.
        for (String tool : List.of(
                "sh",
                "env",
                "ls",
                "dirname",
                "basename",
                "readlink",
                "grep",
                "sed",
                "tr",
                "find",
                "head",
                "tail",
                "ln",
                "rm",
                "mv",
                "mkdir",
                "touch",
                "sleep",
                "cat")) {
            for (String place : List.of("/bin/", "/usr/bin/")) {
                if (Files.isExecutable(Path.of(place + tool)) && !Files.exists(tools.resolve(tool))) {
                    script(tools.resolve(tool), "exec " + place + tool + " \"$@\"");
                }
            }
        }
        environment.put("PATH", tools.toString());
        environment.put("WARMGATE_JVM_FOLDERS", jdks.toString());
    }

    private Path jdk(String name, String version) throws IOException {
        Path home = Files.createDirectories(jdks.resolve(name));
        Files.writeString(home.resolve("release"), "IMPLEMENTOR=\"x\"\nJAVA_VERSION=\"" + version + "\"\n");
        script(home.resolve("bin/javac"), "exit 1");
        script(
                home.resolve("bin/java"),
                "echo \"java of " + name + "\"; for a in \"$@\"; do echo \"$a\"; done; exit 7");
        return home;
    }

    private void maven(String body) throws IOException {
        script(tools.resolve("mvn"), "echo \"JAVA_HOME=$JAVA_HOME\" >&2; echo x >> \"" + folder + "/builds\"; " + body);
    }

    private void notBuiltYet() throws IOException {
        Files.delete(launcher.resolveSibling("target/warmgate.jar"));
    }

    private void workingMaven() throws IOException {
        maven("mkdir -p target; echo jar > target/warmgate.jar");
    }

    private int builds() throws IOException {
        Path counted = folder.resolve("builds");
        return Files.exists(counted) ? Files.readAllLines(counted).size() : 0;
    }

    private static void script(Path file, String body) throws IOException {
        Files.createDirectories(file.getParent());
        Files.writeString(file, "#!/bin/sh\n" + body + "\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    private Process begin(Path program, String... arguments) throws IOException {
        var command = new ArrayList<>(List.of("/bin/sh", program.toString()));
        command.addAll(List.of(arguments));
        var builder = new ProcessBuilder(command).directory(folder.toFile());
        builder.environment().clear();
        builder.environment().putAll(environment);
        return builder.start();
    }

    private static Run end(Process process) throws Exception {
        process.getOutputStream().close();
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        String err = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        return new Run(process.exitValue(), out, err);
    }

    private Run run(String... arguments) throws Exception {
        return end(begin(launcher, arguments));
    }

    @Test
    void withoutAJdk25ItSaysInOneLineWhatToInstall() throws Exception {
        jdk("jdk-17", "17.0.15");
        jdk("jdk-250", "250.0.1");
        jdk("jdk-26", "26");
        Files.createDirectories(jdks.resolve("empty"));
        assertThat(run("serve")).isEqualTo(new Run(1, "", NO_JDK));
    }

    @Test
    void withoutMavenItSaysInOneLineWhatToInstall() throws Exception {
        notBuiltYet();
        jdk("jdk-25", "25.0.3");
        assertThat(run("serve"))
                .isEqualTo(new Run(
                        1, "", "warmgate: Maven is missing: install it, for example with: apt install maven\n"));
    }

    @Test
    void theRightJdkIsFoundAmongOthersAndRunsWithTheArgumentsAsGiven() throws Exception {
        notBuiltYet();
        jdk("a-17", "17.0.15");
        jdk("b 25", "25.0.3");
        jdk("c-26", "26.0.1");
        workingMaven();
        var run = run("serve", "--endpoint", "two words");
        assertThat(run.exitCode()).isEqualTo(7);
        assertThat(run.out()).startsWith("java of b 25\n").endsWith("\nserve\n--endpoint\ntwo words\n");
        assertThat(run.err()).startsWith("warmgate: building").endsWith("warmgate: built\n");
        assertThat(Files.readString(launcher.resolveSibling("target/build.log")))
                .contains("JAVA_HOME=" + jdks.resolve("b 25"));
    }

    @Test
    void theEnvironmentDecidesFirst() throws Exception {
        jdk("a", "25.0.1");
        Path second = jdk("b", "25.0.2");
        Path third = jdk("c", "25");
        environment.put("JAVA_HOME", second.toString());
        assertThat(run().out()).startsWith("java of b\n");
        environment.put("WARMGATE_JAVA_HOME", third.toString());
        assertThat(run().out()).startsWith("java of c\n");
        environment.put("JAVA_HOME", jdk("d", "17").toString());
        environment.remove("WARMGATE_JAVA_HOME");
        assertThat(run().out()).startsWith("java of a\n");
    }

    @Test
    void aWrongChoiceInTheEnvironmentIsSaid() throws Exception {
        Path old = jdk("a", "21.0.1");
        environment.put("WARMGATE_JAVA_HOME", old.toString());
        assertThat(run()).isEqualTo(new Run(1, "", "warmgate: WARMGATE_JAVA_HOME=" + old + " is not a JDK 25\n"));
    }

    @Test
    void javaOnThePathIsFollowedToItsHome() throws Exception {
        Path home = jdk("a", "25.0.3");
        environment.put("WARMGATE_JVM_FOLDERS", folder.resolve("nothing").toString());
        Files.createSymbolicLink(tools.resolve("java"), home.resolve("bin/java"));
        assertThat(run().out()).startsWith("java of a\n");
    }

    @Test
    void itBuildsOnFirstUseAndAfterChangesOnly() throws Exception {
        notBuiltYet();
        jdk("a", "25");
        workingMaven();
        run();
        assertThat(run().err()).isEmpty();
        assertThat(builds()).isEqualTo(1);

        Path source = launcher.resolveSibling("src/main/java/Source.java");
        Files.writeString(source, "class Source {}");
        Files.setLastModifiedTime(source, FileTime.from(Instant.now().plusSeconds(60)));
        assertThat(run().err()).contains("building");
        assertThat(builds()).isEqualTo(2);
    }

    @Test
    void itWorksThroughASymbolicLinkFromAnotherFolder() throws Exception {
        jdk("a", "25");
        Path link = folder.resolve("link");
        Files.createSymbolicLink(link, folder.relativize(launcher));
        Path second = Files.createDirectories(folder.resolve("bin")).resolve("warmgate");
        Files.createSymbolicLink(second, link);
        assertThat(end(begin(second, "x")).out())
                .contains("-cp\n" + launcher.toRealPath().getParent() + "/target/");
    }

    @Test
    void aFailedBuildShowsItsErrorsAndItsLog() throws Exception {
        notBuiltYet();
        jdk("a", "25");
        maven("echo '[INFO] noise'; echo '[ERROR] Source.java:[1,1] nonsense'; exit 1");
        var run = run("serve");
        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.err())
                .contains("[ERROR] Source.java:[1,1] nonsense", "warmgate: the build failed; the whole log is ")
                .doesNotContain("noise");
        assertThat(run("serve").err()).contains("building");
    }

    @Test
    void twoAtOnceBuildOnce() throws Exception {
        notBuiltYet();
        jdk("a", "25");
        maven("mkdir -p target; sleep 1; echo jar > target/warmgate.jar");
        var first = begin(launcher);
        var second = begin(launcher);
        assertThat(end(first).exitCode()).isEqualTo(7);
        assertThat(end(second).exitCode()).isEqualTo(7);
        assertThat(builds()).isEqualTo(1);
    }

    @Test
    void aLockWhoseOwnerDiedIsTakenOver() throws Exception {
        notBuiltYet();
        jdk("a", "25");
        workingMaven();
        var dead = new ProcessBuilder("true").start();
        dead.waitFor();
        Files.createSymbolicLink(launcher.resolveSibling("target/launcher.lock"), Path.of(String.valueOf(dead.pid())));
        assertThat(run().exitCode()).isEqualTo(7);
    }
}
