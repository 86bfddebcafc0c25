package io.github.jconv.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.jconv.algorithm.Accuracy;
import io.github.jconv.algorithm.ConvRequest;
import io.github.jconv.check.BackendSubject;
import io.github.jconv.check.CrossCheck;
import io.github.jconv.check.report.CheckReport;
import io.github.jconv.device.MathMode;
import io.github.jconv.problem.ConvOperation;
import io.github.jconv.problem.ConvProblem;
import io.github.jconv.tensor.DataType;
import io.github.jconv.tensor.Layout;
import io.github.jconv.testing.EmulatedDevice;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Tensors of 16 bits that algorithms compute on as they are. */
class CudaNarrowTest {

    /**
     * For each algorithm: pointwise and full-size filters, groups, strides, dilations, one image and many, one channel, three dimensions, wide
     * tiles.
     */
    private static final List<ConvProblem> PROBLEMS = Stream.of(
            "n3c8h9w11k12r1s1", "n1c7h5w9k5r1s1", "n4c6h7w3k9r1s1_g3", "n5c12h6w4k10r6s4_g2", "n1c5h3w3k7r3s3",
            "n2c6h7w9k4r3s2_sh2sw1_ph1:0pw0_dh1dw2_g2", "n3c1h9w11k5r3s3_ph1pw1", "n1c3h16w17k7r4s4_sh2sw2_ph1pw1",
            "n2c3d5h6w7k5t2r3s2_sd2sh1sw3_pd1:0ph1pw0:1_dd1dh2dw1", "n1c2w57k3s11_sw3_pw5:4_dw2",
            "n2c4h8w9k8r3s3_sh2sw3_ph1pw1_g4", "n3c9h7w9k70r3s1_sh4sw3_ph2:1_dh2",
            "n2c3h15w6k3r3s3_ph1pw1_g3", "n1c4h13w9k4r5s5_sh2sw2_ph2pw2_g4", "n2c3h9w8k3r7s7_ph3pw3_g3").map(ConvProblem::parse).toList();

    private static final List<String> ALGORITHMS = List.of("tensor-gemm", "gemm-full", "gemm-1x1", "depthwise-strips", "depthwise",
            "residue-gemm", "gemm-col2im", "im2col-gemm");

    private static final List<String> AS_THEY_ARE = List.of(
            "tensor-gemm forward NCHW", "tensor-gemm backward_data NCHW", "tensor-gemm backward_filter NCHW",
            "gemm-full forward NCHW", "gemm-full backward_data NCHW", "gemm-full backward_filter NCHW",
            "gemm-1x1 forward NCHW", "gemm-1x1 backward_data NCHW", "gemm-1x1 backward_filter NCHW",
            "depthwise-strips forward NCHW", "depthwise-strips backward_data NCHW", "depthwise-strips backward_filter NCHW",
            "depthwise forward NCHW", "depthwise backward_data NCHW", "depthwise backward_filter NCHW",
            "residue-gemm backward_data NCHW", "gemm-col2im backward_data NCHW",
            "im2col-gemm forward NCHW", "im2col-gemm backward_filter NCHW");

    /** With the chunks of a device, and with those of {@link CudaChunksTest} and indices of 64 bits. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void whatIsComputedAsItIsAgreesWithTheDefinition(boolean chunks) {
        Scratch scratch = chunks ? new Scratch(256) : Scratch.OF_A_CACHE;
        try (CudaBackend backend = new CudaBackend(EmulatedDevice.open(), scratch, chunks)) {
            CheckReport report = CrossCheck.of(BackendSubject.allNamed(backend, ALGORITHMS)).dataTypes(DataType.FLOAT16, DataType.BFLOAT16)
                    .on("narrow", PROBLEMS).run();
            assertTrue(report.agrees(), () -> report.mismatches().get(0).toString());
            assertTrue(report.checks() > 100, () -> "" + report.checks());
        }
    }

    /** Without copies, where cuBLAS multiplies with the sums of tensor cores; everything else is multiplied in fp32. */
    @ParameterizedTest
    @EnumSource(value = DataType.class, names = {"FLOAT16", "BFLOAT16"})
    void plansSayWhichTensorsAreComputedOnAsTheyAre(DataType type) {
        Set<String> found = new LinkedHashSet<>();
        for (CudaAlgorithm algorithm : CudaBackend.algorithms(MathMode.FP32, 90, Scratch.OF_A_CACHE)) {
            for (ConvOperation operation : ConvOperation.values()) {
                for (ConvProblem problem : PROBLEMS) {
                    for (Layout layout : Layout.values()) {
                        ConvRequest request = new ConvRequest(problem, operation, type, layout);
                        if (!algorithm.supports(request).yes()) {
                            continue;
                        }
                        boolean asTheyAre = algorithm.conversions(request).isEmpty();
                        if (asTheyAre) {
                            found.add(algorithm.name() + " " + operation.text() + " " + layout);
                        }
                        boolean onTensorCores = asTheyAre && !algorithm.name().startsWith("depthwise");
                        assertEquals(onTensorCores ? Accuracy.TENSOR_CORE_SUMS : Accuracy.SUM_OF_PRODUCTS, algorithm.accuracy(request));
                        assertEquals(!onTensorCores ? "fp32" : type == DataType.FLOAT16 ? "fp16" : "bf16", algorithm.operandType(request));
                    }
                }
            }
        }
        assertEquals(AS_THEY_ARE, List.copyOf(found));
    }
}
