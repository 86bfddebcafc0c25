package io.github.jconv.cpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.jconv.ConvEngine;
import io.github.jconv.algorithm.AlgorithmChooser;
import io.github.jconv.algorithm.ConvPlan;
import io.github.jconv.algorithm.ConvRequest;
import io.github.jconv.cpu.simd.SimdProvider;
import io.github.jconv.problem.ConvOperation;
import io.github.jconv.problem.ConvProblem;
import io.github.jconv.tensor.DataType;
import io.github.jconv.tensor.HostTensor;
import io.github.jconv.testing.Tensors;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What Winograd's algorithms keep of filters, and how much at a time. */
class WinogradFiltersTest {

    /** The same filters for one tile, a few, and many, which are cut differently: forms of their own, and the same bits. */
    @Test
    void theSameConstantFiltersServeMapsOfAllSizes() {
        List<ConvProblem> problems = List.of(ConvProblem.parse("n1c130h4w4k70r3s3_ph1pw1"), ConvProblem.parse("n1c130h14w15k70r3s3_ph1pw1"),
                ConvProblem.parse("n2c130h26w27k70r3s3_ph1pw1"), ConvProblem.parse("n1c130h40w41k70r3s3_ph1pw1"));
        try (CpuBackend backend = new CpuBackend(1, SimdProvider.named("256"))) {
            for (ConvOperation operation : List.of(ConvOperation.FORWARD, ConvOperation.BACKWARD_DATA)) {
                HostTensor w = Tensors.reals(DataType.FLOAT32, problems.get(0).wShape(), 2).constant();
                Set<Object> forms = new HashSet<>();
                for (ConvProblem problem : problems) {
                    ConvRequest request = ConvRequest.fp32(problem, operation);
                    HostTensor expected = run(backend, request, w.copy());
                    assertArrayEquals(expected.floats(), run(backend, request.withConstantFilters(), w).floats(), request::toString);
                    forms.add(plan(backend, request.withConstantFilters()).filterForm());
                }
                assertTrue(forms.size() > 1, "the sizes make no difference");
            }
        }
    }

    /** More filters than a run keeps, on maps of one tile more than are computed at once. Constant ones are kept all. */
    @Test
    void filtersInPartsGiveTheSameBits() {
        ConvProblem problem = ConvProblem.parse("n1c384h4w324k390r3s3_ph1pw1");
        try (CpuBackend backend = new CpuBackend(2, SimdProvider.named("512"))) {
            for (ConvOperation operation : List.of(ConvOperation.FORWARD, ConvOperation.BACKWARD_DATA)) {
                ConvRequest request = ConvRequest.fp32(problem, operation);
                assertEquals(WinogradPlan.Filters.IN_PARTS, plan(backend, request).prepared(WinogradPlan.class).filters);
                HostTensor w = Tensors.reals(DataType.FLOAT32, problem.wShape(), 2);
                HostTensor expected = run(backend, request.withConstantFilters(), w.copy().constant());
                assertArrayEquals(expected.floats(), run(backend, request, w).floats(), request::toString);
            }
        }
    }

    /** Each thread has transformed inputs of its own: of fewer tiles the more there are, so that an engine's usual limit allows them. */
    @Test
    void manyThreadsStayWithinTheUsualWorkspace() {
        CpuRuntime runtime = new CpuRuntime(SimdProvider.named("512"), 64);
        for (String line : List.of("n8c512h28w28k512r3s3_ph1pw1", "n1c64h224w224k64r3s3_ph1pw1", "n32c256h56w56k256r3s3_ph1pw1")) {
            ConvProblem problem = ConvProblem.parse(line);
            long forward = WinogradPlan.of(4, ConvRequest.fp32(problem, ConvOperation.FORWARD), runtime).workspaceLength;
            long gradient = WinogradGradientPlan.of(problem, runtime).workspaceLength;
            assertTrue(Math.max(forward, gradient) * Float.BYTES <= ConvEngine.DEFAULT_WORKSPACE_LIMIT,
                    () -> line + ": " + forward * Float.BYTES + " and " + gradient * Float.BYTES + " bytes");
        }
    }

