package io.github.jconv.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.jconv.algorithm.ConvPlan;
import io.github.jconv.algorithm.ConvRequest;
import io.github.jconv.algorithm.Support;
import io.github.jconv.cpu.simd.SimdProvider;
import io.github.jconv.problem.ConvOperation;
import io.github.jconv.problem.ConvProblem;
import io.github.jconv.reference.ReferenceConvolution;
import io.github.jconv.tensor.HostTensor;
import io.github.jconv.testing.Problems;
import io.github.jconv.testing.Tensors;
import java.util.List;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

/** The zero-insert form: its sizes, its bounded workspace, and every way of cutting the channels into slabs. */
class ZeroInsertAlgorithmTest {

    private static final CpuRuntime RUNTIME = new CpuRuntime(SimdProvider.named("scalar"), 2);
    private static final CpuBackend BACKEND = new CpuBackend(2);

    /**
     * Row M5: a 5x5 input, a 4x4 filter and padding 2 give 6x6. The way back pads 6x6 to 8x8 and goes straight to 5x5: it needs a
     * map of 64 positions and 25 * 16 products, and the 12x12 and 9x9 of a full convolution exist nowhere.
     */
    @Test
    void m5GoesFromSixToEightToFive() {
        ConvProblem problem = ConvProblem.conv2d().input(1, 5, 5).filters(1, 4, 4).padding(2).build();
        assertEquals(6, problem.axes().get(0).output());
        var algorithm = new ZeroInsertAlgorithm(RUNTIME);
        ConvRequest request = ConvRequest.fp32(problem, ConvOperation.BACKWARD_DATA);
        ZeroInsertPlan plan = (ZeroInsertPlan) algorithm.prepare(request);
        assertEquals(List.of(8, 8), List.of(plan.mapH(), plan.mapW()));
        assertEquals(1, plan.padH(), "zeros in front of the 6 positions, and 8 - 6 - 1 = 1 behind");
        assertEquals((8 * 8 + 4 * 4) * 4, algorithm.workspaceBytes(request), "one map and one rotated filter, nothing else");

        // All ones: every element of dx counts the products that were not with a zero.
        HostTensor dy = HostTensor.zeros(problem.yShape());
        HostTensor w = HostTensor.zeros(problem.wShape());
        dy.fill(1);
        w.fill(1);
        HostTensor dx = Tensors.poison(problem.xShape());
        run(algorithm, problem, dx, w, dy);
        float[] reached = {3, 4, 4, 4, 3};
        for (int h = 0; h < 5; h++) {
            for (int v = 0; v < 5; v++) {
                assertEquals(reached[h] * reached[v], dx.get(h * 5L + v), "dx[" + h + "," + v + "]");
            }
        }
    }

    /** A padding larger than the filter makes the derived padding negative: dy is cropped. */
    @Test
    void aNegativeDerivedPaddingCrops() {
        ConvProblem problem = ConvProblem.parse("n1c1w4k1s2_pw3");
        assertEquals(-2, problem.axes().get(0).transposedPadBegin());
        HostTensor dy = HostTensor.of(problem.yShape(), 1f, 2f, 3f, 4f, 5f, 6f, 7f, 8f, 9f);
        HostTensor w = HostTensor.of(problem.wShape(), 10f, 1f);
        HostTensor dx = Tensors.poison(problem.xShape());
        run(new ZeroInsertAlgorithm(RUNTIME), problem, dx, w, dy);
        // dx[h] = dy[h + 3] * w[0] + dy[h + 2] * w[1]
        assertEquals(List.of(43.0, 54.0, 65.0, 76.0), List.of(dx.get(0), dx.get(1), dx.get(2), dx.get(3)));
    }

    /** An asymmetric filter shows the rotation: without it the 1 and the 3 would change places. */
    @Test
    void theFilterIsRotated() {
        ConvProblem problem = ConvProblem.conv1d().input(1, 5).filters(1, 3).build();
        HostTensor dy = HostTensor.of(problem.yShape(), 0f, 1f, 0f);
        HostTensor w = HostTensor.of(problem.wShape(), 1f, 2f, 3f);
        HostTensor dx = Tensors.poison(problem.xShape());
        run(new ZeroInsertAlgorithm(RUNTIME), problem, dx, w, dy);
        assertEquals(List.of(0.0, 1.0, 2.0, 3.0, 0.0),
                List.of(dx.get(0), dx.get(1), dx.get(2), dx.get(3), dx.get(4)));
    }

    @Provide
    Arbitrary<ConvProblem> problems() {
        return Problems.any();
    }

    /** Slabs of one channel, of a part of a group, and of several groups give the same exact sums. */
    @Property(tries = 150)
    void everySlabSizeIsExact(@ForAll("problems") ConvProblem problem) {
        HostTensor w = Tensors.integers(problem.wShape(), 2);
        HostTensor dy = Tensors.integers(problem.yShape(), 3);
        HostTensor expected = HostTensor.zeros(problem.xShape());
        ReferenceConvolution.run(problem, ConvOperation.BACKWARD_DATA, expected, w, dy, false);
        long map = problem.axes().stream().mapToLong(ZeroInsertPlan::mapSize).reduce(1, (a, b) -> a * b);
        for (long channels = 1; channels <= problem.outputChannels(); channels++) {
            HostTensor dx = Tensors.poison(problem.xShape());
            run(new ZeroInsertAlgorithm(RUNTIME, channels * map), problem, dx, w, dy);
            Tensors.assertSameNumbers(expected, dx, "slabs of " + channels + " channels of " + problem);
        }
    }

    /** The zero-inserted batch is never held at once: for a large batch of large maps the workspace stays that of one slab. */
    @Test
    void theWorkspaceIsBounded() {
        ConvProblem problem = ConvProblem.conv2d().batch(128).input(64, 112, 96).filters(256, 3, 3).stride(2).padding(1).build();
        long bytes = new ZeroInsertAlgorithm(RUNTIME).workspaceBytes(ConvRequest.fp32(problem, ConvOperation.BACKWARD_DATA));
        long rotatedFilters = problem.wShape().elements() * 4;
        assertTrue(bytes - rotatedFilters <= 1 << 20, () -> bytes + " bytes, of which filters " + rotatedFilters);
    }

    @Test
    void itRefusesWhatItDoesNotCompute() {
        ConvProblem problem = ConvProblem.parse("n1c1w4k1s2");
        var algorithm = new ZeroInsertAlgorithm(RUNTIME);
        assertEquals(Support.no("it computes the data gradient only"),
                algorithm.supports(ConvRequest.fp32(problem, ConvOperation.FORWARD)));
        ConvProblem huge = ConvProblem.parse("n1c1h60000w60001k1r1s1_sh60000sw60001");
        assertFalse(algorithm.supports(ConvRequest.fp32(huge, ConvOperation.BACKWARD_DATA)).yes());
    }

    private static void run(ZeroInsertAlgorithm algorithm, ConvProblem problem, HostTensor dx, HostTensor w, HostTensor dy) {
        var plan = new ConvPlan(ConvRequest.fp32(problem, ConvOperation.BACKWARD_DATA), BACKEND.name(), algorithm, "test", List.of());
        BACKEND.run(plan, dx, w, dy, false);
    }
}
