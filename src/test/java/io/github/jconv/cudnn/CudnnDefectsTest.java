package io.github.jconv.cudnn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.jconv.Backends;
import io.github.jconv.ConvEngine;
import io.github.jconv.algorithm.Backend;
import io.github.jconv.algorithm.WriteMode;
import io.github.jconv.check.BackendSubject;
import io.github.jconv.check.ConvolutionUnderTest;
import io.github.jconv.check.CrossCheck;
import io.github.jconv.check.EngineSubject;
import io.github.jconv.check.report.CheckReport;
import io.github.jconv.check.report.Mismatch;
import io.github.jconv.check.report.Tier;
import io.github.jconv.cuda.CudaBackend;
import io.github.jconv.device.DeviceOptions;
import io.github.jconv.device.MathMode;
import io.github.jconv.problem.ConvOperation;
import io.github.jconv.problem.ConvProblem;
import io.github.jconv.tensor.HostTensor;
import io.github.jconv.testing.EmulatedCudnn;
import io.github.jconv.testing.EmulatedDevice;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The harness convicts a cuDNN that has one of the mistakes that were reported of it in public, and nobody else: neither our kernels
 * nor the CPU, which compute the same.
 */
class CudnnDefectsTest {

    private static final List<ConvProblem> PROBLEMS = Stream.of("n2c6h7w9k4r3s2_ph1pw1_g2", "n2c3h6w8k5r3s3_ph1pw1")
            .map(ConvProblem::parse).toList();

    private static Backend cpu;
    private static CudaBackend cuda;
    private static CudnnBackend cudnn;

    @BeforeAll
    static void open() {
        EmulatedDevice.build();
        cpu = Backends.open("cpu", 1);
        cuda = new CudaBackend(EmulatedDevice.open());
        cudnn = EmulatedCudnn.open();
    }

    @AfterEach
    void mend() {
        EmulatedDevice.command("cudnn-defect none");
    }

    @AfterAll
    static void close() {
        if (cpu != null) {
            cudnn.close();
            cuda.close();
            cpu.close();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"end-padding", "group-offset", "zeros-past 30", "uninitialised", "varying"})
    void theGuiltyIsNamed(String defect) {
        EmulatedDevice.command("cudnn-defect " + defect);
        CheckReport report = check(CrossCheck.ofBackends(cpu, cuda, cudnn));
        assertFalse(report.agrees());
        for (Mismatch mismatch : report.mismatches()) {
            assertTrue(mismatch.outside().stream().allMatch(name -> name.startsWith("cudnn:")), mismatch::verdict);
        }
        assertTrue(report.mismatches().stream().anyMatch(m -> m.inside().stream().anyMatch(name -> name.startsWith("cpu:"))
                && m.inside().stream().anyMatch(name -> name.startsWith("cuda:"))), "no verdict names who is right");
    }

    /** One wrong algorithm among several of the same library. */
    @ParameterizedTest
    @ValueSource(strings = {"IMPLICIT_PRECOMP_GEMM", "WINOGRAD", "ALGO_1", "FFT_TILING"})
    void theGuiltyAlgorithmIsNamed(String algorithm) {
        EmulatedDevice.command("cudnn-defect end-padding " + algorithm);
        Set<String> convicted = convicted(check(CrossCheck.ofBackends(cpu, cudnn)));
        assertEquals(Set.of("cudnn:" + algorithm), convicted);
    }

    /** Its output is not the memory in which another algorithm has left the right result just before. */
    @Test
    void whatIsNotWrittenIsSeenAfterARightResult() {
        EmulatedDevice.command("cudnn-defect uninitialised IMPLICIT_GEMM");
        CheckReport report = CrossCheck.of(BackendSubject.allNamed(cudnn, List.of("GEMM", "IMPLICIT_GEMM")))
                .on(PROBLEMS.get(1)).operations(ConvOperation.FORWARD).tiers(Tier.EXACT).shrink(false).run();
        assertEquals(Set.of("cudnn:IMPLICIT_GEMM"), convicted(report));
        assertTrue(report.mismatches().stream().anyMatch(m -> m.check().equals("overwrite")), () -> report.mismatches().toString());
    }

    /** An engine that has just had the right result: what it does not write next is not taken from there. */
    private record AfterARightRun(EngineSubject engine) implements ConvolutionUnderTest {

        @Override
        public void forward(ConvProblem problem, HostTensor x, HostTensor w, HostTensor y, WriteMode mode) {
            run(problem, ConvOperation.FORWARD, x, w, y, mode);
        }

        @Override
        public void backwardData(ConvProblem problem, HostTensor dy, HostTensor w, HostTensor dx, WriteMode mode) {
            run(problem, ConvOperation.BACKWARD_DATA, dx, w, dy, mode);
        }

