package dev.warmgate.engine.discovery;

import dev.warmgate.files.FileContent;
import dev.warmgate.files.FileWatcher;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Function;

/** Reads a file of endpoints, and again when it changes. */
final class FileLooker implements EndpointSource.Looker {
    private final SourceSpec.OfFile spec;
    private final Function<String, Reading> parser;

    FileLooker(SourceSpec.OfFile spec, Function<String, Reading> parser) {
        this.spec = spec;
        this.parser = parser;
    }

    @Override
    public void run(EndpointSource.Readings readings) throws InterruptedException {
        var changes = new LinkedBlockingQueue<FileContent>();
        var first = FileContent.read(spec.file());
        try (var _ = FileWatcher.start(
                spec.name(),
                List.of(spec.file()),
                List.of(first),
                spec.interval(),
                contents -> changes.add(contents.getFirst()))) {
            readings.accept(read(first));
            while (true) {
                readings.accept(read(changes.take()));
            }
        }
    }

    private Reading read(FileContent content) {
        return switch (content) {
            case FileContent.Text(var text) -> parser.apply(text);
            case FileContent.Unreadable(var reason) -> new Reading.Failed("cannot be read: " + reason);
        };
    }
}