    /** So many threads that one thread's blocks of tiles would be too large for each of them. */
    @Test
    void smallerBlocksOfManyThreadsGiveTheSameBits() {
        ConvProblem problem = ConvProblem.parse("n1c512h4w124k16r3s3_ph1pw1");
        try (CpuBackend one = new CpuBackend(1, SimdProvider.named("512")); CpuBackend many = new CpuBackend(64, SimdProvider.named("512"))) {
            assertTrue(WinogradGradientPlan.of(problem, new CpuRuntime(SimdProvider.named("512"), 64)).blocks()
                    > WinogradGradientPlan.of(problem, new CpuRuntime(SimdProvider.named("512"), 1)).blocks());
            float[] x = Tensors.reals(DataType.FLOAT32, problem.xShape(), 1).floats();
            float[] dy = Tensors.reals(DataType.FLOAT32, problem.yShape(), 2).floats();
            assertArrayEquals(filterGradient(one, problem, x, dy), filterGradient(many, problem, x, dy));
        }
    }

    /** The gradient of the first filters alone, which is one part, and of more filters than have their sums in memory at a time. */
    @Test
    void sumsInPartsGiveTheSameBits() {
        ConvProblem all = ConvProblem.parse("n1c384h4w516k390r3s3_ph1pw1");
        ConvProblem some = ConvProblem.parse("n1c384h4w516k64r3s3_ph1pw1");
        try (CpuBackend backend = new CpuBackend(2, SimdProvider.named("512"))) {
            float[] x = Tensors.reals(DataType.FLOAT32, all.xShape(), 1).floats();
            float[] dy = Tensors.reals(DataType.FLOAT32, all.yShape(), 2).floats();
            float[] dw = filterGradient(backend, all, x, dy);
            int positions = (int) (some.outputPositions() * some.filtersPerGroup());
            int taps = (int) some.wShape().elements();
            assertArrayEquals(filterGradient(backend, some, x, Arrays.copyOf(dy, positions)), Arrays.copyOf(dw, taps));
            assertArrayEquals(filterGradient(backend, some, x, Arrays.copyOfRange(dy, dy.length - positions, dy.length)),
                    Arrays.copyOfRange(dw, dw.length - taps, dw.length));
        }
    }

    private static float[] filterGradient(CpuBackend backend, ConvProblem problem, float[] x, float[] dy) {
        ConvPlan plan = AlgorithmChooser.fixed("winograd-filter")
                .choose(ConvRequest.fp32(problem, ConvOperation.BACKWARD_FILTER), backend.name(), backend.algorithms(), Long.MAX_VALUE);
        HostTensor dw = Tensors.poison(problem.wShape());
        backend.run(plan, HostTensor.of(problem.xShape(), x), dw, HostTensor.of(problem.yShape(), dy), false);
        return dw.floats();
    }

    private static HostTensor run(CpuBackend backend, ConvRequest request, HostTensor w) {
        ConvProblem problem = request.problem();
        boolean forward = request.operation() == ConvOperation.FORWARD;
        HostTensor x = forward ? Tensors.reals(DataType.FLOAT32, problem.xShape(), 1) : Tensors.poison(problem.xShape());
        HostTensor y = forward ? Tensors.poison(problem.yShape()) : Tensors.reals(DataType.FLOAT32, problem.yShape(), 3);
        backend.run(plan(backend, request), x, w, y, false);
        return forward ? y : x;
    }

    private static ConvPlan plan(CpuBackend backend, ConvRequest request) {
        return AlgorithmChooser.fixed("winograd-4x4").choose(request, backend.name(), backend.algorithms(), Long.MAX_VALUE);
    }
}