        @Override
        public void backwardFilter(ConvProblem problem, HostTensor x, HostTensor dy, HostTensor dw, WriteMode mode) {
            run(problem, ConvOperation.BACKWARD_FILTER, x, dw, dy, mode);
        }

        @Override
        public void run(ConvProblem problem, ConvOperation operation, HostTensor x, HostTensor w, HostTensor y, WriteMode mode) {
            EmulatedDevice.command("cudnn-defect none");
            engine.run(problem, operation, operation == ConvOperation.BACKWARD_DATA ? x.copy() : x,
                    operation == ConvOperation.BACKWARD_FILTER ? w.copy() : w, operation == ConvOperation.FORWARD ? y.copy() : y, mode);
            EmulatedDevice.command("cudnn-defect uninitialised");
            engine.run(problem, operation, x, w, y, mode);
        }
    }

    @Test
    void whatAnEngineDoesNotWriteIsSeenAfterARightResult() {
        try (ConvEngine engine = ConvEngine.builder().device(EmulatedDevice.request()).backend("cudnn").open()) {
            for (ConvOperation operation : ConvOperation.values()) {
                CheckReport report = CrossCheck.of(new AfterARightRun(new EngineSubject("engine", engine))).on(PROBLEMS.get(1))
                        .operations(operation).tiers(Tier.EXACT).shrink(false).run();
                assertTrue(report.mismatches().stream().anyMatch(mismatch -> mismatch.check().equals("overwrite")
                        && mismatch.finding().matches("left 1 of \\d+ output elements unwritten.*")), () -> report.mismatches().toString());
            }
        }
    }

    /** Only two runs tell: each of them is right. */
    @Test
    void whatVariesIsConvictedByTwoRunsAlone() {
        EmulatedDevice.command("cudnn-defect varying ALGO_1");
        CheckReport report = check(CrossCheck.ofBackends(cpu, cudnn));
        assertEquals(Set.of("cudnn:ALGO_1"), convicted(report));
        assertEquals(Set.of("repeat"), report.mismatches().stream().map(Mismatch::check).collect(Collectors.toSet()));
    }

    /** The algorithms of which cuDNN itself says so are not taken; where they are allowed, the harness sees it. */
    @Test
    void theAlgorithmsThatVaryByDesignAreSeenToWhereTheyAreAllowed() {
        assertTrue(check(CrossCheck.ofBackends(cudnn)).agrees());
        try (CudnnBackend varying = EmulatedCudnn.open(DeviceOptions.defaults().withVarying(true))) {
            assertEquals(new TreeSet<>(Set.of("cudnn:ALGO_0", "cudnn:ALGO_3")), convicted(check(CrossCheck.ofBackends(varying))));
        }
    }

    /** The command line of a conviction leads back to the library, on the smallest problem. */
    @Test
    void theCaseCanBeReproduced() {
        EmulatedDevice.command("cudnn-defect group-offset");
        List<BackendSubject> subjects = BackendSubject.allOf(cudnn).stream()
                .filter(subject -> subject.name().equals("cudnn:IMPLICIT_GEMM")).toList();
        Mismatch mismatch = CrossCheck.of(subjects).on(PROBLEMS.get(0)).run().mismatches().get(0);
        assertTrue(mismatch.reproduce().contains("--algorithm IMPLICIT_GEMM --backend cudnn --device emulated --seed"), mismatch::reproduce);
        assertTrue(ConvProblem.parse(mismatch.shrunk()).groups() > 1, mismatch::shrunk);
    }

    /** In fp32 the other arithmetic's mistakes may not show. */
    @Test
    void theArithmeticIsPartOfWhatIsReproduced() {
        try (CudnnBackend narrow = EmulatedCudnn.open(DeviceOptions.defaults().withMathMode(MathMode.BF16))) {
            EmulatedDevice.command("cudnn-defect group-offset");
            List<Mismatch> mismatches = CrossCheck.ofBackends(narrow).on(PROBLEMS.get(0)).shrink(false).run().mismatches();
            assertFalse(mismatches.isEmpty());
            mismatches.forEach(m -> assertTrue(m.reproduce().contains(" --backend cudnn --device emulated --math bf16 "), m::reproduce));
        }
    }

    private static CheckReport check(CrossCheck crossCheck) {
        return crossCheck.on("cudnn", PROBLEMS).shrink(false).run();
    }

    private static Set<String> convicted(CheckReport report) {
        return report.mismatches().stream().flatMap(m -> m.outside().stream()).collect(Collectors.toCollection(TreeSet::new));
    }
}
