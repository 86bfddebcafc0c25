package io.github.jconv.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.jconv.algorithm.ConvRequest;
import io.github.jconv.algorithm.FilterForm;
import io.github.jconv.algorithm.Support;
import io.github.jconv.cpu.simd.SimdProvider;
import io.github.jconv.problem.ConvOperation;
import io.github.jconv.problem.ConvProblem;
import io.github.jconv.tensor.DataType;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What the algorithms that rest on a matrix product refuse, and what scratch memory they ask for. */
class GemmAlgorithmsTest {

    private static final List<String> NAMES = List.of("box-gemm", "turned-gemm", "implicit-gemm", "flat-gemm", "shifted-gemm", "window-gemm",
            "channel-lanes", "padded-rows", "shifted-planes", "packed-1x1", "gemm-1x1", "im2col-gemm", "residue-gemm", "gemm-col2im");

    @Test
    void refusalsSayWhy() {
        try (CpuBackend backend = new CpuBackend(1)) {
            ConvProblem pointwise = ConvProblem.parse("n1c2h3w4k5r1s1");
            for (String name : NAMES) {
                Support fp64 = named(backend, name).supports(new ConvRequest(pointwise, ConvOperation.FORWARD, DataType.FLOAT64));
                assertEquals("no, because it computes in fp32 only", fp64.toString());
                Support large = named(backend, name).supports(ConvRequest.fp32(
                        ConvProblem.parse("n3c1000000000w1k1s1"), ConvOperation.FORWARD));
                assertEquals("no, because x has 3000000000 elements and an array on the heap holds up to 2147483639", large.toString());
            }
            assertEquals("no, because it serves backward_data only", named(backend, "gemm-col2im")
                    .supports(ConvRequest.fp32(pointwise, ConvOperation.FORWARD)).toString());
            assertEquals("no, because the stride makes 2500 residue classes; it serves up to 1024", named(backend, "residue-gemm")
                    .supports(ConvRequest.fp32(ConvProblem.parse("n1c2h60w70k5r50s51_sh50sw50"), ConvOperation.BACKWARD_DATA)).toString());
            assertEquals("no, because it serves forward and backward_data only", named(backend, "implicit-gemm")
                    .supports(ConvRequest.fp32(ConvProblem.parse("n1c2h9w9k4r3s3"), ConvOperation.BACKWARD_FILTER)).toString());
            assertEquals("no, because the planes of a single output, or the pieces they are made of, exceed its scratch memory",
                    named(backend, "implicit-gemm").supports(ConvRequest.fp32(ConvProblem.parse("n1c2h600w700k2r500s500"), ConvOperation.FORWARD)).toString());
            assertEquals("no, because the planes of a single output, or the pieces they are made of, exceed its scratch memory",
                    named(backend, "implicit-gemm").supports(ConvRequest.fp32(
                            ConvProblem.parse("n1c2h9w90000k90r3s3200_sw3"), ConvOperation.FORWARD)).toString());
            assertEquals("no, because it serves data gradients without stride only, whose inputs all meet outputs", named(backend, "turned-gemm")
                    .supports(ConvRequest.fp32(ConvProblem.parse("n1c2h9w9k4r3s3_sh2"), ConvOperation.BACKWARD_DATA)).toString());
            assertEquals("no, because it serves up to 256 positions only", named(backend, "turned-gemm")
                    .supports(ConvRequest.fp32(ConvProblem.parse("n1c2h1w259k4r1s3"), ConvOperation.FORWARD)).toString());
            assertEquals("no, because it serves up to 192 taps only", named(backend, "turned-gemm")
                    .supports(ConvRequest.fp32(ConvProblem.parse("n1c2h5w200k4r1s193"), ConvOperation.FORWARD)).toString());
            assertEquals("no, because the planes of a channel exceed its scratch memory", named(backend, "turned-gemm")
                    .supports(ConvRequest.fp32(ConvProblem.parse("n1c2h70000w1k4r2s1_dh69997"), ConvOperation.FORWARD)).toString());
            assertEquals("no, because the planes and sums of a group do not fit its scratch memory of 65536 elements",
                    named(backend, "shifted-planes").supports(ConvRequest.fp32(
                            ConvProblem.parse("n1c2h600w700k2r500s500_g2"), ConvOperation.FORWARD)).toString());
            assertEquals("no, because the padded channels of a group, or its taps, exceed its scratch memory of 262144 elements",
                    named(backend, "padded-rows").supports(ConvRequest.fp32(
                            ConvProblem.parse("n1c2h600w700k2r3s3_g2"), ConvOperation.FORWARD)).toString());
            assertEquals("no, because along rows it serves strides of 1 and 2, and there it is 3", named(backend, "padded-rows")
                    .supports(ConvRequest.fp32(ConvProblem.parse("n1c2h9w9k2r3s3_sw3_g2"), ConvOperation.FORWARD)).toString());
            assertEquals("no, because for backward_data it serves stride 1 only", named(backend, "padded-rows")
                    .supports(ConvRequest.fp32(ConvProblem.parse("n1c2h9w9k2r3s3_sh2_g2"), ConvOperation.BACKWARD_DATA)).toString());
            assertEquals("no, because it serves forward and backward_data only", named(backend, "padded-rows")
                    .supports(ConvRequest.fp32(ConvProblem.parse("n1c2h9w9k2r3s3_g2"), ConvOperation.BACKWARD_FILTER)).toString());
            assertEquals("no, because an image, or the filters of one channel, exceed its scratch memory of 1048576 elements",
                    named(backend, "full-width-gemm").supports(ConvRequest.fp32(
                            ConvProblem.parse("n1c1h4000w300k6r3s300"), ConvOperation.FORWARD)).toString());
            assertEquals("no, because it serves filters as wide as the input only, which move along the height by 1 without padding",
                    named(backend, "full-width-gemm").supports(ConvRequest.fp32(
                            ConvProblem.parse("n1c1h40w300k6r3s300_ph1:0"), ConvOperation.FORWARD)).toString());
            assertEquals("no, because for backward_data it serves inputs of 6 rows and more, of " + SimdProvider.chosen().lanes()
                    + " columns and more", named(backend, "full-width-gemm")
                    .supports(ConvRequest.fp32(ConvProblem.parse("n1c1h5w300k6r3s300"), ConvOperation.BACKWARD_DATA)).toString());
            assertEquals("no, because it serves stride 1 only", named(backend, "lattice-gemm")
                    .supports(ConvRequest.fp32(ConvProblem.parse("n1c2h9w9k4r3s3_sh2"), ConvOperation.FORWARD)).toString());
            assertEquals("no, because it serves forward and backward_data only", named(backend, "box-gemm")
                    .supports(ConvRequest.fp32(ConvProblem.parse("n1c2h8w8k4r2s2_sh2sw2"), ConvOperation.BACKWARD_FILTER)).toString());
            for (String line : List.of("n1c2h8w8k4r3s2_sh2sw2", "n1c2h8w8k4r2s2_sh2sw2_ph1", "n1c2h8w8k4r2s2_sh2sw2_pw0:1",
                    "n1c2h8w8k4r2s2_sh2sw2_dw2")) {
                assertEquals("no, because it serves filters no larger than their stride, without padding, only",
                        named(backend, "box-gemm").supports(ConvRequest.fp32(ConvProblem.parse(line), ConvOperation.FORWARD)).toString());
            }
            assertEquals("no, because packed filters have up to 16777216 elements, and there would be 18874368", named(backend, "box-gemm")
                    .supports(ConvRequest.fp32(ConvProblem.parse("n1c2048h8w8k2304r2s2_sh2sw2"), ConvOperation.FORWARD)).toString());
            assertEquals("no, because it serves up to 32768 products for an output, and there are 32769", named(backend, "box-gemm")
                    .supports(ConvRequest.fp32(ConvProblem.parse("n1c1w70000k9s32769_sw32769"), ConvOperation.FORWARD)).toString());
            assertEquals("no, because it serves forward and backward_data only", named(backend, "lattice-gemm")
                    .supports(ConvRequest.fp32(ConvProblem.parse("n1c2h9w9k4r3s3_dh2"), ConvOperation.BACKWARD_FILTER)).toString());
            assertEquals("no, because packed filters have up to 16777216 elements", named(backend, "lattice-gemm")
                    .supports(ConvRequest.fp32(ConvProblem.parse("n1c2048h9w9k2048r3s3_dh2"), ConvOperation.FORWARD)).toString());
            assertEquals("no, because the pieces of an image exceed its scratch memory", named(backend, "lattice-gemm")
                    .supports(ConvRequest.fp32(ConvProblem.parse("n1c64h224w224k64r3s3_ph1pw1"), ConvOperation.FORWARD)).toString());
            assertEquals("no, because along rows it serves filters without dilation and padding only", named(backend, "window-gemm")
                    .supports(ConvRequest.fp32(ConvProblem.parse("n1c2h9w99k4r3s20_sw9_pw1"), ConvOperation.FORWARD)).toString());
            assertEquals("no, because it serves one and two dimensions only", named(backend, "window-gemm")
                    .supports(ConvRequest.fp32(ConvProblem.parse("n1c2d9h9w99k4t3r3s20_sw9"), ConvOperation.FORWARD)).toString());
            assertEquals("no, because with less than 8 filters per group it serves filters of a multiple of 16 columns only",
                    named(backend, "window-gemm").supports(ConvRequest.fp32(ConvProblem.parse("n1c2h9w99k4r3s20_sw9"),
                            ConvOperation.FORWARD)).toString());
            assertEquals("no, because it serves rows of 6 outputs and more", named(backend, "window-gemm")
                    .supports(ConvRequest.fp32(ConvProblem.parse("n1c2h9w49k9r3s20_sw9"), ConvOperation.FORWARD)).toString());
            assertEquals("no, because it serves rows of 6 outputs and more, and windows of which each stride has "
                    + SimdProvider.chosen().lanes() + " columns and more", named(backend, "window-gemm")
                    .supports(ConvRequest.fp32(ConvProblem.parse("n1c2h9w990k9r3s65_sw64"), ConvOperation.BACKWARD_DATA)).toString());
            assertEquals("no, because the windows of a row, or the filters, exceed its scratch memory", named(backend, "window-gemm")
                    .supports(ConvRequest.fp32(ConvProblem.parse("n1c2h9w90000k90r3s3200_sw3"), ConvOperation.FORWARD)).toString());
            assertEquals("no, because it serves one channel and one filter per group only", named(backend, "channel-lanes")
                    .supports(ConvRequest.fp32(ConvProblem.parse("n1c2h9w9k4r3s3_g2"), ConvOperation.FORWARD)).toString());
            assertEquals("no, because it serves one and two dimensions only", named(backend, "channel-lanes")
                    .supports(ConvRequest.fp32(ConvProblem.parse("n1c2d9h9w9k2t3r3s3_g2"), ConvOperation.FORWARD)).toString());
            assertEquals("no, because a channel and its padding exceed its scratch memory of 49152 positions",
                    named(backend, "channel-lanes").supports(ConvRequest.fp32(
                            ConvProblem.parse("n1c2h120w120k2r3s3_g2"), ConvOperation.FORWARD)).toString());
            assertEquals("no, because it serves 1-tap filters without padding, and filters as large as the input, only",
                    named(backend, "packed-1x1").supports(ConvRequest.fp32(
                            ConvProblem.parse("n1c2h3w4k5r1s1_ph1"), ConvOperation.FORWARD)).toString());
            assertEquals("no, because packed filters have up to 16777216 elements, and there would be 51380224",
                    named(backend, "packed-1x1").supports(ConvRequest.fp32(
                            ConvProblem.parse("n1c256h7w7k4096r7s7"), ConvOperation.FORWARD)).toString());
            assertEquals("no, because it serves 1-tap filters without stride and padding, and filters as large as the input, only",
                    named(backend, "gemm-1x1").supports(ConvRequest.fp32(
                            ConvProblem.parse("n1c2h3w4k5r1s1_sh2sw1"), ConvOperation.FORWARD)).toString());
        }
    }

