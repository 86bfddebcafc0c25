package io.github.jconv.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.jconv.algorithm.ConvPlan;
import io.github.jconv.algorithm.ConvRequest;
import io.github.jconv.cpu.simd.KernelFamily;
import io.github.jconv.cpu.simd.SimdProvider;
import io.github.jconv.problem.ConvOperation;
import io.github.jconv.problem.ConvProblem;
import io.github.jconv.tensor.DataType;
import io.github.jconv.tensor.HostTensor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** What the backend's list says about the kernels that an algorithm calls, against the calls. */
class KernelFamiliesTest {

    private static final Map<String, KernelFamily> FAMILIES = Map.ofEntries(
            Map.entry("gemmTile", KernelFamily.GEMM_TILES), Map.entry("shiftedTile", KernelFamily.SHIFTED_TILES),
            Map.entry("tapDots", KernelFamily.SHIFTED_TILES), Map.entry("tapTile", KernelFamily.TAP_TILES),
            Map.entry("interleavedTile", KernelFamily.INTERLEAVED_TILES), Map.entry("panelTile", KernelFamily.PANEL_TILES),
            Map.entry("rowTile", KernelFamily.ROW_TILES),
            Map.entry("packedTile", KernelFamily.PACKED_TILES), Map.entry("transpose", KernelFamily.TRANSPOSES),
            Map.entry("winograd", KernelFamily.WINOGRAD), Map.entry("fourier", KernelFamily.FOURIER),
            Map.entry("correlate", KernelFamily.CORRELATION), Map.entry("correlateRows", KernelFamily.PLANE_SUMS),
            Map.entry("addShifted", KernelFamily.PLANE_SUMS), Map.entry("dotShifted", KernelFamily.PLANE_SUMS),
            Map.entry("channelLoops", KernelFamily.CHANNEL_LOOPS), Map.entry("depthwiseLoops", KernelFamily.DEPTHWISE_LOOPS),
            Map.entry("gatherRows", KernelFamily.GATHERED_ROWS),
            Map.entry("copyColumns", KernelFamily.GATHERED_ROWS),
            Map.entry("copyShifted", KernelFamily.GATHERED_ROWS), Map.entry("copyKept", KernelFamily.GATHERED_ROWS),
            Map.entry("copyRuns", KernelFamily.ROWS), Map.entry("copyRows", KernelFamily.ROWS), Map.entry("partRows", KernelFamily.ROWS),
            Map.entry("placeRows", KernelFamily.ROWS), Map.entry("mergeRows", KernelFamily.ROWS), Map.entry("add", KernelFamily.ROWS));

    private static final List<String> PROBLEMS = List.of("n2c20h12w12k24r3s3_ph1pw1", "n2c20h13w12k24r5s5_sh2sw2_ph2pw2", "n2c32h7w9k32r1s1",
            "n1c32h9w9k32r1s1_sh2sw2", "n2c8h16w40k8r7s7_ph3pw3_g8", "n2c3h20w20k4r9s9", "n2c24h4w4k16r4s4", "n2c4h20w40k6r3s40", "n2c5w50k4s3",
            "n2c20h12w12k24r3s3_ph5pw5_dh5dw5", "n2c9h9w336k10r3s64_sw48", "n2c8h9w336k8r3s64_sw48_g8", "n2c8h16w40k8r3s3_ph1pw1_g8",
            "n2c8h16w40k8r3s3_sh2sw2_ph1pw1_g8", "n2c8h7w7k8r3s3_ph1pw1_g8",
            "n1c20h7w7k24r3s3_ph1pw1");

    @Test
    void theListNamesTheFamiliesThatAreCalled() {
        SimdProvider simd = SimdProvider.chosen();
        Set<String> called = new TreeSet<>();
        Set<KernelFamily> seen = EnumSet.noneOf(KernelFamily.class);
        SimdProvider noting = (SimdProvider) Proxy.newProxyInstance(SimdProvider.class.getClassLoader(), new Class<?>[] {SimdProvider.class},
                (proxy, method, arguments) -> {
                    if (FAMILIES.containsKey(method.getName())) {
                        called.add(method.getName());
                    }
                    try {
                        return method.invoke(simd, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
        try (CpuBackend backend = new CpuBackend(1, noting)) {
            for (CpuAlgorithm algorithm : backend.algorithms()) {
                for (String line : PROBLEMS) {
                    ConvProblem problem = ConvProblem.parse(line);
                    for (ConvOperation operation : ConvOperation.values()) {
                        called.clear();
                        run(backend, algorithm, new ConvRequest(problem, operation, DataType.FLOAT32));
                        for (String method : called) {
                            KernelFamily family = FAMILIES.get(method);
                            seen.add(family);
                            assertEquals(Set.of(), missing(algorithm, family), algorithm.name() + " calls " + method + " for " + line);
                        }
                    }
                }
            }
        }
        if (!simd.isScalar()) {
            assertEquals(EnumSet.allOf(KernelFamily.class), seen, "families that these problems need");
        }
    }

    private static Set<KernelFamily> missing(CpuAlgorithm algorithm, KernelFamily family) {
        return algorithm instanceof ConvertingAlgorithm converting && converting.kernels().contains(family) ? Set.of() : Set.of(family);
    }

    private static void run(CpuBackend backend, CpuAlgorithm algorithm, ConvRequest request) {
        if (!algorithm.supports(request).yes()) {
            return;
        }
        ConvPlan plan = new ConvPlan(request, backend.name(), algorithm, "for the test", List.of());
        backend.run(plan, HostTensor.zeros(request.problem().xShape()), HostTensor.zeros(request.problem().wShape()),
                HostTensor.zeros(request.problem().yShape()), false);
    }
}
