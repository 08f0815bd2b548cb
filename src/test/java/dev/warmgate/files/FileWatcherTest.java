package dev.warmgate.files;

import static org.assertj.core.api.Assertions.assertThat;

import dev.warmgate.files.FileContent.Text;
import dev.warmgate.files.FileContent.Unreadable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class FileWatcherTest {
    private static final Duration INTERVAL = Duration.ofMillis(10);

    @TempDir
    private Path folder;

    private final LinkedBlockingQueue<List<FileContent>> heard = new LinkedBlockingQueue<>();

    private FileWatcher watch(Path... files) {
        var list = List.of(files);
        return FileWatcher.start("test", list, FileWatcher.read(list), INTERVAL, heard::add);
    }

    private List<FileContent> next() throws InterruptedException {
        return heard.poll(30, TimeUnit.SECONDS);
    }

    private Path write(String name, String text) throws IOException {
        return Files.writeString(folder.resolve(name), text);
    }

    @Test
    void aFileWrittenInPlaceIsReported() throws Exception {
        var file = write("a", "one");
        try (var _ = watch(file)) {
            write("a", "two");
            assertThat(next()).containsExactly(new Text("two"));
        }
    }

    @Test
    void aFileReplacedByARenameIsReportedAgainAndAgain() throws Exception {
        var file = write("a", "0");
        try (var _ = watch(file)) {
            for (int i = 1; i <= 3; i++) {
                Files.move(write("new", "" + i), file, StandardCopyOption.ATOMIC_MOVE);
                assertThat(next()).containsExactly(new Text("" + i));
            }
        }
    }

    @Test
    void aChangeThatKeepsLengthAndTimeIsReported() throws Exception {
        var file = write("a", "one");
        var time = FileTime.fromMillis(1_000_000_000_000L);
        Files.setLastModifiedTime(file, time);
        try (var _ = watch(file)) {
            var other = write("new", "two");
            Files.setLastModifiedTime(other, time);
            Files.move(other, file, StandardCopyOption.ATOMIC_MOVE);
            assertThat(next()).containsExactly(new Text("two"));
        }
    }

    /** As Kubernetes mounts a ConfigMap: the file is a link into a link, and only the latter is swapped. */
    @Test
    void aSwappedLinkTwoLevelsAboveIsReported() throws Exception {
        Files.writeString(Files.createDirectory(folder.resolve("..v1")).resolve("gateway.yaml"), "one");
        Files.writeString(Files.createDirectory(folder.resolve("..v2")).resolve("gateway.yaml"), "two");
        var data = Files.createSymbolicLink(folder.resolve("..data"), Path.of("..v1"));
        var file = Files.createSymbolicLink(folder.resolve("gateway.yaml"), Path.of("..data/gateway.yaml"));
        try (var _ = watch(file)) {
            var swapped = Files.createSymbolicLink(folder.resolve("..tmp"), Path.of("..v2"));
            Files.move(swapped, data, StandardCopyOption.ATOMIC_MOVE);
            assertThat(next()).containsExactly(new Text("two"));
        }
    }

    @Test
    void aFileThatVanishesAndComesBackIsReportedTwice() throws Exception {
        var file = write("a", "one");
        try (var _ = watch(file)) {
            Files.delete(file);
            assertThat(next()).containsExactly(new Unreadable("no such file"));
            write("a", "one");
            assertThat(next()).containsExactly(new Text("one"));
        }
    }

    @Test
    void filesThatBelongTogetherAreReportedTogether() throws Exception {
        var certificate = write("crt", "c1");
        var key = write("key", "k1");
        try (var _ = watch(certificate, key)) {
            write("key", "k2");
            assertThat(next()).containsExactly(new Text("c1"), new Text("k2"));
        }
    }

    @Test
    void aFileIsNotTakenWhileItIsWritten() throws Exception {
        var readings = new ConcurrentLinkedQueue<>(List.of("one", "", "tw", "two", "two", "two", "", "one", "one"));
        try (var _ =
                FileWatcher.start("test", () -> reading(readings), List.of(new Text("one")), INTERVAL, heard::add)) {
            assertThat(next()).containsExactly(new Text("two"));
            assertThat(next()).containsExactly(new Text("one"));
        }
    }

    @Test
    void aFileThatNeverSettlesIsTakenAsItIs() throws Exception {
        var count = new AtomicInteger();
        try (var _ = FileWatcher.start(
                "test", () -> List.of(new Text("" + count.incrementAndGet())), List.of(), INTERVAL, heard::add)) {
            assertThat(next()).hasSize(1);
        }
    }

    private static List<FileContent> reading(Queue<String> readings) {
        String text = readings.poll();
        return List.of(new Text(text == null ? "one" : text));
    }

    @Test
    void anUnchangedFileIsNotReported() throws Exception {
        var same = write("same", "x");
        var other = write("other", "1");
        try (var _ = watch(same);
                var _ = FileWatcher.start(
                        "other", List.of(other), List.of(new Text("1")), INTERVAL, c -> heard.add(List.of()))) {
            write("same", "x");
            write("other", "2");
            assertThat(next()).isEmpty(); // of the other, after the same was looked at as often
            assertThat(heard).isEmpty();
        }
    }

    @Test
    void aListenerThatFailsIsToldTheNextChange() throws Exception {
        var file = write("a", "one");
        try (var _ = FileWatcher.start("test", List.of(file), List.of(new Text("one")), INTERVAL, contents -> {
            heard.add(contents);
            if (contents.contains(new Text("bad"))) {
                throw new IllegalStateException("expected by the test");
            }
        })) {
            write("a", "bad");
            assertThat(next()).containsExactly(new Text("bad"));
            write("a", "good");
            assertThat(next()).containsExactly(new Text("good"));
        }
    }

    @Test
    void whatCannotBeReadSaysWhy() throws Exception {
        assertThat(FileContent.read(folder)).isEqualTo(new Unreadable("it is a directory"));
        assertThat(FileContent.read(folder.resolve("none"))).isEqualTo(new Unreadable("no such file"));
        var binary = Files.write(folder.resolve("binary"), new byte[] {(byte) 0xff, 0});
        assertThat(FileContent.read(binary)).isEqualTo(new Unreadable("not UTF-8 text"));
        assertThat(new Text("secret").toString()).doesNotContain("secret");
    }
}