    /** The sums of a tile of a gradient, and a block of turned tensors, whatever the batch, the image and the threads. */
    @Test
    void turnedInputsAndSumsAreBounded() {
        try (CpuBackend backend = new CpuBackend(3)) {
            for (String line : List.of("n64c64h224w224k64r3s3_ph1pw1", "n8c512h28w28k512r3s3_ph1pw1", "n1c8w1000000k7s99",
                    "n8c16d32h112w112k16t3r3s3_pd1ph1pw1")) {
                ConvRequest request = ConvRequest.fp32(ConvProblem.parse(line), ConvOperation.BACKWARD_FILTER);
                long bytes = named(backend, "channels-last-gemm").workspaceBytes(request);
                assertTrue(bytes <= 20L << 20, () -> request + ": " + bytes + " bytes");
            }
            assertEquals("no, because the sums of a tile, or the inputs of a single output, exceed its scratch memory",
                    named(backend, "channels-last-gemm").supports(ConvRequest.fp32(
                            ConvProblem.parse("n1c8h100w100k8r50s50"), ConvOperation.BACKWARD_FILTER)).toString());
        }
    }

    /** What a thread lays out of a group, whatever the batch, the image and the filters. */
    @Test
    void joinedTapsAreBounded() {
        try (CpuBackend backend = new CpuBackend(3)) {
            for (String line : List.of("n64c64h224w224k64r3s3_ph1pw1_g4", "n8c256h28w28k4096r3s3_ph1pw1_g8", "n8c64d32h112w112k64t3r3s3_g8",
                    "n1c96w1000k96s41_g2")) {
                ConvRequest request = ConvRequest.fp32(ConvProblem.parse(line), ConvOperation.BACKWARD_FILTER);
                long bytes = named(backend, "grouped-gemm").workspaceBytes(request);
                assertTrue(bytes <= 3 << 20, () -> request + ": " + bytes + " bytes");
            }
            for (String line : List.of("n1c16h100w100k16r50s50_g2", "n1c16w1000000k16s9_g2")) {
                assertEquals("no, because the sums of a group, or the inputs of a row of outputs, exceed its scratch memory",
                        named(backend, "grouped-gemm").supports(ConvRequest.fp32(ConvProblem.parse(line), ConvOperation.BACKWARD_FILTER))
                                .toString());
            }
            assertEquals("no, because taps along rows must be neighbours", named(backend, "grouped-gemm").supports(
                    ConvRequest.fp32(ConvProblem.parse("n1c16w100k16s3_dw2_g2"), ConvOperation.BACKWARD_FILTER)).toString());
        }
    }

