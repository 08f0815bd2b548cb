package dev.warmgate.app.config;

import dev.warmgate.app.epp.EndpointPickerConfig;
import dev.warmgate.app.epp.EndpointPickerConfigs;
import dev.warmgate.app.epp.EndpointPickerConfigs.Result;
import dev.warmgate.router.admission.AdmissionSettings;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Reads the files that policies name as {@code epp:FILE}, and what these say about waiting. Used once; confined to one thread. */
final class PickerFiles {
    private final Problems problems;

    /** The first file that says how requests wait. */
    private @Nullable EndpointPickerConfig waiting;

    PickerFiles(Problems problems) {
        this.problems = problems;
    }

    /** Returns what the file of a pool's policy says; null if the policy has a name, or if the file is wrong. */
    @Nullable
    EndpointPickerConfig read(Section pool, String policy) {
        String file = PoolConfig.pickerFile(policy);
        var path = file == null ? null : path(pool, file);
        if (path == null) {
            return null;
        }
        return switch (EndpointPickerConfigs.read(path)) {
            case Result.Bad(var lines) -> {
                lines.forEach(line -> problem(pool, line));
                yield null;
            }
            case Result.Good(var config) -> {
                compare(pool, config);
                yield config;
            }
        };
    }

    private void compare(Section pool, EndpointPickerConfig config) {
        var first = waiting;
        if (config.admission() == null) {
            return;
        }
        if (first == null) {
            waiting = config;
        } else if (!config.admission().equals(first.admission())) {
            problem(
                    pool,
                    config.file() + ": its flowControl says another than that of " + first.file()
                            + " (expected: the same in all files, as admission is one for all pools)");
        }
    }

    private static @Nullable AdmissionSettings admission(@Nullable EndpointPickerConfig config) {
        return config == null ? null : config.admission();
    }

    private void problem(Section pool, String message) {
        problems.add(pool.origin(Settings.POLICY), pool.path(Settings.POLICY), message);
    }

    /** A relative path begins at the folder of the configuration file. */
    private @Nullable Path path(Section pool, String file) {
        try {
            return pool.origin(Settings.POLICY) instanceof Origin.Line(String config, int _)
                    ? Path.of(config).resolveSibling(file)
                    : Path.of(file);
        } catch (InvalidPathException e) {
            problem(pool, Section.quote(file) + " (expected: epp: and the path of a file)");
            return null;
        }
    }

    /** Returns what the files say about waiting, or else what the section {@code admission} says; not both. */
    AdmissionSettings admission(Section section) {
        var configured = new AdmissionParser(problems).parse(section);
        var said = admission(waiting);
        if (waiting == null || said == null) {
            return configured;
        }
        if (section.written()) {
            problems.add(
                    section.origin(),
                    section.path(),
                    "is also said by flowControl in " + waiting.file() + " (expected: one of both)");
        }
        return said;
    }
}
