package io.github.jconv.emulated;

import static io.github.jconv.emulated.DriverSession.check;
import static io.github.jconv.emulated.DriverSession.explain;
import static io.github.jconv.emulated.DriverSession.filled;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.jconv.testing.EmulatedDevice;
import java.util.List;
import java.util.stream.Stream;
import jcuda.Pointer;
import jcuda.Sizeof;
import jcuda.driver.CUdeviceptr;
import jcuda.driver.CUfunction;
import jcuda.driver.CUmodule;
import jcuda.driver.CUresult;
import jcuda.driver.JCudaDriver;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The interpreter of PTX on modules written by hand, which bear the name and the parameters of {@code jconv_fill}: what instructions give,
 * by the PTX ISA's manual, and which accesses to memory are refused.
 */
class EmulatedPtxTest {

    /** An address that each thread has for itself, one that all share, and the one of a thread's neighbour. */
    private static final String MEMORY = """
            mov.u32 %r1, %tid.x;
            mov.u32 %r2, %ctaid.x;
            mov.u32 %r3, %ntid.x;
            mad.lo.s32 %r4, %r2, %r3, %r1;
            mul.wide.u32 %rd2, %r4, 4;
            add.s64 %rd3, %rd1, %rd2;
            shl.b32 %r5, %r1, 2;
            mov.u32 %r6, jconvSharedMemory;
            add.s32 %r7, %r6, %r5;
            xor.b32 %r8, %r5, 4;
            add.s32 %r8, %r6, %r8;
            mov.f32 %f1, 0f40000000;
            """;

    private DriverSession session;

    @BeforeEach
    void open() {
        session = new DriverSession();
        EmulatedDevice.command("code ptx watched");
    }

    @AfterEach
    void close() {
        session.close();
    }

    @Test
    void theShippedKernelRuns() {
        CUdeviceptr y = session.upload(filled(7, 1000));
        check(session.fill(session.fillKernel(), null, y, 2.5f, 999));
        float[] expected = filled(2.5f, 1000);
        expected[999] = 7;
        assertArrayEquals(expected, session.download(y, 1000));
    }

    @Test
    void whatRunsIsThePtxAndNotTheSource() {
        CUdeviceptr y = session.upload(1, 1);
        check(launch("st.global.f32 [%rd1+4], 0f40A00000;", y, 1, 1));
        assertArrayEquals(new float[] {1, 5}, session.download(y, 2));
    }