    /** Copies of the images of a block, and sums, whatever the batch and the threads. */
    @Test
    void piecesOfDilatedMapsAreBounded() {
        for (SimdProvider simd : SimdProvider.all()) {
            try (CpuBackend backend = new CpuBackend(3, simd)) {
                for (String line : List.of("n64c512h28w28k256r3s3_ph12pw12_dh12dw12", "n8c2048h7w7k64r3s3_ph6pw6_dh6dw6",
                        "n64c16h112w112k16r3s3_ph50pw50_dh50dw50", "n8c64w9000k64s3_pw999_dw999")) {
                    for (ConvOperation operation : List.of(ConvOperation.FORWARD, ConvOperation.BACKWARD_DATA)) {
                        ConvRequest request = ConvRequest.fp32(ConvProblem.parse(line), operation);
                        CpuAlgorithm algorithm = named(backend, "lattice-gemm");
                        assertTrue(algorithm.supports(request).yes(), () -> request + " with " + simd.name());
                        long bytes = algorithm.workspaceBytes(request) - FilterForm.workspaceBytes(algorithm.filterForm(request), request);
                        assertTrue(bytes <= (17L << 20) + 3 * (2L << 20), () -> request + ": " + bytes + " bytes");
                    }
                }
            }
        }
    }

    /** Columns of a block, and the padded images that they are taken from, whatever the batch and the threads. */
    @Test
    void turnedColumnsAreBounded() {
        try (CpuBackend backend = new CpuBackend(3)) {
            for (String line : List.of("n64c64h224w224k64r3s3_ph1pw1", "n64c512h7w7k512r3s3_ph1pw1", "n8c2048h7w7k512r1s1",
                    "n256c1024h1w1k4096r1s1", "n8c16d16h56w56k16t3r3s3_pd1ph1pw1", "n8c64h392w392k128r2s2_sh2sw2")) {
                ConvRequest request = ConvRequest.fp32(ConvProblem.parse(line), ConvOperation.BACKWARD_FILTER);
                assertTrue(named(backend, "columns-last-gemm").supports(request).yes(), line);
                long bytes = named(backend, "columns-last-gemm").workspaceBytes(request);
                assertTrue(bytes <= 17L << 20, () -> request + ": " + bytes + " bytes");
            }
            assertEquals("no, because the columns of some outputs and the padded input exceed its scratch memory",
                    named(backend, "columns-last-gemm").supports(ConvRequest.fp32(
                            ConvProblem.parse("n1c64h600w700k8r3s3_ph1pw1"), ConvOperation.BACKWARD_FILTER)).toString());
            assertEquals("no, because it serves backward_filter only", named(backend, "columns-last-gemm").supports(ConvRequest.fp32(
                    ConvProblem.parse("n1c6h7w8k8r3s3_ph1pw1"), ConvOperation.FORWARD)).toString());
        }
    }

