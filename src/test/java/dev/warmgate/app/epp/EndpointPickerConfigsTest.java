package dev.warmgate.app.epp;

import static org.assertj.core.api.Assertions.assertThat;

import dev.warmgate.app.epp.EndpointPickerConfig.Row;
import dev.warmgate.app.epp.EndpointPickerConfigs.Result;
import dev.warmgate.router.profile.ApproximatePrefix;
import dev.warmgate.router.profile.Filter;
import dev.warmgate.router.profile.InFlightLoad;
import dev.warmgate.router.profile.Picker;
import dev.warmgate.router.profile.ProfileHandler;
import dev.warmgate.router.profile.SchedulingProfile;
import dev.warmgate.router.profile.Scorer;
import dev.warmgate.router.profile.SessionAffinity;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whole files: those of the ecosystem become chains, or are refused with what there is instead. */
class EndpointPickerConfigsTest {
    private static final Scorer.Weighted QUEUE = new Scorer.Weighted("queue-scorer", new Scorer.Queue(), 1);

    private static Scorer.Weighted scorer(String name, Scorer scorer, double weight) {
        return new Scorer.Weighted(name, scorer, weight);
    }

    @Test
    void theReferencesOwnDefault() {
        var chain = Epp.whole(Epp.sample("default")).chain();
        assertThat(chain.name()).isEqualTo("epp:epp.yaml");
        assertThat(chain.handler()).isEqualTo(new ProfileHandler.Single());
        assertThat(chain.prefix()).isEqualTo(ApproximatePrefix.DEFAULT);
        assertThat(chain.load()).isEqualTo(InFlightLoad.DEFAULT);
        assertThat(chain.profiles())
                .containsExactly(new SchedulingProfile(
                        "default",
                        List.of(),
                        List.of(
                                scorer("queue-scorer", new Scorer.Queue(), 2),
                                scorer("kv-cache-utilization-scorer", new Scorer.KvCacheUtilization(), 2),
                                scorer("prefix-cache-scorer", Scorer.PrefixCache.DEFAULT, 3)),
                        Picker.MAX_SCORE));
    }

    @Test
    void whatTheReferenceAddsToItsDefaultIsAdded() {
        assertThat(Epp.whole(Epp.sample("default")).plugins().stream()
                        .filter(row -> !row.written())
                        .map(Row::name))
                .containsExactly(
                        "single-profile-handler",
                        "max-score-picker",
                        "fcfs-ordering-policy",
                        "global-strict-fairness-policy",
                        "static-usage-limit-policy",
                        "openai-parser",
                        "anthropic-parser",
                        "vllmhttp-parser",
                        "passthrough-parser",
                        "utilization-detector",
                        "approx-prefix-cache-producer",
                        "token-producer");
    }

    @Test
    void aStickyFilterAndTokenLoad() {
        var chain = Epp.whole(Epp.sample("sticky")).chain();
        assertThat(chain.prefix()).isEqualTo(new ApproximatePrefix(16, 2048, 40_960));
        assertThat(chain.profiles().getFirst().filters())
                .containsExactly(new Filter.Named("prefix-cache-affinity-filter", Filter.PrefixAffinity.DEFAULT));
        assertThat(chain.profiles().getFirst().scorers())
                .containsExactly(scorer("token-load-scorer", Scorer.TokenLoad.DEFAULT, 1));
    }

    @Test
    void aProfileForEachStageThatACoordinatorAsksFor() {
        var chain = Epp.whole(Epp.sample("coordinator")).chain();
        assertThat(chain.handler()).isEqualTo(ProfileHandler.ByHeader.DEFAULT);
        assertThat(chain.profiles()).extracting(SchedulingProfile::name).containsExactly("encode", "prefill", "decode");
        assertThat(chain.profiles().get(1).filters())
                .containsExactly(new Filter.Named("prefill-filter", Filter.Stage.PREFILL));
        assertThat(chain.prefix()).isNull();
    }

    @Test
    void withoutProfilesThereIsOneOfEverythingThatIsThere() {
        var chain = Epp.whole(Epp.sample("payload-agnostic")).chain();
        assertThat(chain.profiles())
                .containsExactly(new SchedulingProfile(
                        "default",
                        List.of(),
                        List.of(
                                scorer("active-request-scorer", Scorer.ActiveRequests.DEFAULT, 1),
                                scorer(
                                        "session-affinity-scorer",
                                        new SessionAffinity(SessionAffinity.EncodedEndpointHeader.DEFAULT, ""),
                                        1)),
                        Picker.MAX_SCORE));
    }