    static Stream<Arguments> instructions() {
        String nan = "mov.f32 %f1, 0f7FC00000; mov.f32 %f2, 0f40000000; ";
        String bytes = "mov.u32 %r1, 0x44332211; mov.u32 %r2, 0x88776655; ";
        float tiny = 1 + 0x1p-12f;
        return Stream.of(
                Arguments.of("mov.u32 %r1, -7; div.s32 %r9, %r1, 2;", -7 / 2),
                Arguments.of("mov.u32 %r1, -7; rem.s32 %r9, %r1, 2;", -7 % 2),
                Arguments.of("mov.u32 %r1, -7; div.u32 %r9, %r1, 2;", Integer.divideUnsigned(-7, 2)),
                Arguments.of("mov.u32 %r1, -2147483648; div.s32 %r9, %r1, -1;", Integer.MIN_VALUE),
                Arguments.of("mov.u32 %r1, -7; shl.b32 %r9, %r1, 33;", 0),
                Arguments.of("mov.u32 %r1, -7; shr.s32 %r9, %r1, 40;", -1),
                Arguments.of("mov.u32 %r1, -7; shr.u32 %r9, %r1, 32;", 0),
                Arguments.of("mov.u32 %r1, -7; mul.hi.s32 %r9, %r1, 954437177;", (int) (-7L * 954437177 >> 32)),
                Arguments.of("mov.u32 %r1, -7; mul.wide.u32 %rd2, %r1, 3; shr.u64 %rd3, %rd2, 32; cvt.u32.u64 %r9, %rd3;",
                        (int) ((0xfffffff9L * 3) >>> 32)),
                Arguments.of("mov.u32 %r1, 100000; mad.lo.s32 %r9, %r1, %r1, 5;", 100000 * 100000 + 5),
                Arguments.of(bytes + "prmt.b32 %r9, %r1, %r2, 0x1054;", 0x22116655),
                Arguments.of(bytes + "prmt.b32 %r9, %r1, %r2, 0x000f;", 0x111111ff),
                Arguments.of("mov.u32 %r1, 21; mov.u32 %r2, -1; bfi.b32 %r9, %r1, %r2, 4, 8;", 0xfffff15f),
                Arguments.of("mov.u32 %r1, -1; setp.lt.u32 %p1, %r1, 1; selp.b32 %r9, 3, 4, %p1;", 4),
                Arguments.of("mov.u32 %r1, -1; setp.lt.s32 %p1, %r1, 1; selp.b32 %r9, 3, 4, %p1;", 3),
                Arguments.of("mov.u32 %r9, 1; mov.pred %p1, -1; @%p1 mov.u32 %r9, 2; @!%p1 mov.u32 %r9, 3;", 2),
                Arguments.of("mov.pred %p1, 0; not.pred %p2, %p1; xor.pred %p3, %p1, %p2; selp.u32 %r9, 1, 0, %p3;", 1),
                Arguments.of("mov.u16 %rs1, -3; shr.u16 %rs2, %rs1, 1; cvt.u32.u16 %r9, %rs2;", 0xfffd >>> 1),
                Arguments.of(nan + "setp.neu.f32 %p1, %f1, %f1; selp.u32 %r9, 1, 0, %p1;", 1),
                Arguments.of(nan + "setp.ne.f32 %p1, %f1, %f1; selp.u32 %r9, 1, 0, %p1;", 0),
                Arguments.of(nan + "setp.geu.f32 %p1, %f1, %f2; selp.u32 %r9, 1, 0, %p1;", 1),
                Arguments.of(nan + "setp.num.f32 %p1, %f2, %f1; selp.u32 %r9, 1, 0, %p1;", 0),
                Arguments.of(nan + "min.f32 %f9, %f1, %f2; mov.b32 %r9, %f9;", Float.floatToIntBits(2)),
                Arguments.of("mov.f32 %f1, 0f" + hex(tiny) + "; mov.f32 %f2, 0fBF800000; fma.rn.f32 %f9, %f1, %f1, %f2; mov.b32 %r9, %f9;",
                        Float.floatToIntBits(Math.fma(tiny, tiny, -1f))),
                Arguments.of("mov.f32 %f1, 0f40200000; cvt.rni.f32.f32 %f9, %f1; mov.b32 %r9, %f9;", Float.floatToIntBits(2)),
                Arguments.of("mov.f32 %f1, 0fBF800000; cvt.rzi.u32.f32 %r9, %f1;", 0),
                Arguments.of("mov.f32 %f1, 0f" + hex(5e9f) + "; cvt.rzi.u32.f32 %r9, %f1;", -1),
                Arguments.of(nan + "cvt.rzi.u32.f32 %r9, %f1;", 0),
                Arguments.of("mov.u64 %rd2, -1; cvt.rn.f32.u64 %f9, %rd2; mov.b32 %r9, %f9;", Float.floatToIntBits(0x1p64f)),
                Arguments.of("mov.f64 %fd1, 0dBFF0000000000000; mov.f64 %fd2, 0d4000000000000000; copysign.f64 %fd9, %fd1, %fd2; "
                        + "mov.b64 {%r1, %r9}, %fd9;", 0xc0000000),
                Arguments.of("mov.u32 %r1, 0; mov.u32 %r2, 0x40080000; mov.b64 %fd1, {%r1, %r2}; cvt.rn.f32.f64 %f9, %fd1; "
                        + "mov.b32 %r9, %f9;", Float.floatToIntBits(3)),
                // TF32: the nearest number of 11 significant bits, of two the larger one
                Arguments.of("mov.f32 %f1, 0f3F801000; cvt.rna.tf32.f32 %r9, %f1;", 0x3f802000),
                Arguments.of("mov.f32 %f1, 0fBF801000; cvt.rna.tf32.f32 %r9, %f1;", 0xbf802000),
                Arguments.of("mov.f32 %f1, 0f3F800FFF; cvt.rna.tf32.f32 %r9, %f1;", 0x3f800000),
                Arguments.of("mov.f32 %f1, 0fFF800000; cvt.rna.tf32.f32 %r9, %f1;", 0xff800000),
                // fp16: the nearest number of 11 significant bits, of two the even one; steps of 2^-24 below 2^-14, one NaN
                Arguments.of("mov.f32 %f1, 0f3F801000; cvt.rn.f16.f32 %rs1, %f1; cvt.u32.u16 %r9, %rs1;", 0x3c00),
                Arguments.of("mov.f32 %f1, 0fBF803000; cvt.rn.f16.f32 %rs1, %f1; cvt.u32.u16 %r9, %rs1;", 0xbc02),
                Arguments.of("mov.f32 %f1, 0f33400000; cvt.rn.f16.f32 %rs1, %f1; cvt.u32.u16 %r9, %rs1;", 0x0001),
                Arguments.of("mov.f32 %f1, 0f477FF000; cvt.rn.f16.f32 %rs1, %f1; cvt.u32.u16 %r9, %rs1;", 0x7c00),
                Arguments.of("mov.f32 %f1, 0fFFC00001; cvt.rn.f16.f32 %rs1, %f1; cvt.u32.u16 %r9, %rs1;", 0x7fff),
                Arguments.of("mov.u16 %rs1, 0x8003; cvt.f32.f16 %f9, %rs1; mov.b32 %r9, %f9;", Float.floatToIntBits(-0x3p-24f)),
                Arguments.of("mov.u16 %rs1, 0x7bff; cvt.f32.f16 %f9, %rs1; mov.b32 %r9, %f9;", Float.floatToIntBits(65504)),
                // the lower half of a first guess is empty
                Arguments.of("mov.f64 %fd1, 0d3FE5555555555555; rcp.approx.ftz.f64 %fd9, %fd1; mov.b64 {%r9, %r1}, %fd9;", 0),
                Arguments.of("st.shared.v4.u32 [jconvSharedMemory], {1, 2, 3, 4}; ld.shared.v2.u32 {%r1, %r9}, [jconvSharedMemory+8];", 4),
                Arguments.of("mov.u32 %r1, -2; st.shared.u32 [jconvSharedMemory], %r1; ld.shared.s32 %rd2, [jconvSharedMemory]; "
                        + "shr.u64 %rd3, %rd2, 32; cvt.u32.u64 %r9, %rd3;", -1));
    }