    /** The turned tensor of the images of a block, and the sums of each thread. */
    @Test
    void aTurnedTensorIsBounded() {
        try (CpuBackend backend = new CpuBackend(3)) {
            CpuAlgorithm algorithm = named(backend, "turned-1x1");
            for (String line : List.of("n64c512h14w14k64r1s1", "n64c512h56w56k64r1s1", "n8c2048h7w7k512r1s1", "n1c4096h2w2k4096r1s1", "n8c64h56w56k256r1s1", "n1c5h9w9k2r1s1")) {
                ConvRequest request = ConvRequest.fp32(ConvProblem.parse(line), ConvOperation.BACKWARD_FILTER);
                assertTrue(algorithm.supports(request).yes(), line);
                long bytes = algorithm.workspaceBytes(request);
                assertTrue(bytes <= 10L << 20, () -> request + ": " + bytes + " bytes");
            }
            assertEquals("no, because the turned tensor of an image exceeds its scratch memory", algorithm.supports(ConvRequest.fp32(
                    ConvProblem.parse("n2c512h224w224k64r1s1"), ConvOperation.BACKWARD_FILTER)).toString());
            assertEquals("no, because it serves 1-tap filters without stride and padding only", algorithm.supports(ConvRequest.fp32(
                    ConvProblem.parse("n1c6h9w9k8r1s1_sh2"), ConvOperation.BACKWARD_FILTER)).toString());
            assertEquals("no, because it serves backward_filter only", algorithm.supports(ConvRequest.fp32(
                    ConvProblem.parse("n1c6h9w9k8r1s1"), ConvOperation.FORWARD)).toString());
        }
    }

