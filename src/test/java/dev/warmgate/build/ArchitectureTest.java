package dev.warmgate.build;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** Dependencies between rooms point inward, as docs/architecture.md draws them. */
class ArchitectureTest {
    private static final String ROOT = "dev.warmgate.";

    /** Each room and the rooms it may use, besides itself. */
    private static final Map<String, Set<String>> MAY_USE = Map.ofEntries(
            Map.entry("files", Set.of()),
            Map.entry("router", Set.of()),
            Map.entry("dialect", Set.of("router")),
            Map.entry("engine", Set.of("router", "files")),
            Map.entry("identity", Set.of("router")),
            Map.entry("door", Set.of("router", "dialect", "files")),
            Map.entry("proxy", Set.of("router", "dialect", "engine", "door")),
            Map.entry("picker", Set.of("router", "dialect", "door")),
            Map.entry("telemetry", Set.of("router")),
            Map.entry("console", Set.of("router", "telemetry")),
            Map.entry("twin", Set.of("router", "dialect")),
            Map.entry(
                    "app",
                    Set.of(
                            "router",
                            "dialect",
                            "engine",
                            "identity",
                            "door",
                            "proxy",
                            "picker",
                            "telemetry",
                            "console",
                            "twin",
                            "files")));

    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("dev.warmgate");

    @Test
    void everyClassLivesInAKnownRoom() {
        var rooms = new TreeSet<String>();
        CLASSES.forEach(c -> rooms.add(room(c)));
        assertThat(rooms).isSubsetOf(MAY_USE.keySet());
    }

    @Test
    void roomsUseOnlyTheRoomsBelowThem() {
        MAY_USE.forEach((room, allowed) -> noClasses()
                .that()
                .resideInAPackage(ROOT + room + "..")
                .should()
                .dependOnClassesThat(new DescribedPredicate<>("live in a room that " + room + " may not use") {
                    @Override
                    public boolean test(JavaClass other) {
                        return other.getPackageName().startsWith(ROOT)
                                && !room(other).equals(room)
                                && !allowed.contains(room(other));
                    }
                })
                .allowEmptyShould(true)
                .check(CLASSES));
    }

    @Test
    void roomsHaveNoCycles() {
        slices().matching("dev.warmgate.(*)..").should().beFreeOfCycles().check(CLASSES);
    }

    @Test
    void theRouterDoesNotKnowItsPolicies() {
        noClasses()
                .that()
                .resideInAnyPackage(ROOT + "router", ROOT + "router.prefix")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(ROOT + "router.policy", ROOT + "router.profile")
                .check(CLASSES);
    }

    @Test
    void theRouterKnowsOnlyTheJdk() {
        noClasses()
                .that()
                .resideInAPackage(ROOT + "router..")
                .should()
                .dependOnClassesThat()
                .resideOutsideOfPackages(ROOT + "router..", "java..", "org.jspecify..")
                .check(CLASSES);
    }

    @Test
    void theRouterDoesNoInputOrOutput() {
        noClasses()
                .that()
                .resideInAPackage(ROOT + "router..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("java.io..", "java.nio.channels..", "java.nio.file..", "java.net.http..")
                .check(CLASSES);
    }

    @Test
    void onlyDoorsAndTwinKnowNetty() {
        noClasses()
                .that()
                .resideInAnyPackage(
                        ROOT + "router..",
                        ROOT + "dialect..",
                        ROOT + "engine..",
                        ROOT + "identity..",
                        ROOT + "telemetry..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("io.netty..")
                .check(CLASSES);
    }

    private static String room(JavaClass javaClass) {
        String inside = javaClass.getPackageName().substring(ROOT.length());
        int dot = inside.indexOf('.');
        return dot < 0 ? inside : inside.substring(0, dot);
    }
}