    @ParameterizedTest
    @MethodSource("instructions")
    void instructionsGiveWhatTheManualSays(String code, int expected) {
        CUdeviceptr y = session.allocate(Sizeof.INT);
        check(launch(code + " st.global.u32 [%rd1], %r9;", y, 1, 1));
        int[] result = new int[1];
        check(JCudaDriver.cuMemcpyDtoH(Pointer.to(result), y, Sizeof.INT));
        assertEquals(Integer.toHexString(expected), Integer.toHexString(result[0]));
    }

    private static String hex(float value) {
        return String.format("%08X", Float.floatToIntBits(value));
    }

    /** a[i] = 4 * thread + i, b[i] = 2 * thread + i, and thread is added. */
    private static final String MATRICES = """
            mov.u32 %r1, %tid.x;
            cvt.rn.f32.u32 %f7, %r1;
            mul.f32 %f1, %f7, 0f40800000;
            add.f32 %f2, %f1, 0f3F800000;
            add.f32 %f3, %f2, 0f3F800000;
            add.f32 %f4, %f3, 0f3F800000;
            mul.f32 %f5, %f7, 0f40000000;
            add.f32 %f6, %f5, 0f3F800000;
            mul.wide.u32 %rd2, %r1, 16;
            add.s64 %rd3, %rd1, %rd2;
            """;