    @Test
    void whatIsNotSupportedIsRefusedWithWhatThereIsInstead() {
        assertThat(Epp.wrong(Epp.sample("prefill-decode")))
                .hasSize(2)
                .allMatch(
                        line -> line.contains("\" is not supported (nearest: single-profile-handler: prefill and decode"
                                + " are not split here yet"));
        assertThat(Epp.wrong(Epp.sample("precise-prefix")))
                .containsExactly("epp.yaml:10: plugins[2].type: \"precise-prefix-cache-producer\" is not supported"
                        + " (nearest: pools[].policy: warm, or approx-prefix-cache-producer: what an endpoint holds is"
                        + " known from what was sent there; events of KV caches are not read yet)");
        assertThat(Epp.wrong(Epp.sample("slo-aware")))
                .hasSize(6)
                .allMatch(line -> line.contains("pools[].policy: warm"))
                .first()
                .asString()
                .startsWith("epp.yaml:5: plugins[0].type: \"predicted-latency-producer\" is not supported");
        assertThat(Epp.wrong(Epp.sample("bare-metal")))
                .containsExactly(
                        "epp.yaml:5: plugins[0].type: \"file-discovery\" is not supported (nearest: --endpoints-file or"
                                + " pools[].discovery.file, which read the same file)",
                        "epp.yaml:8: dataLayer.discovery: not supported (expected: nothing; endpoints come from"
                                + " --endpoints-file, pools[].endpoints or pools[].discovery)");
    }

    @Test
    void jsonMeansTheSame() {
        var yaml = Epp.good("""
                plugins:
                  - {type: queue-scorer}
                  - {name: sticky, type: prefix-cache-scorer, parameters: {matchLengthWeight: 0.5}}
                schedulingProfiles:
                  - {name: only, plugins: [{pluginRef: sticky, weight: 2.5}, {pluginRef: queue-scorer}]}
                """);
        var json = Epp.whole("""
                {"apiVersion": "llm-d.ai/v1alpha1", "kind": "EndpointPickerConfig",
                 "plugins": [{"type": "queue-scorer"},
                \t{"name": "sticky", "type": "prefix-cache-scorer", "parameters": {"matchLengthWeight": 0.5}}],
                 "schedulingProfiles": [{"name": "only", "plugins": [
                   {"pluginRef": "sticky", "weight": 2.5}, {"pluginRef": "queue-scorer"}]}]}
                """);
        assertThat(json).isEqualTo(yaml);
        assertThat(json.chain().profiles().getFirst().scorers())
                .containsExactly(scorer("sticky", new Scorer.PrefixCache(0.5, 8192), 2.5), QUEUE);
    }

    @Test
    void allVersionsOfTheFormatAreRead() {
        for (String version : List.of("llm-d.ai/v1alpha1", "llm-d.ai/v1", "inference.networking.x-k8s.io/v1alpha1")) {
            assertThat(Epp.whole("apiVersion: " + version
                                    + "\nkind: EndpointPickerConfig\nplugins: [{type: queue-scorer}]\n")
                            .chain()
                            .profiles())
                    .hasSize(1);
        }
    }

    @Test
    void aFileWithoutPluginsPicksAny() {
        var profile = Epp.good("").chain().profiles().getFirst();
        assertThat(profile.filters()).isEmpty();
        assertThat(profile.scorers()).isEmpty();
        assertThat(profile.picker()).isEqualTo(Picker.MAX_SCORE);
    }

    @Test
    void aFileIsReadFromItsFolder(@TempDir Path folder) throws Exception {
        var file = Files.writeString(folder.resolve("chain.yaml"), Epp.sample("default"));
        assertThat(EndpointPickerConfigs.read(file)).isInstanceOfSatisfying(Result.Good.class, good -> {
            assertThat(good.config().chain().name()).isEqualTo("epp:chain.yaml");
            assertThat(good.config().file()).isEqualTo(file.toString());
        });
        var missing = folder.resolve("missing.yaml");
        assertThat(EndpointPickerConfigs.read(missing))
                .isEqualTo(new Result.Bad(List.of(missing + ": cannot be read: no such file")));
    }

    @Test
    void everySampleIsReadOrRefusedWithLines() {
        for (String name : List.of(
                "default",
                "prefill-decode",
                "precise-prefix",
                "flow-control",
                "slo-aware",
                "coordinator",
                "payload-agnostic",
                "bare-metal",
                "sticky")) {
            switch (EndpointPickerConfigs.parse("epp.yaml", Epp.sample(name))) {
                case Result.Good(var config) -> assertThat(config.explanation()).isNotEmpty();
                case Result.Bad(var problems) ->
                    assertThat(problems).allMatch(line -> line.matches("epp\\.yaml:[0-9]+: .+"));
            }
        }
    }
}
