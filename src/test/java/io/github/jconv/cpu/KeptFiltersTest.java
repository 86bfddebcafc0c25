package io.github.jconv.cpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.jconv.algorithm.AlgorithmChooser;
import io.github.jconv.algorithm.ConvPlan;
import io.github.jconv.algorithm.ConvRequest;
import io.github.jconv.algorithm.Conversion;
import io.github.jconv.algorithm.UnsupportedRequestException;
import io.github.jconv.cpu.simd.SimdProvider;
import io.github.jconv.problem.ConvOperation;
import io.github.jconv.problem.ConvProblem;
import io.github.jconv.tensor.DataType;
import io.github.jconv.tensor.HostTensor;
import io.github.jconv.tensor.Layout;
import io.github.jconv.tensor.TensorShape;
import io.github.jconv.testing.Tensors;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What algorithms keep of constant filters, for layers that share one tensor of filters and differ in groups, strides, dilations, padding and
 * sizes: what was kept for one must not serve another that needs it otherwise.
 */
class KeptFiltersTest {

    /** Each line: problems with filters of the same shape. */
    private static final List<List<String>> SHARED = List.of(
            List.of("n1c12h19w19k40r3s3_ph1pw1", "n1c24h19w19k40r3s3_ph1pw1_g2", "n1c12h19w19k40r3s3_sh2sw2_ph1pw1",
                    "n2c24h19w19k40r3s3_dh5dw5_ph5pw5_g2", "n1c12h19w19k40r3s3_dh4dw4_ph5pw5", "n1c60h19w19k40r3s3_dh4dw4_ph5pw5_g5",
                    "n1c12h12w12k40r3s3_dh1dw2_ph3pw3", "n1c12h3w3k40r3s3", "n1c24h3w3k40r3s3_g2"),
            List.of("n1c12h19w19k40r1s1", "n1c24h19w19k40r1s1_g2", "n3c12h8w9k40r1s1_sh2sw2", "n1c60h9w9k40r1s1_g5", "n1c12h1w1k40r1s1",
                    "n4c24h1w1k40r1s1_g2"),
            List.of("n1c12h20w22k40r2s2_sh2sw2", "n1c24h20w22k40r2s2_sh2sw2_g2", "n3c12h9w12k40r2s2_sh3sw2", "n2c60h8w8k40r2s2_sh4sw4_dh2dw3_g5",
                    "n1c12h2w2k40r2s2_sh2sw2", "n1c12h9w9k40r2s2"),
            List.of("n1c4h9w400k18r3s48_sw16", "n1c8h9w400k18r3s48_sw16_g2", "n1c8h9w400k18r3s48_sh2sw32_g2", "n1c4h9w48k18r3s48",
                    "n1c24h9w400k18r3s48_sw24_ph1:2_g6"),
            List.of("n1c1h40w40k12r9s9_ph4pw4_g1", "n1c12h40w40k12r9s9_ph4pw4_g12", "n1c4h40w40k12r9s9_g4", "n1c2h40w40k12r9s9_dh3dw3_g2",
                    "n1c2h40w40k12r9s9_dh2dw3_g2", "n1c12h64w64k12r9s9_dh2dw2_g12", "n1c1h40w40k12r9s9_sh2sw2_ph4pw4"),
            List.of("n1c4d5h6w7k26t3r3s3_pd1ph1pw1", "n1c4d2h6w7k26t3r3s3_pd1ph1pw1", "n2c4d1h6w7k26t3r3s3_pd1ph1pw1",
                    "n1c4d1h5w7k26t3r3s3_pd1:2ph1pw1", "n1c8d2h6w7k26t3r3s3_pd1ph1pw1_g2", "n1c4d2h5w5k26t3r3s3_pd1ph1pw1",
                    "n1c4d4h6w7k26t3r3s3_sd2_pd1ph1pw1"));

    @ParameterizedTest
    @ValueSource(strings = {"256", "512"})
    void filtersServeTheLayersThatShareThem(String simd) {
        Set<String> seen = new TreeSet<>();
        try (CpuBackend backend = new CpuBackend(1, SimdProvider.named(simd))) {
            for (CpuAlgorithm algorithm : backend.algorithms()) {
                for (List<String> lines : SHARED) {
                    for (ConvOperation operation : List.of(ConvOperation.FORWARD, ConvOperation.BACKWARD_DATA)) {
                        HostTensor w = Tensors.reals(DataType.FLOAT32, ConvProblem.parse(lines.get(0)).wShape(), 2).constant();
                        for (String line : lines) {
                            ConvRequest request = ConvRequest.fp32(ConvProblem.parse(line), operation).withConstantFilters();
                            ConvPlan plan = plan(backend, algorithm, request);
                            if (plan != null && plan.filterForm() != null) {
                                seen.add(algorithm.name());
                                assertArrayEquals(run(backend, plan, request, w.copy().constant()), run(backend, plan, request, w),
                                        () -> algorithm.name() + " " + request);
                            }
                        }
                    }
                }
            }
        }
        assertTrue(seen.size() > 5, seen::toString);
    }