    private static final String PRODUCT = """
            mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32 {%f1, %f2, %f3, %f4}, {%f1, %f2, %f3, %f4}, {%f5, %f6}, {%f7, %f7, %f7, %f7};
            st.global.v4.f32 [%rd3], {%f1, %f2, %f3, %f4};
            """;

    /** The elements of a product of [16, k] and [k, 8] as lanes hold them by the manual's formulas, where each lane's sums begin with its number. */
    private static float[] sumsOfLanes(float[][] a, float[][] b) {
        float[] sums = new float[128];
        for (int i = 0; i < 128; i++) {
            int lane = i / 4;
            int row = i % 4 < 2 ? lane >> 2 : (lane >> 2) + 8;
            int column = lane % 4 * 2 + i % 2;
            sums[i] = lane;
            for (int k = 0; k < b.length; k++) {
                sums[i] += a[row][k] * b[k][column];
            }
        }
        return sums;
    }

    /** The fragments of mma.m16n8k8 with .tf32 by the manual's formulas for the row and column of each element. */
    @Test
    void lanesHoldTheirPiecesOfAMatrixProductAsTheManualSays() {
        float[][] a = new float[16][8];
        float[][] b = new float[8][8];
        for (int lane = 0; lane < 32; lane++) {
            int groupId = lane >> 2;
            int threadIdInGroup = lane % 4;
            for (int i = 0; i < 4; i++) {
                a[i == 0 || i == 2 ? groupId : groupId + 8][i == 0 || i == 1 ? threadIdInGroup : threadIdInGroup + 4] = 4 * lane + i;
            }
            for (int i = 0; i < 2; i++) {
                b[threadIdInGroup + (i == 0 ? 0 : 4)][groupId] = 2 * lane + i;
            }
        }
        float[] expected = sumsOfLanes(a, b);
        CUdeviceptr y = session.upload(filled(0, 128));
        check(launch(MATRICES + PRODUCT, y, 1, 32));
        assertArrayEquals(expected, session.download(y, 128));
    }

    /** Factors are not rounded: bits beyond TF32's count for nothing. Sums are cut off, never rounded up. */
    @Test
    void aMatrixProductLooksAtElevenBitsAndCutsOff() {
        CUdeviceptr y = session.upload(filled(0, 128));
        check(launch(MATRICES + "mov.f32 %f1, 0f3F801FFF; mov.f32 %f2, %f1; mov.f32 %f3, 0f00000000; mov.f32 %f4, %f3; "
                + "mov.f32 %f5, 0f3F800000; mov.f32 %f6, %f3; mov.f32 %f7, 0f4B7FFFFF;" + PRODUCT, y, 1, 32));
        // 16777215 + 4 * 1 = 16777219 is no number of fp32; with the low bits of the factors it would be 16777219.004
        assertArrayEquals(filled(16777218, 128), session.download(y, 128));
    }

