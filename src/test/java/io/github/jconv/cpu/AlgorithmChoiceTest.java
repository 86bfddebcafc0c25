package io.github.jconv.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.github.jconv.algorithm.AlgorithmChooser;
import io.github.jconv.algorithm.ConvPlan;
import io.github.jconv.algorithm.ConvRequest;
import io.github.jconv.cpu.simd.SimdProvider;
import io.github.jconv.problem.ConvOperation;
import io.github.jconv.problem.ConvProblem;
import io.github.jconv.problem.ProblemSuite;
import io.github.jconv.problem.ProblemSuites;
import io.github.jconv.tensor.DataType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which algorithm is chosen: a pure function of the request, the list and the limit, written down here for typical problems. */
class AlgorithmChoiceTest {

    private static final long NO_LIMIT = Long.MAX_VALUE;
    private static final CpuBackend VECTORS = new CpuBackend(2, SimdProvider.named("256"));
    private static final CpuBackend SCALAR = new CpuBackend(2, SimdProvider.named("scalar"));

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', textBlock = """
            # problem                                  | forward        | backward_data  | backward_filter
            # 3x3 and larger, dense
            n1c64h56w56k64r3s3_ph1pw1                  | winograd-4x4   | winograd-4x4   | winograd-filter
            n1c512h7w7k512r3s3_ph1pw1                  | flat-gemm      | flat-gemm      | columns-last-gemm
            n1c3h224w224k64r7s7_sh2sw2_ph3pw3          | shifted-gemm   | gemm-col2im    | channels-last-gemm
            n1c16h28w28k32r5s5_ph2pw2                  | shifted-gemm   | shifted-gemm   | channels-last-gemm
            n128c64h56w56k64r3s3_ph1pw1                | winograd-4x4   | winograd-4x4   | winograd-filter
            n1c64h56w56k128r1s1_sh2sw2                 | packed-1x1     | packed-1x1     | im2col-gemm
            n1c512h2w2k512r3s3_ph1pw1                  | shifted-gemm   | shifted-gemm   | im2col-gemm
            n1c64h28w28k64r3s3_dh2dw2_ph2pw2           | winograd-4x4   | winograd-4x4   | winograd-filter
            # dilations that are large beside the map
            n1c512h28w28k256r3s3_dh12dw12_ph12pw12     | lattice-gemm   | lattice-gemm   | channels-last-gemm
            n1c64h28w28k64r3s3_dh4dw4_ph4pw4           | winograd-4x4   | winograd-4x4   | winograd-filter
            n1c64h28w28k4r3s3_dh12dw12_ph12pw12        | padded-rows    | padded-rows    | channels-last-gemm
            n1c64h28w28k64r3s3_ph1:0pw2:0              | winograd-4x4   | winograd-4x4   | winograd-filter
            n1c6h14w14k16r5s5                          | shifted-gemm   | shifted-gemm   | channels-last-gemm
            n1c16h28w28k17r3s3_ph1pw1                  | shifted-gemm   | shifted-gemm   | channels-last-gemm
            n0c64h56w56k64r3s3_ph1pw1                  | shifted-gemm   | shifted-gemm   | channels-last-gemm
            # 3x3 with tiles enough for transforms to pay, and without
            n1c64h224w224k64r3s3_ph1pw1                | winograd-4x4   | winograd-4x4   | winograd-filter
            n1c3h224w224k64r3s3_ph1pw1                 | shifted-gemm   | gemm-col2im    | channels-last-gemm
            n1c128h28w28k128r3s3_ph1pw1                | winograd-4x4   | winograd-4x4   | winograd-filter
            n1c256h14w14k256r3s3_ph1pw1                | winograd-4x4   | winograd-4x4   | winograd-filter
            n8c256h14w14k256r3s3_ph1pw1                | winograd-4x4   | winograd-4x4   | winograd-filter
            n8c64h14w14k64r3s3_ph1pw1                  | winograd-4x4   | winograd-4x4   | winograd-filter
            n1c32h28w28k32r3s3_ph1pw1                  | winograd-4x4   | winograd-4x4   | winograd-filter
            n1c128h56w56k128r3s3_ph1pw1_g2             | winograd-4x4   | winograd-4x4   | winograd-filter
            # pointwise, and filters as large as the input
            n1c64h56w56k256r1s1                        | packed-1x1     | packed-1x1     | turned-1x1
            n1c16h64w64k1r1s1                          | packed-1x1     | packed-1x1     | gemm-1x1
            n1c4h56w56k4r1s1                           | shifted-planes | shifted-planes | shifted-planes
            n1c64h56w56k64r1s1_g32                     | shifted-planes | shifted-planes | shifted-planes
            n1c256h28w28k256r1s1_g256                  | shifted-planes | shifted-planes | shifted-planes
            n1c256h6w7k4096r6s7                        | gemm-1x1       | gemm-1x1       | gemm-1x1
            n64c1024h1w1k1000r1s1                      | packed-1x1     | packed-1x1     | gemm-1x1
            n8c256h6w7k512r6s7                         | gemm-1x1       | gemm-1x1       | gemm-1x1
            n1c512h5w5k512r1s1                         | packed-1x1     | packed-1x1     | columns-last-gemm
            n1c512h4w4k512r1s1                         | gemm-1x1       | packed-1x1     | columns-last-gemm
            n1c512h1w1k512r1s1                         | gemm-1x1       | packed-1x1     | gemm-1x1
            n2c512h1w1k512r1s1                         | packed-1x1     | packed-1x1     | gemm-1x1
            n8c512h7w7k512r7s7_g512                    | gemm-1x1       | gemm-1x1       | gemm-1x1
            n1c512h7w7k512r7s7_g512                    | direct         | direct         | alternate-points
            # filters as wide as the input
            n1c1h64w300k100r3s300                      | full-width-gemm | full-width-gemm | full-width-gemm
            n1c1h64w7k100r3s7                          | im2col-gemm    | gemm-col2im    | im2col-gemm
            # filters so large that Fourier transforms pay, or not quite
            n1c128h56w56k128r31s31_ph15pw15_g128       | fft            | fft            | fft
            n1c96h56w56k96r51s51_ph25pw25_g96          | fft            | fft            | fft
            n1c96h56w56k96r13s13_ph6pw6_g96            | padded-rows    | padded-rows    | shifted-planes
            n1c8w16000k8s128                           | fft            | fft            | fft
            n1c1w160000k1s1024                         | fft            | fft            | fft
            n1c1w16000k1s64                            | shifted-planes | shifted-planes | shifted-planes
            n1c16h64w64k16r33s33_ph16pw16              | fft            | fft            | fft
            n1c4d32h32w32k8t9r9s9_pd4ph4pw4            | fft            | fft            | fft
            # few output channels
            n1c16h64w64k1r3s3_ph1pw1                   | padded-rows    | shifted-gemm   | shifted-planes
            n1c64h32w32k3r5s5_ph2pw2                   | padded-rows    | shifted-gemm   | channels-last-gemm
            n1c1h28w28k6r5s5_ph2pw2                    | shifted-gemm   | padded-rows    | shifted-planes
            n64c1h28w28k20r5s5                         | shifted-gemm   | gemm-col2im    | shifted-planes
            n64c1h28w28k28r5s5                         | shifted-gemm   | gemm-col2im    | channels-last-gemm
            n16c1w500k24s63                            | shifted-gemm   | gemm-col2im    | channels-last-gemm
            n1c4h9w9k4r3s3_ph1pw1                      | padded-rows    | padded-rows    | shifted-planes
            n1c256h14w14k64r1s1                        | packed-1x1     | packed-1x1     | turned-1x1
            n8c480h14w14k192r1s1                       | packed-1x1     | packed-1x1     | turned-1x1
            n8c832h7w7k192r1s1                         | packed-1x1     | packed-1x1     | columns-last-gemm
            n1c480h14w14k192r1s1                       | packed-1x1     | packed-1x1     | columns-last-gemm
            n8c128d8h28w28k64t1r1s1                    | packed-1x1     | packed-1x1     | turned-1x1
            n16c64h56w56k256r1s1                       | packed-1x1     | packed-1x1     | gemm-1x1
            n1c47h14w14k96r1s1                         | packed-1x1     | packed-1x1     | gemm-1x1
            n1c48h14w14k96r1s1                         | packed-1x1     | packed-1x1     | turned-1x1
            n1c95h14w14k97r1s1                         | packed-1x1     | packed-1x1     | turned-1x1
            n1c96h14w14k97r1s1                         | packed-1x1     | packed-1x1     | turned-1x1
            n1c64h3w5k64r3s3_ph1pw1                    | shifted-gemm   | shifted-gemm   | im2col-gemm
            n1c64h4w4k64r3s3_ph1pw1                    | flat-gemm      | flat-gemm      | columns-last-gemm
            # few output channels
            # depthwise, multipliers, groups
            n1c32h112w112k32r3s3_ph1pw1_g32            | depthwise-3x3  | depthwise-3x3  | depthwise-3x3
            n1c64h112w112k64r3s3_sh2sw2_ph1pw1_g64     | depthwise-3x3  | depthwise-3x3  | depthwise-3x3
            n1c1024h7w7k1024r3s3_ph1pw1_g1024          | depthwise-3x3  | depthwise-3x3  | depthwise-3x3
            n8c256h28w28k256r3s3_sh2sw2_ph1pw1_g256    | depthwise-3x3  | depthwise-3x3  | depthwise-3x3
            n1c32h112w112k32r3s3_dh2dw2_ph2pw2_g32     | padded-rows    | padded-rows    | shifted-planes
            n1c64h112w112k64r3s3_sh2sw2_dh2dw2_ph2pw2_g64 | padded-rows | channel-lanes  | shifted-planes
            n1c1024h7w7k1024r3s3_dh2dw2_ph2pw2_g1024   | padded-rows    | padded-rows    | shifted-planes
            n8c256h28w28k256r3s3_sh2sw2_dh2dw2_ph2pw2_g256 | channel-lanes | channel-lanes | shifted-planes
            n1c96h56w56k96r7s7_ph3pw3_g96              | padded-rows    | padded-rows    | shifted-planes
            n1c64h16w16k64r14s14_g64                   | direct         | direct         | alternate-points
            n1c32h56w56k64r3s3_ph1pw1_g32              | padded-rows    | padded-rows    | shifted-planes
            n1c128h28w28k128r3s3_ph1pw1_g32            | padded-rows    | padded-rows    | shifted-planes
            n1c256h28w28k256r3s3_ph1pw1_g32            | shifted-gemm   | shifted-gemm   | grouped-gemm
            n8c1024h7w7k1024r3s3_ph1pw1_g32            | implicit-gemm  | implicit-gemm  | grouped-gemm
            n8c31h7w7k128r5s5_ph2pw2                   | implicit-gemm  | shifted-gemm   | channels-last-gemm
            n8c32h7w7k128r5s5_ph2pw2                   | implicit-gemm  | implicit-gemm  | channels-last-gemm
            n8c32h9w9k128r5s5_ph2pw2                   | implicit-gemm  | shifted-gemm   | channels-last-gemm
            n1c128h8w8k128r3s3_ph1pw1                  | flat-gemm      | flat-gemm      | columns-last-gemm
            n1c32h7w7k128r5s5_ph2pw2                   | flat-gemm      | flat-gemm      | columns-last-gemm
            n1c96h27w27k256r5s5_ph2pw2_g2              | shifted-gemm   | shifted-gemm   | grouped-gemm
            n1c128h14w14k128r3s3_dw2_g8                | shifted-gemm   | shifted-gemm   | channels-last-gemm
            n1c80h28w28k80r3s3_ph1pw1_g20              | padded-rows    | padded-rows    | shifted-planes
            n1c128h28w28k128r3s3_ph1pw1_g8             | shifted-gemm   | shifted-gemm   | grouped-gemm
            n1c128h28w28k128r3s3_ph1pw1_g4             | winograd-4x4   | winograd-4x4   | winograd-filter
            # transposed layers, seen as their equivalent convolutions: DCGAN, U-Net, FCN
            n1c512h8w8k1024r5s5_sh2sw2_ph2:1pw2:1      | shifted-gemm   | gemm-col2im    | columns-last-gemm
            n1c64h64w64k64r5s5_sh2sw2_ph2pw2           | shifted-gemm   | shifted-gemm   | channels-last-gemm
            n1c64h28w28k96r3s3_sh2sw2_ph1pw1           | implicit-gemm  | shifted-gemm   | channels-last-gemm
            n1c64h28w28k97r3s3_sh2sw2_ph1pw1           | implicit-gemm  | gemm-col2im    | columns-last-gemm
            n1c64h27w27k96r3s3_sh2sw2_ph1pw1           | implicit-gemm  | gemm-col2im    | channels-last-gemm
            n1c64h28w28k128r4s4_sh2sw2_ph1pw1          | implicit-gemm  | shifted-gemm   | channels-last-gemm
            n1c64h28w28k129r4s4_sh2sw2_ph1pw1          | implicit-gemm  | gemm-col2im    | channels-last-gemm
            n1c64h64w64k64r2s4_sh2sw2_pw1              | shifted-gemm   | gemm-col2im    | channels-last-gemm
            n1c96h20w20k192r2s2_sh2sw2                 | box-gemm       | box-gemm       | columns-last-gemm
            n1c96h14w14k192r2s2_sh2sw2                 | shifted-gemm   | box-gemm       | columns-last-gemm
            n1c96h12w12k192r2s2_sh2sw2                 | shifted-gemm   | gemm-col2im    | columns-last-gemm
            n1c64h392w392k128r2s2_sh2sw2               | box-gemm       | box-gemm       | columns-last-gemm
            n1c21h34w34k21r4s4_sh2sw2_ph1pw1_g21       | padded-rows    | shifted-planes | shifted-planes
            n1c21h544w544k21r64s64_sh32sw32_g21        | window-gemm    | window-gemm    | window-gemm
            n1c21h544w544k21r64s64_sh32sw32            | window-gemm    | window-gemm    | window-gemm
            # one and three dimensions
            n1c192h17w17k192r1s7_pw3                   | implicit-gemm  | implicit-gemm  | channels-last-gemm
            n1c192h8w8k192r1s7_pw3                     | implicit-gemm  | implicit-gemm  | columns-last-gemm
            n1c192h7w9k192r1s7_pw3                     | shifted-gemm   | shifted-gemm   | columns-last-gemm
            n1c96h17w17k31r1s7_pw3                     | shifted-gemm   | implicit-gemm  | channels-last-gemm
            n1c64w2048k192s4_sw2_pw1                   | shifted-gemm   | shifted-gemm   | columns-last-gemm
            n1c64w2048k193s4_sw2_pw1                   | shifted-gemm   | gemm-col2im    | columns-last-gemm
            n1c64w2048k96s3_sw2_pw1                    | shifted-gemm   | gemm-col2im    | columns-last-gemm
            n1c64w256k64s3_pw1                         | shifted-gemm   | shifted-gemm   | channels-last-gemm
            n1c1w1000k1s31_pw15                        | shifted-planes | shifted-planes | shifted-planes
            n4c16w64k16s60_g16                         | direct         | direct         | alternate-points
            n1c197h1w768k197r1s6_sh6sw6                | box-gemm       | box-gemm       | columns-last-gemm
            n1c8d16h16w16k8t3r3s3_pd1ph1pw1            | shifted-gemm   | shifted-gemm   | shifted-planes
            n1c64h3w64k64r3s3_ph1pw1_g64               | depthwise-3x3  | depthwise-3x3  | depthwise-3x3
            n1c64h4w64k64r3s3_ph1pw1_g64               | depthwise-3x3  | depthwise-3x3  | depthwise-3x3
            n1c64h64w1k64r3s1_ph1_g64                  | shifted-planes | shifted-planes | shifted-planes
            n1c16d16h16w16k16t3r3s3_pd1ph1pw1_g16      | padded-rows    | padded-rows    | shifted-planes
            """)
    void withVectors(String line, String forward, String backwardData, String backwardFilter) {
        assertChoice(VECTORS, line, forward, backwardData, backwardFilter);
    }

    /** Where only the widest vectors would be left half empty by a row, channels side by side fill them, unless 3x3 taps lie side by side. */
    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', textBlock = """
            n1c1024h7w7k1024r3s3_ph1pw1_g1024          | depthwise-3x3  | depthwise-3x3  | depthwise-3x3
            n1c1024h6w6k1024r3s3_ph1pw1_g1024          | depthwise-3x3  | depthwise-3x3  | depthwise-3x3
            n1c40h7w7k40r3s3_ph1pw1_g40                | depthwise-3x3  | depthwise-3x3  | depthwise-3x3
            n1c1024h7w7k1024r1s1_g1024                 | shifted-planes | shifted-planes | shifted-planes
            n1c512h14w14k512r3s3_ph1pw1_g512           | depthwise-3x3  | depthwise-3x3  | depthwise-3x3
            n1c512h14w14k512r3s3_sh2sw2_ph1pw1_g512    | depthwise-3x3  | depthwise-3x3  | depthwise-3x3
            n1c256h28w28k256r3s3_sh2sw2_ph1pw1_g256    | depthwise-3x3  | depthwise-3x3  | depthwise-3x3
            n8c256h28w28k256r3s3_sh2sw2_ph1pw1_g256    | depthwise-3x3  | depthwise-3x3  | depthwise-3x3
            n1c1024h7w7k1024r3s3_dh2dw2_ph2pw2_g1024   | channel-lanes  | channel-lanes  | channel-lanes
            n1c1024h6w6k1024r3s3_dh2dw2_ph2pw2_g1024   | padded-rows    | padded-rows    | shifted-planes
            n1c40h7w7k40r3s3_dh2dw2_ph2pw2_g40         | padded-rows    | padded-rows    | shifted-planes
            n1c512h14w14k512r3s3_dh2dw2_ph2pw2_g512    | padded-rows    | padded-rows    | shifted-planes
            n1c512h14w14k512r3s3_sh2sw2_dh2dw2_ph2pw2_g512 | padded-rows | channel-lanes | channel-lanes
            n1c256h28w28k256r3s3_sh2sw2_dh2dw2_ph2pw2_g256 | padded-rows | channel-lanes | shifted-planes
            n8c256h28w28k256r3s3_sh2sw2_dh2dw2_ph2pw2_g256 | channel-lanes | channel-lanes | shifted-planes
            n1c384h14w14k384r7s7_ph3pw3_g384           | channel-lanes  | channel-lanes  | channel-lanes
            n1c192h28w28k192r7s7_ph3pw3_g192           | padded-rows    | padded-rows    | shifted-planes
            """)
    void withTheWidestVectors(String line, String forward, String backwardData, String backwardFilter) {
        try (CpuBackend widest = new CpuBackend(1, SimdProvider.named("512"))) {
            assertChoice(widest, line, forward, backwardData, backwardFilter);
        }
    }

    /** Without vectors a product needs more filters to be worth its packing, and filter gradients are direct sums. */
    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', textBlock = """
            n1c64h56w56k64r3s3_ph1pw1                  | im2col-gemm    | residue-gemm   | im2col-gemm
            n1c64h56w56k256r1s1                        | gemm-1x1       | gemm-1x1       | gemm-1x1
            n1c3h32w32k24r3s3_ph1pw1                   | im2col-gemm    | gemm-col2im    | im2col-gemm
            n1c12h28w28k12r3s3_ph1pw1                  | im2col-gemm    | shifted-planes | im2col-gemm
            n1c128h28w28k128r3s3_ph1pw1_g32            | shifted-planes | shifted-planes | direct
            n1c32h112w112k32r3s3_ph1pw1_g32            | shifted-planes | shifted-planes | direct
            n4c64h16w16k64r14s14_g64                   | direct         | direct         | alternate-points
            """)
    void withoutVectors(String line, String forward, String backwardData, String backwardFilter) {
        assertChoice(SCALAR, line, forward, backwardData, backwardFilter);
    }

    /** The algorithms in front of the chosen one each say why they were passed over. */
    @Test
    void aPlanSaysWhyTheOthersWereNotTaken() {
        ConvPlan plan = choose(VECTORS, ConvProblem.parse("n1c32h112w112k64r3s3_ph1pw1_g32"), ConvOperation.FORWARD, NO_LIMIT);
        assertEquals("""
                winograd-4x4: transforms of 1 channel, 2 filters and 784 tiles cost more than the products that they save
                winograd-2x2: where it pays, winograd-4x4 pays more
                winograd-filter: it serves backward_filter only
                lattice-gemm: the pieces of an image exceed its scratch memory
                box-gemm: it serves filters no larger than their stride, without padding, only
                window-gemm: along rows it serves filters without dilation and padding only
                full-width-gemm: it serves filters as wide as the input only, which move along the height by 1 without padding
                fft: it pays from 49 taps on, and there are 9
                turned-gemm: it serves up to 256 positions only
                implicit-gemm: it pays from 96 output channels per group on, and there are 2
                flat-gemm: it serves maps of up to 256 positions, and there are 12544
                shifted-gemm: it serves groups of 6 output channels and more, and there are 2
                grouped-gemm: it serves backward_filter only
                turned-1x1: it serves backward_filter only
                columns-last-gemm: it serves backward_filter only
                channels-last-gemm: it serves backward_filter only
                depthwise-3x3: it serves one channel and one filter per group only
                channel-lanes: it serves one channel and one filter per group only
                """, passedOver(plan));
        ConvPlan gradient = choose(VECTORS, ConvProblem.parse("n4c16w64k16s60_g16"), ConvOperation.BACKWARD_FILTER, NO_LIMIT);
        assertEquals("""
                winograd-4x4: it serves forward and backward_data only
                winograd-2x2: it serves forward and backward_data only
                winograd-filter: it serves 3x3 filters with stride 1 and dilations up to 16 only
                lattice-gemm: it serves forward and backward_data only
                box-gemm: it serves forward and backward_data only
                window-gemm: it pays from 32 columns of a filter and a stride of 16 along rows on
                full-width-gemm: it serves filters as wide as the input only, which move along the height by 1 without padding
                fft: transforms and their products cost more than the 19200 multiply-adds that they save
                turned-gemm: it serves forward and backward_data only
                implicit-gemm: it serves forward and backward_data only
                flat-gemm: it serves forward and backward_data only
                shifted-gemm: it serves forward and backward_data only
                grouped-gemm: it pays from 6 to 48 channels per group, and there is 1
                turned-1x1: it serves 1-tap filters without stride and padding only
                columns-last-gemm: it pays from 16 channels or filters per group on
                channels-last-gemm: turning tensors around pays from 16 positions of a plane on, and there are 5
                depthwise-3x3: it serves filters of 3x3 taps without dilation only
                channel-lanes: it pays from 7 columns and 8 positions on
                padded-rows: it serves forward and backward_data only
                shifted-planes: laying out planes for 5 positions and 60 taps costs more than the sums
                packed-1x1: it serves forward and backward_data only
                gemm-1x1: it serves 1-tap filters without stride and padding, and filters as large as the input, only
                im2col-gemm: its packing pays from 2 filters per group, and there is 1
                residue-gemm: it serves backward_data only
                gemm-col2im: it serves backward_data only
                """, passedOver(gradient));
        ConvPlan scalar = choose(SCALAR, ConvProblem.parse("n1c16w64k16s3_g16"), ConvOperation.BACKWARD_FILTER, NO_LIMIT);
        assertEquals("""
                winograd-4x4: it serves forward and backward_data only
                winograd-2x2: it serves forward and backward_data only
                winograd-filter: it serves 3x3 filters with stride 1 and dilations up to 16 only
                lattice-gemm: it serves forward and backward_data only
                box-gemm: it serves forward and backward_data only
                window-gemm: it serves filters of 64 columns and more
                full-width-gemm: it serves filters as wide as the input only, which move along the height by 1 without padding
                fft: without vectors, its costs are not known
                turned-gemm: it serves forward and backward_data only
                implicit-gemm: it serves forward and backward_data only
                flat-gemm: it serves forward and backward_data only
                shifted-gemm: it serves forward and backward_data only
                grouped-gemm: without vectors, it is no faster than a product with packed columns
                turned-1x1: it serves 1-tap filters without stride and padding only
                columns-last-gemm: without vectors, it is no faster than a product with packed columns
                channels-last-gemm: without vectors, it is no faster than a product with packed columns
                depthwise-3x3: it serves filters of 3x3 taps without dilation only
                channel-lanes: without vectors, turning channels around gains nothing
                padded-rows: it serves forward and backward_data only
                shifted-planes: without vectors, sums of products of long rows are faster directly
                packed-1x1: it serves forward and backward_data only
                gemm-1x1: it serves 1-tap filters without stride and padding, and filters as large as the input, only
                im2col-gemm: its packing pays from 12 filters per group, and there is 1
                residue-gemm: it serves backward_data only
                gemm-col2im: it serves backward_data only
                alternate-points: the rows of dw are not longer than those of dy (3 against 62)
                """, passedOver(scalar));
    }

    /** Constant filters are packed once, however few positions there are. */
    @Test
    void constantFiltersArePackedForSinglePositions() {
        ConvRequest request = ConvRequest.fp32(ConvProblem.parse("n1c512h1w1k512r1s1"), ConvOperation.FORWARD);
        assertEquals("gemm-1x1", choose(VECTORS, request, NO_LIMIT).algorithm().name());
        assertEquals("packed-1x1", choose(VECTORS, request.withConstantFilters(), NO_LIMIT).algorithm().name());
    }

    /** Constant filters, which are packed once, may meet few positions, and those of several images share vectors. */
    @Test
    void constantFiltersMeetColumnsOfAllImages() {
        assertEquals("shifted-gemm", forwardOfConstantFilters("n1c48h7w7k48r5s5_ph2pw2"));
        assertEquals("implicit-gemm", forwardOfConstantFilters("n8c48h7w7k48r5s5_ph2pw2"));
        assertEquals("turned-gemm", forwardOfConstantFilters("n1c48h5w5k96r5s5_ph2pw2"));
    }

    /** Panels cost packing, the more the fewer output channels meet them, and shifted planes padding, the more the shorter their rows are. */
    @Test
    void panelsPayWherePaddingCostsMore() {
        assertEquals("implicit-gemm", forwardOfConstantFilters("n8c48h14w14k192r5s5_ph2pw2"));
        assertEquals("shifted-gemm", forwardOfConstantFilters("n8c48h14w14k32r5s5_ph2pw2"));
        assertEquals("shifted-gemm", forwardOfConstantFilters("n8c48h56w56k192r5s5_ph2pw2"));
        assertEquals("shifted-gemm", forwardOfConstantFilters("n8c48w3000k192s5_pw2"));
        assertEquals("implicit-gemm", dataGradient("n8c192h14w14k48r5s5_ph2pw2", false));
        assertEquals("shifted-gemm", dataGradient("n8c32h14w14k48r5s5_ph2pw2", false));
    }

    private static String forwardOfConstantFilters(String line) {
        ConvRequest request = ConvRequest.fp32(ConvProblem.parse(line), ConvOperation.FORWARD);
        return choose(VECTORS, request.withConstantFilters(), NO_LIMIT).algorithm().name();
    }

    /** The same in the data gradient, where filters are parted among residue classes: some positions of each pay if filters are constant. */
    @Test
    void residueClassesMeetColumnsOfAllImages() {
        assertEquals("implicit-gemm", dataGradient("n3c96h8w8k96r4s4_sh2sw2_ph1pw1", true));
        assertEquals("gemm-col2im", dataGradient("n3c96h8w8k96r4s4_sh2sw2_ph1pw1", false));
        assertEquals("gemm-col2im", dataGradient("n1c96h8w11k160r4s4_sh2sw2_ph1pw1", true));
        assertEquals("implicit-gemm", dataGradient("n1c96h8w24k160r4s4_sh2sw2_ph1pw1", true));
        assertEquals("gemm-col2im", dataGradient("n8c96h32w64k160r4s4_sh2sw2_ph1pw1", false));
    }

    private static String dataGradient(String line, boolean constant) {
        ConvRequest request = ConvRequest.fp32(ConvProblem.parse(line), ConvOperation.BACKWARD_DATA);
        return choose(VECTORS, constant ? request.withConstantFilters() : request, NO_LIMIT).algorithm().name();
    }

    /** Strict accuracy takes the same as if Winograd's and Fourier's were not there, and says why they are not taken. */
    @Test
    void strictAccuracyLeavesTransformsOut() {
        ConvRequest request = ConvRequest.fp32(ConvProblem.parse("n1c64h56w56k64r3s3_ph1pw1"), ConvOperation.FORWARD);
        ConvPlan plan = AlgorithmChooser.strict(AlgorithmChooser.firstThatSuits())
                .choose(request, VECTORS.name(), VECTORS.algorithms(), NO_LIMIT);
        assertEquals("shifted-gemm", plan.algorithm().name());
        assertEquals("""
                winograd-4x4: strict accuracy forbids its arithmetic, WINOGRAD_4X4
                winograd-2x2: strict accuracy forbids its arithmetic, WINOGRAD_2X2
                winograd-filter: strict accuracy forbids its arithmetic, WINOGRAD_4X4
                fft: strict accuracy forbids its arithmetic, FOURIER
                lattice-gemm: the pieces of an image exceed its scratch memory
                box-gemm: it serves filters no larger than their stride, without padding, only
                window-gemm: along rows it serves filters without dilation and padding only
                full-width-gemm: it serves filters as wide as the input only, which move along the height by 1 without padding
                turned-gemm: it serves up to 256 positions only
                implicit-gemm: laying out shifted planes costs less than packing panels
                flat-gemm: it serves maps of up to 256 positions, and there are 3136
                """, passedOver(plan));
        ConvRequest gradient = ConvRequest.fp32(request.problem(), ConvOperation.BACKWARD_FILTER);
        assertEquals("channels-last-gemm", AlgorithmChooser.strict(AlgorithmChooser.firstThatSuits())
                .choose(gradient, VECTORS.name(), VECTORS.algorithms(), NO_LIMIT).algorithm().name());
    }

    /** With no workspace allowed, what needs none is left, and says of the others what they need. */
    @Test
    void withoutWorkspaceTheDirectSumsServeEverything() {
        ConvProblem problem = ConvProblem.parse("n1c64h56w56k64r3s3_ph1pw1");
        for (ConvOperation operation : ConvOperation.values()) {
            ConvPlan plan = choose(VECTORS, problem, operation, 0);
            assertEquals("direct", plan.algorithm().name());
            assertEquals(0, plan.workspaceBytes());
        }
    }

    /** fp64 is for gradient checks: the definition serves it. */
    @Test
    void theDefinitionServesDoubles() {
        for (ConvOperation operation : ConvOperation.values()) {
            ConvRequest request = new ConvRequest(ConvProblem.parse("n1c64h56w56k64r3s3_ph1pw1"), operation, DataType.FLOAT64);
            assertEquals("reference", AlgorithmChooser.firstThatSuits()
                    .choose(request, VECTORS.name(), VECTORS.algorithms(), NO_LIMIT).algorithm().name());
        }
    }

    /** In the networks of the bundled suites, neither the definition nor inserted zeros are ever the choice. */
    @Test
    void theSlowWaysAreNeverChosenForNetworks() {
        for (ProblemSuite suite : ProblemSuites.all()) {
            suite.problems().forEach(problem -> {
                for (ConvOperation operation : ConvOperation.values()) {
                    String name = choose(VECTORS, problem, operation, NO_LIMIT).algorithm().name();
                    assertFalse(name.equals("reference") || name.equals("zero-insert"), () -> name + " for " + problem);
                }
            });
        }
    }

    private static void assertChoice(CpuBackend backend, String line, String forward, String backwardData, String backwardFilter) {
        ConvProblem problem = ConvProblem.parse(line);
        assertEquals(forward, choose(backend, problem, ConvOperation.FORWARD, NO_LIMIT).algorithm().name(), "forward");
        assertEquals(backwardData, choose(backend, problem, ConvOperation.BACKWARD_DATA, NO_LIMIT).algorithm().name(), "backward_data");
        assertEquals(backwardFilter, choose(backend, problem, ConvOperation.BACKWARD_FILTER, NO_LIMIT).algorithm().name(),
                "backward_filter");
    }

    private static ConvPlan choose(CpuBackend backend, ConvProblem problem, ConvOperation operation, long limit) {
        return choose(backend, ConvRequest.fp32(problem, operation), limit);
    }

    private static ConvPlan choose(CpuBackend backend, ConvRequest request, long limit) {
        return AlgorithmChooser.firstThatSuits().choose(request, backend.name(), backend.algorithms(), limit);
    }

    private static String passedOver(ConvPlan plan) {
        var text = new StringBuilder();
        plan.passedOver().forEach(p -> text.append(p.algorithm()).append(": ").append(p.because()).append('\n'));
        return text.toString();
    }
}
