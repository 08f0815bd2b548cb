package dev.warmgate.app.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * The published table of keys and the JSON Schema say what the parser does. To write them anew after a change:
 * {@code mvn -Dquick test -Dtest=ConfigDocumentsTest -Dwarmgate.docs=apply}.
 */
class ConfigDocumentsTest {
    private static final boolean APPLY = "apply".equals(System.getProperty("warmgate.docs"));
    private static final Path TABLE = Path.of("docs/configuration.md");
    private static final Path SCHEMA = Path.of("docs/warmgate.schema.json");
    private static final Path PRIORITIES = Path.of("docs/priorities.md");
    private static final Path QUOTAS = Path.of("docs/quotas.md");
    private static final Path OBSERVABILITY = Path.of("docs/observability.md");
    private static final Path OPERATIONS = Path.of("docs/operations.md");
    private static final String BEGIN = "<!-- keys: begin -->\n";
    private static final String END = "<!-- keys: end -->\n";

    @Test
    void theTableOfKeysIsThatOfTheCode() throws IOException {
        var table = new StringBuilder("| Key | Type | Default | Meaning |\n|---|---|---|---|\n");
        for (var setting : Settings.ALL) {
            boolean literal = setting.defaultValue() != null;
            table.append("| `%s` | %s | %s | %s |\n"
                    .formatted(
                            setting.path(),
                            setting.type().name(),
                            literal ? "`" + setting.defaultText() + "`" : setting.defaultText(),
                            setting.meaning()));
        }
        String page = Files.readString(TABLE);
        int begin = page.indexOf(BEGIN) + BEGIN.length();
        int end = page.indexOf(END);
        if (APPLY) {
            Files.writeString(TABLE, page.substring(0, begin) + table + page.substring(end));
        } else {
            assertThat(page.substring(begin, end)).isEqualTo(table.toString());
        }
    }

    @Test
    void theSchemaIsThatOfTheCode() throws IOException {
        var placeholder = new TreeMap<String, Object>(Map.of("type", "string", "pattern", "\\$\\{"));
        var schema = new LinkedHashMap<String, Object>();
        schema.put("$schema", "https://json-schema.org/draft/2020-12/schema");
        schema.put("title", "Warmgate configuration");
        schema.putAll(object(""));
        schema.put("required", List.of("pools"));
        schema.put("$defs", Map.of("placeholder", placeholder));
        String expected = JsonMapper.builder()
                        .enable(SerializationFeature.INDENT_OUTPUT)
                        .build()
                        .writeValueAsString(schema)
                + "\n";
        if (APPLY) {
            Files.writeString(SCHEMA, expected);
        } else {
            assertThat(Files.readString(SCHEMA)).isEqualTo(expected);
        }
    }

    @Test
    void theExamplesOfThePagesAreValid() throws Exception {
        var examples = Pattern.compile("```yaml\n(.*?)```", Pattern.DOTALL)
                .matcher(Files.readString(TABLE)
                        + Files.readString(PRIORITIES)
                        + Files.readString(QUOTAS)
                        + Files.readString(OPERATIONS)
                        + Files.readString(OBSERVABILITY))
                .results()
                .map((MatchResult match) -> match.group(1))
                .toList();
        assertThat(examples).hasSizeGreaterThan(2);
        var loader = new ConfigLoader(Map.of(
                "WARMGATE_PROMPT_SECRET",
                "0123456789abcdef",
                "FRAUD_KEY",
                "sk-fraud-0123456789",
                "RESEARCH_KEY",
                "sk-research-0123456789",
                "RESEARCH_KEY_2",
                "sk-research-9876543210",
                "RECEIVER_TOKEN",
                "token-0123456789"));
        for (String example : examples) {
            assertThat(loader.parse("example", withToken(example), Overrides.NONE)
                            .pools())
                    .isNotEmpty();
        }
    }

    /** A file of the examples that is not on this machine. */
    private static String withToken(String example) {
        return example.replaceFirst("adminTokenFile: [^ ]+", "adminToken: token-0123456789");
    }

    private static Map<String, Object> object(String path) {
        var properties = new LinkedHashMap<String, Object>();
        var required = new ArrayList<String>();
        for (String key : Settings.keysBelow(path)) {
            String below = path.isEmpty() ? key : path + "." + key;
            properties.put(key, node(below));
            if (Settings.ALL.stream()
                    .anyMatch(s -> s.path().equals(below) && s.defaultText().equals(Setting.REQUIRED))) {
                required.add(key);
            }
        }
        var object = new LinkedHashMap<String, Object>();
        object.put("type", "object");
        if (properties.containsKey(Settings.ANY)) {
            object.put("additionalProperties", properties.get(Settings.ANY));
            return object;
        }
        object.put("additionalProperties", false);
        object.put("properties", properties);
        if (!required.isEmpty()) {
            object.put("required", required);
        }
        return object;
    }

    private static Map<String, Object> node(String path) {
        for (var setting : Settings.ALL) {
            if (setting.path().equals(path)) {
                return scalar(setting);
            }
        }
        if (Settings.ALL.stream().noneMatch(setting -> setting.path().startsWith(path + "[]"))) {
            return object(path);
        }
        var list = new LinkedHashMap<String, Object>();
        list.put("type", "array");
        if (path.equals("pools[].endpoints")) {
            var url = scalar(Settings.URL);
            list.put("items", Map.of("anyOf", List.of(url, object(path + "[]"))));
        } else if (path.equals("pools")) {
            list.put("items", oneOf(object(path + "[]"), "endpoints", "discovery"));
        } else {
            list.put("items", node(path + "[]"));
        }
        if (path.equals("pools")) {
            list.put("minItems", 1);
        }
        return list;
    }

    private static Map<String, Object> oneOf(Map<String, Object> object, String... keys) {
        object.put(
                "anyOf",
                Stream.of(keys).map(key -> Map.of("required", List.of(key))).toList());
        return object;
    }

    /** What the environment fills in is not known here, so a placeholder is allowed anywhere. */
    private static Map<String, Object> scalar(Setting<?> setting) {
        var result = new LinkedHashMap<String, Object>();
        result.put("description", setting.meaning().replace("`", ""));
        if (setting.defaultValue() != null) {
            boolean literal = (setting.defaultValue() instanceof Number || setting.defaultValue() instanceof Boolean)
                    && !setting.type().schema().containsKey("pattern");
            result.put("default", literal ? setting.defaultValue() : setting.defaultText());
        }
        var kinds = new ArrayList<Map<String, Object>>();
        kinds.add(new TreeMap<>(setting.type().schema()));
        kinds.add(Map.of("$ref", "#/$defs/placeholder"));
        result.put("anyOf", kinds);
        return result;
    }
}
