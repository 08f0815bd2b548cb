package dev.warmgate.benchmarks.rig;

import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A proxy to compare: where its program is, and how it is started as what it would be in front of model servers. */
enum Arm {
    NGINX("nginx", "nginx -v"),
    HAPROXY("haproxy", "haproxy -v"),
    ENVOY("envoy", "envoy --version"),
    WARMGATE("warmgate", "./warmgate version"),
    VLLM_ROUTER("vllm-router", "pip show vllm-router"),
    VLLM_ROUTER_ROUND_ROBIN("vllm-router-round-robin", "pip show vllm-router"),
    SGLANG_ROUTER("sglang-router", "pip show sglang-router"),

    /** Another checkout of Warmgate, or the same one with other options of the JVM; only if asked for. */
    VARIANT("variant", variant() + "/warmgate version");

    private static final Pattern VERSION = Pattern.compile("\\d+\\.\\d+(\\.\\d+)?[-\\w]*");

    /** Where {@code benchmarks/rig/install} puts what comes from PyPI. */
    private static final Path PYTHON = Path.of(
            System.getenv()
                    .getOrDefault("WARMGATE_ROUTERS", System.getProperty("user.home") + "/.cache/warmgate/routers"),
            "bin");

    /** Debian keeps servers where an ordinary user's PATH does not lead. */
    private static final List<Path> FOLDERS = Stream.concat(
                    Stream.of(PYTHON),
                    Arrays.stream((System.getenv("PATH") + ":/usr/sbin:/usr/local/sbin").split(":", -1))
                            .map(Path::of))
            .toList();

    private final String label;
    private final String versionCommand;

    Arm(String label, String versionCommand) {
        this.label = label;
        this.versionCommand = versionCommand;
    }

    String label() {
        return label;
    }

    static Optional<Arm> of(String label) {
        return Arrays.stream(values()).filter(arm -> arm.label.equals(label)).findFirst();
    }

    private static String variant() {
        return System.getenv().getOrDefault("RIG_VARIANT", ".");
    }

    /** Returns the options of the JVM that an arm gets besides its own. */
    private Map<String, String> environment() {
        return this == VARIANT
                ? Map.of("WARMGATE_JAVA_OPTIONS", System.getenv().getOrDefault("RIG_VARIANT_OPTIONS", ""))
                : Map.of();
    }

    /** Returns those that are compared if nothing else is said. */
    static List<Arm> usual() {
        return Arrays.stream(values()).filter(arm -> arm != VARIANT).toList();
    }

    /** Returns whether its code is compiled while it runs. */
    boolean warmsUp() {
        return this == WARMGATE || this == VARIANT;
    }

    /** Returns the version of what is installed, or nothing if it is not. */
    Optional<String> version() throws IOException, InterruptedException {
        var words = new ArrayList<>(List.of(versionCommand.split(" ")));
        var program = find(words.getFirst());
        if (program.isEmpty()) {
            return Optional.empty();
        }
        words.set(0, program.get());
        var process = new ProcessBuilder(words).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes());
        var version = VERSION.matcher(output);
        return process.waitFor() == 0 && version.find() ? Optional.of(version.group()) : Optional.empty();
    }

    /** Starts it in front of the engines; {@code work} gets its files. */
    Server start(List<Integer> engines, int port, String cores, Path work) throws IOException, InterruptedException {
        return start(engines, port, freePort(), cores, work);
    }

    /** The same, with a port for the administrator where there is one. */
    Server start(List<Integer> engines, int port, int admin, String cores, Path work)
            throws IOException, InterruptedException {
        var folder = Files.createDirectories(work.resolve(label));
        var urls = engines.stream().map(engine -> "http://127.0.0.1:" + engine).toList();
        return Server.start(
                command(engines, urls, port, admin, folder), environment(), cores, port, folder.resolve("log"));
    }

    private List<String> command(List<Integer> engines, List<String> urls, int port, int admin, Path folder)
            throws IOException {
        return switch (this) {
            case NGINX ->
                List.of(
                        program("nginx"),
                        "-p",
                        folder.toString(),
                        "-c",
                        fill("nginx.conf", folder, port, engines, engine -> "server 127.0.0.1:" + engine + ";", "\n"));
            case HAPROXY ->
                List.of(
                        program("haproxy"),
                        "-db",
                        "-f",
                        fill(
                                "haproxy.cfg",
                                folder,
                                port,
                                engines,
                                engine -> "server e" + engine + " 127.0.0.1:" + engine,
                                "\n  "));
            case ENVOY ->
                List.of(
                        program("envoy"),
                        "--concurrency",
                        "1",
                        "--use-dynamic-base-id",
                        "--log-level",
                        "warning",
                        "-c",
                        fill(
                                "envoy.yaml",
                                folder,
                                port,
                                engines,
                                engine -> "{ endpoint: { address: { socket_address: { address: 127.0.0.1, port_value: "
                                        + engine + " } } } }",
                                ", "));
            case WARMGATE, VARIANT -> {
                String folderOf = this == VARIANT ? variant() : ".";
                var command = new ArrayList<>(List.of(program(folderOf + "/warmgate"), "serve"));
                command.addAll(List.of("--listen", "127.0.0.1:" + port, "--admin", "127.0.0.1:" + admin));
                urls.forEach(url -> command.addAll(List.of("--endpoint", url)));
                yield command;
            }
            case VLLM_ROUTER -> python("vllm-router", List.of(), "cache_aware", urls, port);
            case VLLM_ROUTER_ROUND_ROBIN -> python("vllm-router", List.of(), "round_robin", urls, port);
            case SGLANG_ROUTER -> python("sglang-router", List.of("launch"), "cache_aware", urls, port);
        };
    }

    private static List<String> python(String name, List<String> first, String policy, List<String> urls, int port)
            throws IOException {
        var command = new ArrayList<>(List.of(program(name)));
        command.addAll(first);
        command.addAll(List.of("--host", "127.0.0.1", "--port", Integer.toString(port), "--policy", policy));
        command.addAll(List.of("--log-level", "error", "--prometheus-port", Integer.toString(freePort())));
        command.addAll(List.of("--max-concurrent-requests", "4096"));
        command.add("--worker-urls");
        command.addAll(urls);
        return command;
    }

    /** Fills a configuration in and returns where it is. */
    private static String fill(
            String name,
            Path folder,
            int port,
            List<Integer> engines,
            Function<Integer, String> endpoint,
            String separator)
            throws IOException {
        String text = Files.readString(Path.of("benchmarks/rig", name))
                .replace("@WORK@", folder.toString())
                .replace("@PORT@", Integer.toString(port))
                .replace("@ENDPOINTS@", engines.stream().map(endpoint).collect(Collectors.joining(separator)));
        return Files.writeString(folder.resolve(name), text).toString();
    }

    private static String program(String name) {
        return find(name).orElseThrow(() -> new IllegalStateException(name + " is not installed"));
    }

    private static Optional<String> find(String name) {
        if (name.contains("/")) {
            return Optional.of(name);
        }
        return FOLDERS.stream()
                .map(folder -> folder.resolve(name))
                .filter(Files::isExecutable)
                .map(Path::toString)
                .findFirst();
    }

    static int freePort() throws IOException {
        try (var socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }
}