    /** The column matrix of this batch has 1.8 G elements: what is asked for, but for packed filters, depends on neither the batch nor the image. */
    @Test
    void scratchMemoryIsBoundedForEachThread() {
        for (SimdProvider simd : SimdProvider.all()) {
            try (CpuBackend backend = new CpuBackend(3, simd)) {
                for (String line : List.of("n64c64h224w224k64r3s3_ph1pw1", "n64c512h14w14k512r3s3_ph1pw1", "n64c2048h7w7k512r1s1",
                        "n8c16d32h112w112k16t3r3s3_pd1ph1pw1", "n8c3w1000000k7s99", "n8c64h392w392k128r2s2_sh2sw2",
                        "n1c3h1120w1120k768r32s32_sh32sw32", "n256c4096h7w7k4096r7s7", "n1c1h2000w2000k1r300s300")) {
                    ConvProblem problem = ConvProblem.parse(line);
                    for (ConvOperation operation : ConvOperation.values()) {
                        ConvRequest request = ConvRequest.fp32(problem, operation);
                        for (String name : NAMES) {
                            if (named(backend, name).supports(request).yes()) {
                                CpuAlgorithm algorithm = named(backend, name);
                                long bytes = algorithm.workspaceBytes(request)
                                        - FilterForm.workspaceBytes(algorithm.filterForm(request), request);
                                assertTrue(bytes <= 3 * (2L << 20), () -> name + " " + request + ": " + bytes + " bytes");
                            }
                        }
                    }
                }
            }
        }
    }

    private static CpuAlgorithm named(CpuBackend backend, String name) {
        return backend.algorithms().stream().filter(algorithm -> algorithm.name().equals(name)).findFirst().orElseThrow();
    }
}
