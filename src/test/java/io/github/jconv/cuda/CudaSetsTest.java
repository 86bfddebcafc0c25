package io.github.jconv.cuda;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.jconv.check.CrossCheck;
import io.github.jconv.check.report.CheckReport;
import io.github.jconv.check.report.Tier;
import io.github.jconv.problem.ConvProblem;
import io.github.jconv.problem.ProblemEntry;
import io.github.jconv.problem.ProblemFile;
import io.github.jconv.problem.ProblemReduction;
import io.github.jconv.problem.ProblemSuites;
import io.github.jconv.testing.EmulatedDevice;
import io.github.jconv.testing.SharedMaterial;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The bundled suites and problems of benchdnn over every algorithm of the CUDA backend: geometry whole, with as few images and channels
 * as make it small. What is still large then, some volumes and upsampled pictures, is left out; of benchdnn's two thousand convolutions
 * every seventh is taken.
 */
class CudaSetsTest {

    private static final long SMALL_MACS = 40_000;
    private static final long MOST_MACS = 500_000;

    private static CudaBackend backend;

    @BeforeAll
    static void open() {
        backend = new CudaBackend(EmulatedDevice.open());
    }

    @AfterAll
    static void close() {
        backend.close();
    }

    @TestFactory
    Stream<DynamicTest> bundledSuitesAgree() {
        return ProblemSuites.all().stream().map(suite -> DynamicTest.dynamicTest(suite.name(), () ->
                assertAgrees(suite.name(), reduced(suite.problems().stream()), Tier.EXACT, Tier.REAL)));
    }

    @ParameterizedTest
    @CsvSource({"conv, false, 7", "deconv, true, 1"})
    void benchdnnAgrees(String folder, boolean transposed, int every) throws IOException {
        List<ProblemEntry> entries = new ArrayList<>();
        try (Stream<Path> files = Files.list(SharedMaterial.path("cases/benchdnn/" + folder))) {
            for (Path file : files.sorted().toList()) {
                entries.addAll(ProblemFile.read(file, transposed));
            }
        }
        List<ConvProblem> small = reduced(entries.stream().map(ProblemEntry::problem));
        List<ConvProblem> chosen = IntStream.range(0, small.size()).filter(i -> i % every == 0).mapToObj(small::get).toList();
        assertTrue(chosen.size() >= 30, () -> chosen.size() + " of " + small.size());
        assertAgrees("benchdnn " + folder, chosen, Tier.EXACT);
    }

    private static List<ConvProblem> reduced(Stream<ConvProblem> problems) {
        return problems.map(problem -> ProblemReduction.until(smaller -> smaller.macs() <= SMALL_MACS, problem)).distinct()
                .filter(problem -> problem.macs() <= MOST_MACS).toList();
    }

    private static void assertAgrees(String name, List<ConvProblem> problems, Tier first, Tier... more) {
        CheckReport report = CrossCheck.ofBackends(backend).on(name, problems).tiers(first, more).shrink(false).run();
        assertTrue(report.checks() > 0, name);
        assertTrue(report.agrees(), () -> report.mismatches().get(0).toString());
    }
}