    /**
     * The fragments of mma.m16n8k16 with .f16 and .bf16 by the manual's formulas; a register holds the elements 2i and 2i + 1, the first in its
     * lower half.
     */
    @ParameterizedTest
    @CsvSource({"f16, 0x3c00, 0x4000, 0x4200, 0x4400", "bf16, 0x3f80, 0x4000, 0x4040, 0x4080"})
    void lanesHoldTheirPairsOfAMatrixProductAsTheManualSays(String type, String one, String two, String three, String four) {
        float[][] ofA = new float[16][16];
        float[][] ofB = new float[16][8];
        for (int lane = 0; lane < 32; lane++) {
            int groupId = lane >> 2;
            int threadIdInGroup = lane % 4;
            for (int i = 0; i < 8; i++) {
                int row = i < 2 || i >= 4 && i < 6 ? groupId : groupId + 8;
                int column = threadIdInGroup * 2 + (i & 1) + (i >= 4 ? 8 : 0);
                ofA[row][column] = numberAt(lane, i);
            }
            for (int i = 0; i < 4; i++) {
                ofB[threadIdInGroup * 2 + (i & 1) + (i >= 2 ? 8 : 0)][groupId] = numberAt(lane, 8 + i);
            }
        }
        float[] expected = sumsOfLanes(ofA, ofB);
        StringBuilder code = new StringBuilder("cvt.rn.f32.u32 %f7, %r1; mul.lo.u32 %r9, %r1, 13; shr.u32 %r9, %r9, 3;");
        for (int register = 0; register < 6; register++) {
            for (int half = 0; half < 2; half++) {
                int i = 2 * register + half;
                code.append("add.s32 %r2, %r9, ").append(5 * i + i / 2).append("; and.b32 %r2, %r2, 3; mov.b16 %rs1, ").append(four).append(";");
                String[] smaller = {one, two, three};
                for (int number = 0; number < 3; number++) {
                    code.append("setp.eq.s32 %p1, %r2, ").append(number).append("; selp.b16 %rs1, ").append(smaller[number]).append(", %rs1, %p1;");
                }
                code.append("mov.b16 %rs").append(2 + half).append(", %rs1;");
            }
            code.append("mov.b32 %r").append(3 + register).append(", {%rs2, %rs3};");
        }
        String product = "mma.sync.aligned.m16n8k16.row.col.f32." + type + "." + type
                + ".f32 {%f1, %f2, %f3, %f4}, {%r3, %r4, %r5, %r6}, {%r7, %r8}, {%f7, %f7, %f7, %f7};"
                + "st.global.v4.f32 [%rd3], {%f1, %f2, %f3, %f4};";
        CUdeviceptr y = session.upload(filled(0, 128));
        check(launch(MATRICES + code + product, y, 1, 32));
        assertArrayEquals(expected, session.download(y, 128));
    }

    /** Other numbers in the halves of a register, in the registers of a lane, and in the lanes. */
    private static int numberAt(int lane, int i) {
        return ((lane * 13 >> 3) + 5 * i + i / 2) % 4 + 1;
    }

    @Test
    void aMatrixProductNeedsAllLanes() {
        CUdeviceptr y = session.upload(filled(0, 128));
        assertFails(CUresult.CUDA_ERROR_LAUNCH_FAILED, "needs all lanes of its warp", launch(MATRICES + PRODUCT, y, 1, 31));
    }

    @Test
    void parametersAreLoadedFromTheirAddressesToo() {
        CUdeviceptr y = session.upload(filled(0, 1));
        check(launch("mov.b64 %rd2, y; mov.f32 %f1, 0f40000000; ld.param.u64 %rd3, [%rd2]; st.global.f32 [%rd3], %f1;", y, 1, 1));
        assertArrayEquals(filled(2, 1), session.download(y, 1));
    }

    @Test
    void neighboursMayMeetAtABarrier() {
        CUdeviceptr y = session.allocate(4 * Sizeof.FLOAT);
        String exchange = "cvt.rn.f32.u32 %f2, %r1; st.shared.f32 [%r7], %f2; bar.sync 0; ld.shared.f32 %f3, [%r8]; "
                + "st.global.f32 [%rd3], %f3;";
        check(launch(MEMORY + exchange, y, 1, 4));
        assertArrayEquals(new float[] {1, 0, 3, 2}, session.download(y, 4));
    }

    static Stream<Arguments> races() {
        return Stream.of(
                Arguments.of("st.shared.f32 [%r7], %f1; ld.shared.f32 %f3, [%r8]; bar.sync 0;", 1,
                        "of shared memory, reads byte 4, which nobody has written"),
                Arguments.of("st.shared.f32 [%r7], %f1; bar.sync 0; ld.shared.f32 %f3, [%r8]; st.shared.f32 [%r7], %f1;", 1,
                        "of shared memory, reads what thread 0 of the same block writes, with no barrier between them"),
                Arguments.of("st.global.f32 [%rd1], %f1;", 1,
                        "of device memory, writes what thread 0 of the same block writes, with no barrier between them"),
                Arguments.of("bar.sync 0; ld.global.f32 %f2, [%rd1]; st.global.f32 [%rd3], %f1;", 1,
                        "of device memory, reads what thread 0 of the same block writes, with no barrier between them"),
                Arguments.of("ld.global.f32 %f2, [%rd1+4]; bar.sync 0; st.global.f32 [%rd3], %f1;", 2,
                        "of device memory, reads what thread 1 of block 0 writes, with no barrier between them"),
                Arguments.of("st.global.f32 [%rd3], %f1; ld.global.nc.f32 %f2, [%rd3];", 1,
                        "reads as constant what thread 0 of the same block has written in this launch"));
    }

