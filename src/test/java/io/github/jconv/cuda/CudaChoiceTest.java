package io.github.jconv.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.github.jconv.algorithm.Accuracy;
import io.github.jconv.algorithm.AlgorithmChooser;
import io.github.jconv.algorithm.ConvPlan;
import io.github.jconv.algorithm.ConvRequest;
import io.github.jconv.device.MathMode;
import io.github.jconv.problem.ConvOperation;
import io.github.jconv.problem.ConvProblem;
import io.github.jconv.problem.ProblemSuite;
import io.github.jconv.problem.ProblemSuites;
import io.github.jconv.tensor.DataType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which algorithm is chosen on a device without measuring: a pure function, so that no device is needed here. */
class CudaChoiceTest {

    private static final long LIMIT = 256L << 20;
    private static final List<CudaAlgorithm> ALGORITHMS = algorithms(MathMode.FP32, 90);

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', textBlock = """
            # problem                                      | forward      | backward_data | backward_filter
            # 3x3 and larger, dense
            n32c64h56w56k64r3s3_ph1pw1                     | im2col-gemm  | gemm-col2im   | im2col-gemm
            n32c3h224w224k64r7s7_sh2sw2_ph3pw3             | im2col-gemm  | gemm-col2im   | im2col-gemm
            n32c64h56w56k128r1s1_sh2sw2                    | im2col-gemm  | gemm-col2im   | im2col-gemm
            # strided, with fewer filters than channels: the columns of dy are the smaller ones
            n32c256h28w28k64r3s3_sh2sw2_ph1pw1             | im2col-gemm  | residue-gemm  | im2col-gemm
            n32c256h28w28k64r3s3_ph1pw1                    | im2col-gemm  | residue-gemm  | im2col-gemm
            n16c64h65w64k32r3s5_sh1sw3_ph1pw2              | im2col-gemm  | residue-gemm  | im2col-gemm
            # transposed layers of a generator
            n64c512h8w8k1024r4s4_sh2sw2_ph1pw1             | im2col-gemm  | gemm-col2im   | im2col-gemm
            n64c3h64w64k128r4s4_sh2sw2_ph1pw1              | im2col-gemm  | gemm-col2im   | im2col-gemm
            # no overlap
            n4c64h64w64k64r2s2_sh2sw2                      | im2col-gemm  | gemm-col2im   | im2col-gemm
            # pointwise, and filters as large as the input
            n32c64h56w56k256r1s1                           | gemm-1x1     | gemm-1x1      | gemm-1x1
            n32c64h56w56k256r1s1_g2                        | gemm-1x1     | gemm-1x1      | gemm-1x1
            n32c256h6w6k4096r6s6                           | gemm-full    | gemm-full     | gemm-full
            n32c1024h1w1k1000r1s1                          | gemm-full    | gemm-full     | gemm-full
            # depthwise
            n32c32h112w112k32r3s3_ph1pw1_g32               | depthwise-strips | depthwise-strips | depthwise-strips
            n32c32h112w112k32r5s5_sh2sw2_ph2pw2_g32        | depthwise-strips | depthwise-strips | depthwise-strips
            n32c96h56w56k96r7s7_ph3pw3_g96                 | depthwise-strips | depthwise-strips | depthwise-strips
            n32c32h112w112k64r3s3_sh2sw2_ph1pw1_g32        | depthwise-strips | depthwise        | depthwise-strips
            n32c32h112w112k32r3s3_sh1sw2_ph1pw1_g32        | depthwise    | depthwise     | depthwise
            n32c32h112w112k32r3s3_ph2pw2_dh2dw2_g32        | depthwise    | depthwise     | depthwise
            # more elements than 32 bits count
            n600c64h180w180k64r3s3_ph1pw1_g64              | depthwise    | depthwise     | depthwise
            # a single channel or few filters per group: the matrices would be thin
            n32c1h28w28k6r5s5_ph2pw2                       | direct       | direct        | direct
            n32c64h64w64k3r3s3_ph1pw1                      | direct       | direct        | direct
            n32c128h28w28k128r3s3_ph1pw1_g32               | direct       | direct        | direct
            n32c128h28w28k128r3s3_ph1pw1_g4                | im2col-gemm  | gemm-col2im   | im2col-gemm
            # so small that a launch is all there is
            n1c8h9w10k12r3s3_ph1pw1                        | direct       | direct        | direct
            # one and three dimensions
            n16c64w16000k64s25_sw4_pw12                    | im2col-gemm  | gemm-col2im   | im2col-gemm
            n2c16d16h32w32k32t3r3s3_pd1ph1pw1              | im2col-gemm  | gemm-col2im   | im2col-gemm
            """)
    void choice(String line, String forward, String backwardData, String backwardFilter) {
        ConvProblem problem = ConvProblem.parse(line);
        assertEquals(forward, choose(ConvRequest.fp32(problem, ConvOperation.FORWARD)).algorithm().name(), "forward");
        assertEquals(backwardData, choose(ConvRequest.fp32(problem, ConvOperation.BACKWARD_DATA)).algorithm().name(), "backward_data");
        assertEquals(backwardFilter, choose(ConvRequest.fp32(problem, ConvOperation.BACKWARD_FILTER)).algorithm().name(),
                "backward_filter");
    }

    /** What is left when there is no scratch memory, or when the type is not fp32. */
    @Test
    void theDirectSumsServeEverything() {
        for (ConvOperation operation : ConvOperation.values()) {
            ConvProblem problem = ConvProblem.parse("n32c64h56w56k64r3s3_ph1pw1");
            ConvPlan plan = AlgorithmChooser.firstThatSuits().choose(ConvRequest.fp32(problem, operation), "cuda", ALGORITHMS, 0);
            assertEquals(operation == ConvOperation.BACKWARD_FILTER ? "direct" : "implicit-gemm", plan.algorithm().name());
            assertEquals("direct", choose(new ConvRequest(problem, operation, DataType.FLOAT64)).algorithm().name());
        }
    }

    @Test
    void theTextbookWayIsNeverChosenAndWorkspacesFitTheDefaultLimit() {
        for (ProblemSuite suite : ProblemSuites.all()) {
            for (ConvProblem problem : suite.problems()) {
                for (ConvOperation operation : ConvOperation.values()) {
                    ConvPlan plan = choose(ConvRequest.fp32(problem, operation));
                    assertFalse(plan.algorithm().servesToCheck(), plan::toString);
                    plan.passedOver().forEach(passed -> assertFalse(passed.because().contains("bytes of workspace"),
                            () -> plan + ": " + passed));
                }
            }
        }
    }

    /** Operands are never rounded unless that is asked for, and then it is said. */
    @ParameterizedTest
    @CsvSource({"TF32, TF32_PRODUCTS, tf32", "FP16, FP16_FACTORS, fp16", "BF16, BF16_FACTORS, bf16"})
    void roundedOperandsAreVisibleInThePlan(MathMode mode, Accuracy accuracy, String operandType) {
        ConvRequest request = ConvRequest.fp32(ConvProblem.parse("n32c64h56w56k64r3s3_ph1pw1"), ConvOperation.FORWARD);
        ConvPlan usual = choose(request);
        assertEquals(Accuracy.SUM_OF_PRODUCTS, usual.accuracy());
        assertEquals("fp32", usual.algorithm().operandType(request));
        ConvPlan fast = choose(request, mode, 90);
        assertEquals("forward n32c64h56w56k64r3s3_ph1pw1: cuda:im2col-gemm in " + accuracy + ", workspace " + fast.workspaceBytes()
                + " bytes; the first in the list that suits", fast.toString());
        assertEquals(operandType, fast.algorithm().operandType(request));
    }

    /** Three products for one are asked for by name, need tensor cores with TF32, and serve what is not left to others. */
    @ParameterizedTest(name = "{0} {1} {2} {3}")
    @CsvSource({
        "TF32X3, 90, n32c64h56w56k64r3s3_ph1pw1, FORWARD, tensor-gemm in THREE_TF32_PRODUCTS",
        "TF32X3, 80, n32c64h56w56k64r3s3_ph1pw1, BACKWARD_DATA, tensor-gemm in THREE_TF32_PRODUCTS",
        "TF32X3, 90, n32c64h56w56k64r3s3_ph1pw1, BACKWARD_FILTER, tensor-gemm in THREE_TF32_PRODUCTS",
        "TF32X3, 90, n32c64h56w56k128r3s3_sh2sw2_ph1pw1, FORWARD, tensor-gemm in THREE_TF32_PRODUCTS",
        "TF32X3, 90, n32c64h56w56k128r3s3_sh2sw2_ph1pw1, BACKWARD_DATA, tensor-gemm in THREE_TF32_PRODUCTS",
        "TF32X3, 90, n32c64h56w56k128r3s3_sh9sw9_ph1pw1, BACKWARD_DATA, gemm-col2im",
        "TF32X3, 90, n32c1h28w28k6r5s5_ph2pw2, FORWARD, direct",
        "TF32X3, 75, n32c64h56w56k64r3s3_ph1pw1, FORWARD, im2col-gemm",
        "TF32, 90, n32c64h56w56k64r3s3_ph1pw1, BACKWARD_DATA, gemm-col2im in TF32_PRODUCTS",
        "FP32, 90, n32c64h56w56k64r3s3_ph1pw1, FORWARD, im2col-gemm",
    })
    void tensorCoresServeWhoAsksForThem(MathMode mode, int computeCapability, String line, ConvOperation operation, String expected) {
        ConvPlan plan = choose(ConvRequest.fp32(ConvProblem.parse(line), operation), mode, computeCapability);
        assertEquals("cuda:" + expected, plan.toString().replaceFirst(".*: (cuda:[^,]*), .*", "$1"));
    }

    /** cuBLAS has 16 bits as well: nobody has measured which is faster. */
    @ParameterizedTest(name = "{0} {1}")
    @CsvSource({"FP32, FLOAT16, fp16", "TF32X3, BFLOAT16, bf16", "BF16, BFLOAT16, bf16", "TF32, FLOAT16, fp16"})
    void tensorCoresTakeTensorsOf16BitsOnlyWhenTheyAreMeasured(MathMode mode, DataType type, String operands) {
        for (ConvOperation operation : ConvOperation.values()) {
            ConvRequest request = new ConvRequest(ConvProblem.parse("n32c64h56w56k64r3s3_ph1pw1"), operation, type);
            assertEquals(operation == ConvOperation.BACKWARD_DATA ? "residue-gemm" : "im2col-gemm",
                    choose(request, mode, 90).algorithm().name());
            CudaAlgorithm tensor = algorithms(mode, 80).get(0);
            assertEquals("yes", tensor.supports(request).toString());
            assertEquals("no, because no GPU has measured whether it is faster than cuBLAS in " + operands, tensor.suits(request).toString());
            assertEquals(Accuracy.TENSOR_CORE_SUMS, tensor.accuracy(request));
            assertEquals("no, because the device's tensor cores have no TF32 and no bfloat16: its compute capability is below 8.0",
                    algorithms(mode, 75).get(0).supports(request).toString());
        }
    }

    @Test
    void theReadmeListsTheAlgorithmsWithTheirOperations() throws IOException {
        List<ConvProblem> samples = Stream.of("n2c3h6w7k4r3s2", "n2c3h6w7k4r1s1", "n2c3h3w2k4r3s2", "n2c4h6w7k4r3s2_g4",
                "n2c4h6w7k4r3s3_g4")
                .map(ConvProblem::parse).toList();
        List<String> rows = new ArrayList<>();
        for (CudaAlgorithm algorithm : algorithms(MathMode.TF32X3, 90)) {
            rows.add("| `" + algorithm.name() + "` | " + Arrays.stream(ConvOperation.values())
                    .filter(operation -> samples.stream().anyMatch(p -> algorithm.supports(ConvRequest.fp32(p, operation)).yes()))
                    .map(ConvOperation::text).collect(Collectors.joining(", ")) + " |");
        }
        List<String> table = Files.readAllLines(Path.of("README.md")).stream().dropWhile(line -> !line.startsWith("| CUDA algorithm"))
                .skip(2).takeWhile(line -> line.startsWith("|")).map(line -> line.substring(0, line.indexOf('|', line.indexOf(" | ") + 3) + 1))
                .toList();
        assertEquals(rows, table);
    }

    private static List<CudaAlgorithm> algorithms(MathMode mode, int computeCapability) {
        return CudaBackend.algorithms(mode, computeCapability, Scratch.OF_A_CACHE);
    }

    private static ConvPlan choose(ConvRequest request) {
        return AlgorithmChooser.firstThatSuits().choose(request, "cuda", ALGORITHMS, LIMIT);
    }

    private static ConvPlan choose(ConvRequest request, MathMode mode, int computeCapability) {
        return AlgorithmChooser.firstThatSuits().choose(request, "cuda", algorithms(mode, computeCapability), LIMIT);
    }
}
