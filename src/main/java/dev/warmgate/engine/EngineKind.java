package dev.warmgate.engine;

import java.util.Locale;

/** The model-server software behind an endpoint. */
public enum EngineKind {
    VLLM("vllm"),
    SGLANG("sglang"),
    LLAMA_CPP("llama.cpp"),
    /** Not said, or none of these: recognised by its answers where they are those of a known engine. */
    OTHER("other");

    private final String label;

    EngineKind(String label) {
        this.label = label;
    }

    /** Returns the name in configuration, metrics and logs. */
    public String label() {
        return label;
    }

    /**
     * Returns the engine of a name in configuration, in any case; {@code auto} means {@link #OTHER}.
     *
     * @throws IllegalArgumentException for an unknown name
     */
    public static EngineKind parse(String name) {
        return switch (name.toLowerCase(Locale.ROOT)) {
            case "vllm" -> VLLM;
            case "sglang" -> SGLANG;
            case "llama.cpp" -> LLAMA_CPP;
            case "other", "auto" -> OTHER;
            default ->
                throw new IllegalArgumentException(
                        "engine: " + name + " (expected: vllm, sglang, llama.cpp, other or auto)");
        };
    }
}