    /** What has been made of constant filters takes their place: who converts filters to make it need not convert them again. */
    @ParameterizedTest
    @ValueSource(strings = {"256", "512"})
    void whatIsKeptTakesThePlaceOfTheFilters(String simd) {
        Set<String> seen = new TreeSet<>();
        try (CpuBackend backend = new CpuBackend(1, SimdProvider.named(simd))) {
            for (CpuAlgorithm algorithm : backend.algorithms()) {
                for (String line : SHARED.stream().flatMap(List::stream).toList()) {
                    for (ConvOperation operation : List.of(ConvOperation.FORWARD, ConvOperation.BACKWARD_DATA)) {
                        ConvRequest request = ConvRequest.fp32(ConvProblem.parse(line), operation).withConstantFilters();
                        ConvPlan plan = plan(backend, algorithm, request);
                        if (plan != null && plan.filterForm() != null) {
                            seen.add(algorithm.name());
                            HostTensor w = Tensors.reals(DataType.FLOAT32, request.problem().wShape(), 2).constant();
                            float[] first = run(backend, plan, request, w);
                            Arrays.fill(w.floats(), Float.NaN);
                            assertArrayEquals(first, run(backend, plan, request, w), () -> algorithm.name() + " " + request);
                        }
                    }
                }
            }
        }
        assertTrue(seen.size() > 5, seen::toString);
    }

    /** Of one block of images, and of a block and a rest; once, and anew when the values have changed. */
    @ParameterizedTest
    @CsvSource({"FLOAT16, NCHW", "BFLOAT16, NHWC", "FLOAT32, NHWC"})
    void whatIsMadeOfConvertedFiltersIsKept(DataType type, Layout layout) {
        Set<String> seen = new TreeSet<>();
        Set<Long> steps = new TreeSet<>();
        try (CpuBackend backend = new CpuBackend(1)) {
            for (CpuAlgorithm algorithm : backend.algorithms()) {
                for (String line : List.of("n1c12h19w19k40r3s3_ph1pw1", "n3c30h150w300k2r3s3_ph1pw1", "n1c12h19w19k40r1s1",
                        "n1c4h9w400k18r3s48_sw16", "n1c12h20w22k40r2s2_sh2sw2")) {
                    for (ConvOperation operation : List.of(ConvOperation.FORWARD, ConvOperation.BACKWARD_DATA)) {
                        ConvRequest request = new ConvRequest(ConvProblem.parse(line), operation, type, layout).withConstantFilters();
                        ConvPlan plan = plan(backend, algorithm, request);
                        if (plan != null && plan.filterForm() != null) {
                            seen.add(algorithm.name());
                            steps.add(plan.prepared(Conversion.Plans.class).steps());
                            assertIsKept(backend, plan);
                        }
                    }
                }
            }
        }
        assertTrue(seen.size() > 5, seen::toString);
        assertEquals(Set.of(1L, 2L), steps);
    }

    private static void assertIsKept(CpuBackend backend, ConvPlan plan) {
        ConvRequest request = plan.request();
        ConvRequest changing = new ConvRequest(request.problem(), request.operation(), request.dataType(), request.layout());
        ConvPlan unkept = new ConvPlan(changing, backend.name(), plan.algorithm(), "under test", List.of());
        assertTrue(plan.workspaceBytes() <= unkept.workspaceBytes(), plan::toString);
        HostTensor values = Tensors.reals(request.dataType(), request.problem().wShape(), 2).to(request.dataType(), request.layout());
        HostTensor others = Tensors.reals(request.dataType(), request.problem().wShape(), 4).to(request.dataType(), request.layout());
        HostTensor w = values.copy().constant();
        backend.poisonWorkspace(plan);
        float[] first = run(backend, plan, request, w);
        assertArrayEquals(run(backend, unkept, changing, values), first, plan::toString);
        backend.poisonWorkspace(plan);
        boolean narrow = request.dataType().isNarrow();
        System.arraycopy(narrow ? others.shorts() : others.floats(), 0, narrow ? w.shorts() : w.floats(), 0, w.length());
        assertArrayEquals(first, run(backend, plan, request, w), () -> "kept: " + plan);
        w.changed();
        assertArrayEquals(run(backend, unkept, changing, others), run(backend, plan, request, w), () -> "made anew: " + plan);
    }

    private static ConvPlan plan(CpuBackend backend, CpuAlgorithm algorithm, ConvRequest request) {
        try {
            return AlgorithmChooser.fixed(algorithm.name()).choose(request, backend.name(), backend.algorithms(), Long.MAX_VALUE);
        } catch (UnsupportedRequestException refused) {
            return null;
        }
    }

    private static float[] run(CpuBackend backend, ConvPlan plan, ConvRequest request, HostTensor w) {
        ConvProblem problem = request.problem();
        boolean forward = request.operation() == ConvOperation.FORWARD;
        HostTensor x = operand(request, problem.xShape(), forward ? 1 : 0);
        HostTensor y = operand(request, problem.yShape(), forward ? 0 : 3);
        backend.run(plan, x, w, y, false);
        return (forward ? y : x).to(DataType.FLOAT32).floats();
    }

    /** Not numbers for the seed 0. */
    private static HostTensor operand(ConvRequest request, TensorShape shape, long seed) {
        HostTensor values = seed == 0 ? Tensors.poison(shape) : Tensors.reals(request.dataType(), shape, seed);
        return values.to(request.dataType(), request.layout());
    }
}