    @ParameterizedTest
    @MethodSource("races")
    void whatOnlyLuckKeepsApartIsRefused(String code, int blocks, String complaint) {
        CUdeviceptr y = session.upload(filled(1, 8));
        assertFails(CUresult.CUDA_ERROR_LAUNCH_FAILED, complaint, launch(MEMORY + code, y, blocks, 2));
    }

    static List<Arguments> faults() {
        return List.of(
                Arguments.of("st.shared.f32 [%r6+16], %f1;", CUresult.CUDA_ERROR_ILLEGAL_ADDRESS, "byte 16 of 16 bytes of shared memory"),
                Arguments.of("st.shared.f32 [4], %f1;", CUresult.CUDA_ERROR_ILLEGAL_ADDRESS, "bytes of shared memory"),
                Arguments.of("st.global.f32 [%rd1+2], %f1;", CUresult.CUDA_ERROR_MISALIGNED_ADDRESS,
                        "4 bytes at an address that is no multiple of that"),
                Arguments.of("mov.b64 %rd4, value; ld.param.u64 %rd5, [%rd4];", CUresult.CUDA_ERROR_ILLEGAL_ADDRESS,
                        "reads what is no parameter"),
                Arguments.of("mov.u32 %r9, 0; div.s32 %r9, %r6, %r9;", CUresult.CUDA_ERROR_LAUNCH_FAILED, "integer division by zero"));
    }

    @ParameterizedTest
    @MethodSource("faults")
    void mistakesNameTheLineOfThePtx(String code, int error, String complaint) {
        CUdeviceptr y = session.upload(filled(1, 8));
        int result = launch(MEMORY + code, y, 1, 1);
        assertFails(error, complaint, result);
        assertFails(error, "PTX line ", result);
    }

    @Test
    void anInstructionThatIsNotKnownIsRefusedByName() {
        int result = launch("cos.approx.f32 %f1, %f1;", session.allocate(Sizeof.FLOAT), 1, 1);
        assertEquals(CUresult.CUDA_ERROR_INVALID_PTX, result);
        assertTrue(explain(result).contains("the interpreter does not know cos.approx.f32"), explain(result));
    }

    /** A launch may tell at once or only when it is waited for. */
    private static void assertFails(int error, String complaint, int launched) {
        int result = launched == CUresult.CUDA_SUCCESS ? JCudaDriver.cuCtxSynchronize() : launched;
        assertEquals(error, result, () -> explain(result));
        assertTrue(explain(result).contains(complaint), () -> explain(result));
    }

    /** Runs a module whose kernel is this code, with the address of y in %rd1 and 16 bytes of shared memory. */
    private int launch(String code, CUdeviceptr y, int blocks, int threads) {
        String text = """
                .version 7.0
                .target sm_80
                .address_size 64
                .extern .shared .align 16 .b8 jconvSharedMemory[];
                .visible .entry jconv_fill(.param .u64 y, .param .f32 value, .param .u64 count)
                {
                .reg .pred %p<4>; .reg .b16 %rs<4>; .reg .b32 %r<10>; .reg .f32 %f<10>; .reg .b64 %rd<10>; .reg .f64 %fd<10>;
                ld.param.u64 %rd1, [y];
                """ + code + "\nret;\n}\n";
        CUmodule module = new CUmodule();
        check(JCudaDriver.cuModuleLoadData(module, text));
        CUfunction function = new CUfunction();
        check(JCudaDriver.cuModuleGetFunction(function, module, "jconv_fill"));
        return session.launch(function, null, blocks, threads, 16, Pointer.to(y), Pointer.to(new float[1]), Pointer.to(new long[1]));
    }
}
