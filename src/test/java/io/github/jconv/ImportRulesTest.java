package io.github.jconv;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.GeneralCodingRules.ACCESS_STANDARD_STREAMS;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * Who may import whom. Imports run one way: {@code cli -> check, bench, nn -> root -> cpu, cuda, cudnn -> device, reference ->
 * algorithm -> problem -> tensor}. Backends never import one another, and only the root knows them all.
 */
class ImportRulesTest {

    private static final String ROOT = "io.github.jconv";
    private static final List<String> VALUES = List.of("problem", "tensor");
    private static final List<String> CONTRACT = List.of("algorithm", "problem", "tensor");

    /** Each room with the rooms that it may import; "" is the root. */
    private static final Map<String, List<String>> ROOMS = Map.ofEntries(
            Map.entry("tensor", List.of()),
            Map.entry("problem", List.of("tensor")),
            Map.entry("algorithm", VALUES),
            Map.entry("reference", CONTRACT),
            Map.entry("device", CONTRACT),
            Map.entry("cpu", with(CONTRACT, "reference")),
            Map.entry("cuda", with(CONTRACT, "device", "reference")),
            Map.entry("cudnn", with(CONTRACT, "device", "reference")),
            Map.entry("", with(CONTRACT, "cpu", "cuda", "cudnn", "device", "reference")),
            Map.entry("check", with(CONTRACT, "", "reference")),
            Map.entry("explain", with(CONTRACT, "reference")),
            Map.entry("bench", with(CONTRACT, "", "check", "reference")),
            Map.entry("nn", with(CONTRACT, "")),
            Map.entry("cli", with(CONTRACT, "", "check", "bench", "explain", "nn", "device", "reference")));

    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages(ROOT);

    @TestFactory
    Stream<DynamicTest> roomsImportOnlyWhatTheyMay() {
        return ROOMS.keySet().stream().sorted()
                .map(room -> DynamicTest.dynamicTest(room.isEmpty() ? "(root)" : room, () -> importRule(room).check(CLASSES)));
    }

    @Test
    void everyClassIsInARoom() {
        classes().should().resideInAnyPackage(packagesOf(ROOMS.keySet().stream().toList())).check(CLASSES);
    }

    @Test
    void roomsHaveNoCycles() {
        slices().matching(ROOT + ".(*)..").should().beFreeOfCycles().check(CLASSES);
    }

    @Test
    void theInnerLoopsKnowNothingButThemselves() {
        noClasses().that().resideInAPackage(ROOT + ".cpu.simd..")
                .should().dependOnClassesThat(resideInAPackage(ROOT + "..").and(not(resideInAPackage(ROOT + ".cpu.simd.."))))
                .check(CLASSES);
    }

    @Test
    void jcudaAppearsOnlyInTheDeviceRooms() {
        noClasses().that().resideOutsideOfPackages(packagesOf(List.of("device", "cuda", "cudnn")))
                .should().dependOnClassesThat().resideInAPackage("jcuda..")
                .check(CLASSES);
    }

    @Test
    void theVectorApiAppearsOnlyInSimd() {
        noClasses().that().resideOutsideOfPackage(ROOT + ".cpu.simd..")
                .should().dependOnClassesThat().resideInAPackage("jdk.incubator.vector..")
                .check(CLASSES);
    }

    /** A program that uses the library does not get the libraries of the command. */
    @Test
    void theLibrariesOfTheCommandStayInTheCommand() {
        noClasses().that().resideOutsideOfPackage(ROOT + ".cli..")
                .should().dependOnClassesThat().resideInAnyPackage("picocli..", "me.tongfei..", "ch.qos..")
                .check(CLASSES);
    }

    /** A program that uses the library does not get JUnit; one that asks for the extension has it. */
    @Test
    void junitStaysInItsExtension() {
        noClasses().that().resideOutsideOfPackage(ROOT + ".check.junit..")
                .should().dependOnClassesThat().resideInAPackage("org.junit..")
                .check(CLASSES);
        noClasses().that().resideOutsideOfPackage(ROOT + ".check.junit..")
                .should().dependOnClassesThat().resideInAPackage(ROOT + ".check.junit..")
                .check(CLASSES);
    }

    @Test
    void onlyTheCommandPrints() {
        noClasses().that().resideOutsideOfPackage(ROOT + ".cli..").should(ACCESS_STANDARD_STREAMS).check(CLASSES);
    }

    /** The rules can fail: were the backend forbidden the contract, it would show. */
    @Test
    void aForbiddenImportIsFound() {
        ArchRule tooStrict = noClasses().that().resideInAPackage(ROOT + ".cpu..")
                .should().dependOnClassesThat().resideInAPackage(ROOT + ".algorithm..");
        assertThrows(AssertionError.class, () -> tooStrict.check(CLASSES));
    }

    private static ArchRule importRule(String room) {
        String[] allowed = packagesOf(with(ROOMS.get(room), room));
        return noClasses().that().resideInAPackage(packageOf(room))
                .should().dependOnClassesThat(resideInAPackage(ROOT + "..").and(not(resideInAnyPackage(allowed))))
                .allowEmptyShould(true);
    }

    private static String[] packagesOf(List<String> rooms) {
        return rooms.stream().map(ImportRulesTest::packageOf).toArray(String[]::new);
    }

    /** The root is its own package only; every other room includes the packages inside it. */
    private static String packageOf(String room) {
        return room.isEmpty() ? ROOT : ROOT + "." + room + "..";
    }

    private static List<String> with(List<String> rooms, String... more) {
        return Stream.concat(rooms.stream(), Arrays.stream(more)).toList();
    }
}
