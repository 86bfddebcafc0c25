package io.github.jconv.emulated;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.jconv.device.LibrarySource;
import io.github.jconv.device.NativeLibraries;
import io.github.jconv.testing.EmulatedDevice;
import java.util.ArrayList;
import java.util.List;
import jcuda.Pointer;
import jcuda.driver.CUdeviceptr;
import jcuda.jcudnn.JCudnn;
import jcuda.jcudnn.cudnnActivationDescriptor;
import jcuda.jcudnn.cudnnActivationMode;
import jcuda.jcudnn.cudnnConvolutionDescriptor;
import jcuda.jcudnn.cudnnConvolutionFwdAlgo;
import jcuda.jcudnn.cudnnConvolutionFwdAlgoPerf;
import jcuda.jcudnn.cudnnConvolutionMode;
import jcuda.jcudnn.cudnnDataType;
import jcuda.jcudnn.cudnnFilterDescriptor;
import jcuda.jcudnn.cudnnHandle;
import jcuda.jcudnn.cudnnMathType;
import jcuda.jcudnn.cudnnNanPropagation;
import jcuda.jcudnn.cudnnStatus;
import jcuda.jcudnn.cudnnTensorDescriptor;
import jcuda.jcudnn.cudnnTensorFormat;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The emulated cuDNN through JCudnn's own natives, against sums written out here: layouts, types, what it declines. */
class EmulatedCudnnTest {

    private static final int OK = cudnnStatus.CUDNN_STATUS_SUCCESS;
    private static final int GEMM = cudnnConvolutionFwdAlgo.CUDNN_CONVOLUTION_FWD_ALGO_IMPLICIT_GEMM;

    /** 1 image, 2 channels, 3x4, into 2 filters of 2x3 with padding 0, 1 and strides 1, 2: y is 2x2. */
    private static final int[] X = {1, 2, 3, 4};
    private static final int[] W = {2, 2, 2, 3};
    private static final int[] Y = {1, 2, 2, 2};

    private DriverSession session;
    private final cudnnHandle handle = new cudnnHandle();
    private final cudnnTensorDescriptor x = new cudnnTensorDescriptor();
    private final cudnnTensorDescriptor y = new cudnnTensorDescriptor();
    private final cudnnTensorDescriptor bias = new cudnnTensorDescriptor();
    private final cudnnFilterDescriptor w = new cudnnFilterDescriptor();
    private final cudnnConvolutionDescriptor convolution = new cudnnConvolutionDescriptor();
    private final cudnnActivationDescriptor activation = new cudnnActivationDescriptor();

    @BeforeEach
    void open() {
        session = new DriverSession();
        NativeLibraries.loadCudnn(LibrarySource.EMULATED);
        JCudnn.setExceptionsEnabled(false);
        assertEquals(OK, JCudnn.cudnnCreate(handle));
        for (cudnnTensorDescriptor tensor : List.of(x, y, bias)) {
            assertEquals(OK, JCudnn.cudnnCreateTensorDescriptor(tensor));
        }
        assertEquals(OK, JCudnn.cudnnCreateFilterDescriptor(w));
        assertEquals(OK, JCudnn.cudnnCreateConvolutionDescriptor(convolution));
        assertEquals(OK, JCudnn.cudnnCreateActivationDescriptor(activation));
        describe(cudnnTensorFormat.CUDNN_TENSOR_NCHW, cudnnDataType.CUDNN_DATA_FLOAT, 1);
    }

    @AfterEach
    void close() {
        JCudnn.cudnnDestroyActivationDescriptor(activation);
        JCudnn.cudnnDestroyConvolutionDescriptor(convolution);
        JCudnn.cudnnDestroyFilterDescriptor(w);
        for (cudnnTensorDescriptor tensor : List.of(x, y, bias)) {
            JCudnn.cudnnDestroyTensorDescriptor(tensor);
        }
        JCudnn.cudnnDestroy(handle);
        session.close();
    }

    private void describe(int format, int type, int dilation) {
        assertEquals(OK, JCudnn.cudnnSetTensorNdDescriptorEx(x, format, type, X.length, X));
        assertEquals(OK, JCudnn.cudnnSetTensorNdDescriptorEx(y, format, type, Y.length, Y));
        assertEquals(OK, JCudnn.cudnnSetTensorNdDescriptorEx(bias, format, type, Y.length, new int[] {1, Y[1], 1, 1}));
        assertEquals(OK, JCudnn.cudnnSetFilterNdDescriptor(w, type, format, W.length, W));
        assertEquals(OK, JCudnn.cudnnSetConvolutionNdDescriptor(convolution, 2, new int[] {0, 1}, new int[] {1, 2},
                new int[] {dilation, 1}, cudnnConvolutionMode.CUDNN_CROSS_CORRELATION, cudnnDataType.CUDNN_DATA_FLOAT));
        assertEquals(OK, JCudnn.cudnnSetConvolutionMathType(convolution, cudnnMathType.CUDNN_FMA_MATH));
    }

    private static float[] integers(int[] sizes, int seed) {
        float[] values = new float[sizes[0] * sizes[1] * sizes[2] * sizes[3]];
        for (int i = 0; i < values.length; i++) {
            values[i] = (i * 7 + seed) % 9 - 4;
        }
        return values;
    }

    private static float[] expected(float[] input, float[] filter) {
        float[] sums = new float[Y[1] * Y[2] * Y[3]];
        for (int k = 0; k < Y[1]; k++) {
            for (int p = 0; p < Y[2]; p++) {
                for (int q = 0; q < Y[3]; q++) {
                    for (int c = 0; c < X[1]; c++) {
                        for (int r = 0; r < W[2]; r++) {
                            for (int s = 0; s < W[3]; s++) {
                                int v = 2 * q - 1 + s;
                                sums[(k * Y[2] + p) * Y[3] + q] += v < 0 || v >= X[3] ? 0
                                        : input[(c * X[2] + p + r) * X[3] + v] * filter[((k * W[1] + c) * W[2] + r) * W[3] + s];
                            }
                        }
                    }
                }
            }
        }
        return sums;
    }

    /** From row-major order to channels last. */
    private static float[] channelsLast(float[] values, int[] sizes) {
        float[] moved = new float[values.length];
        int positions = sizes[2] * sizes[3];
        for (int n = 0; n < sizes[0]; n++) {
            for (int c = 0; c < sizes[1]; c++) {
                for (int i = 0; i < positions; i++) {
                    moved[(n * positions + i) * sizes[1] + c] = values[(n * sizes[1] + c) * positions + i];
                }
            }
        }
        return moved;
    }

    private int forward(CUdeviceptr deviceX, CUdeviceptr deviceW, CUdeviceptr deviceY, int algorithm, CUdeviceptr workspace, long bytes) {
        return JCudnn.cudnnConvolutionForward(handle, Pointer.to(new float[] {1}), x, deviceX, w, deviceW, convolution, algorithm,
                workspace, bytes, Pointer.to(new float[] {0}), y, deviceY);
    }

    @Test
    void bothLayoutsGiveTheSameNumbers() {
        float[] input = integers(X, 1);
        float[] filter = integers(W, 2);
        CUdeviceptr out = session.upload(DriverSession.filled(Float.NaN, 8));
        assertEquals(OK, forward(session.upload(input), session.upload(filter), out, GEMM, new CUdeviceptr(), 0));
        assertArrayEquals(expected(input, filter), session.download(out, 8));

        describe(cudnnTensorFormat.CUDNN_TENSOR_NHWC, cudnnDataType.CUDNN_DATA_FLOAT, 1);
        assertEquals(OK, forward(session.upload(channelsLast(input, X)), session.upload(channelsLast(filter, W)), out, GEMM,
                new CUdeviceptr(), 0));
        assertArrayEquals(channelsLast(expected(input, filter), Y), session.download(out, 8));
    }

    /** Two numbers in a word: halves or bfloat16s of small integers, which both types hold exactly. */
    @ParameterizedTest
    @CsvSource({"2", "9"})
    void sixteenBitTypes(int type) {
        describe(cudnnTensorFormat.CUDNN_TENSOR_NCHW, type, 1);
        float[] input = integers(X, 1);
        float[] filter = integers(W, 2);
        CUdeviceptr out = session.allocate(8 * 2);
        assertEquals(OK, forward(session.upload(packed(input, type)), session.upload(packed(filter, type)), out, GEMM,
                new CUdeviceptr(), 0));
        assertArrayEquals(expected(input, filter), unpacked(session.download(out, 4), type));
    }

    private static float[] packed(float[] values, int type) {
        float[] words = new float[values.length / 2];
        for (int i = 0; i < words.length; i++) {
            words[i] = Float.intBitsToFloat(bits16(values[2 * i], type) | bits16(values[2 * i + 1], type) << 16);
        }
        return words;
    }

    private static float[] unpacked(float[] words, int type) {
        float[] values = new float[2 * words.length];
        for (int i = 0; i < values.length; i++) {
            values[i] = fromBits16(Float.floatToRawIntBits(words[i / 2]) >>> 16 * (i % 2) & 0xffff, type);
        }
        return values;
    }

    /** Of a number that both types hold exactly. */
    private static int bits16(float value, int type) {
        int bits = Float.floatToRawIntBits(value);
        if (type == cudnnDataType.CUDNN_DATA_BFLOAT16 || value == 0) {
            return bits >>> 16;
        }
        return bits >>> 16 & 0x8000 | (bits >>> 23 & 0xff) - 112 << 10 | bits >>> 13 & 0x3ff;
    }

    private static float fromBits16(int bits, int type) {
        if (type == cudnnDataType.CUDNN_DATA_BFLOAT16 || (bits & 0x7fff) == 0) {
            return Float.intBitsToFloat(bits << 16);
        }
        return Float.intBitsToFloat((bits & 0x8000) << 16 | (bits >>> 10 & 0x1f) + 112 << 23 | (bits & 0x3ff) << 13);
    }

    @Test
    void theWorkspaceHasToBeAsLargeAsWasSaid() {
        int algorithm = cudnnConvolutionFwdAlgo.CUDNN_CONVOLUTION_FWD_ALGO_GEMM;
        long[] bytes = new long[1];
        assertEquals(OK, JCudnn.cudnnGetConvolutionForwardWorkspaceSize(handle, x, w, convolution, y, algorithm, bytes));
        assertTrue(bytes[0] > 0);
        CUdeviceptr in = session.upload(integers(X, 1));
        CUdeviceptr filter = session.upload(integers(W, 2));
        CUdeviceptr out = session.allocate(8 * 4);
        CUdeviceptr workspace = session.allocate(bytes[0]);
        assertEquals(OK, forward(in, filter, out, algorithm, workspace, bytes[0]));
        assertEquals(cudnnStatus.CUDNN_STATUS_BAD_PARAM, forward(in, filter, out, algorithm, workspace, bytes[0] - 1));
    }

    @Test
    void whatAnAlgorithmDoesNotServeItDeclines() {
        long[] bytes = new long[1];
        int winograd = cudnnConvolutionFwdAlgo.CUDNN_CONVOLUTION_FWD_ALGO_WINOGRAD;
        assertEquals(cudnnStatus.CUDNN_STATUS_NOT_SUPPORTED,
                JCudnn.cudnnGetConvolutionForwardWorkspaceSize(handle, x, w, convolution, y, winograd, bytes));
        assertEquals("CUDNN_STATUS_NOT_SUPPORTED", JCudnn.cudnnGetErrorString(cudnnStatus.CUDNN_STATUS_NOT_SUPPORTED));
        describe(cudnnTensorFormat.CUDNN_TENSOR_NCHW, cudnnDataType.CUDNN_DATA_FLOAT, 2);
        assertEquals(cudnnStatus.CUDNN_STATUS_BAD_PARAM,
                JCudnn.cudnnGetConvolutionForwardWorkspaceSize(handle, x, w, convolution, y, GEMM, bytes), "y does not belong to it");
    }

    @Test
    void theHeuristicRanksAllWithWhatTheyNeed() {
        int[] count = new int[1];
        var answers = new cudnnConvolutionFwdAlgoPerf[8];
        for (int i = 0; i < answers.length; i++) {
            answers[i] = new cudnnConvolutionFwdAlgoPerf();
        }
        assertEquals(OK, JCudnn.cudnnGetConvolutionForwardAlgorithm_v7(handle, x, w, convolution, y, answers.length, count, answers));
        List<Integer> numbers = new ArrayList<>();
        for (int i = 0; i < count[0]; i++) {
            numbers.add(answers[i].algo);
        }
        assertEquals(8, numbers.stream().distinct().count());
        assertEquals(cudnnConvolutionFwdAlgo.CUDNN_CONVOLUTION_FWD_ALGO_IMPLICIT_PRECOMP_GEMM, numbers.get(0));
        assertEquals(OK, answers[0].status);
        assertEquals(cudnnStatus.CUDNN_STATUS_NOT_SUPPORTED, answers[7].status);
    }

    @Test
    void biasAndReluAreFused() {
        float[] input = integers(X, 1);
        float[] filter = integers(W, 2);
        assertEquals(OK, JCudnn.cudnnSetActivationDescriptor(activation, cudnnActivationMode.CUDNN_ACTIVATION_RELU,
                cudnnNanPropagation.CUDNN_PROPAGATE_NAN, 0));
        CUdeviceptr out = session.upload(DriverSession.filled(Float.NaN, 8));
        assertEquals(OK, JCudnn.cudnnConvolutionBiasActivationForward(handle, Pointer.to(new float[] {1}), x, session.upload(input), w,
                session.upload(filter), convolution, GEMM, new CUdeviceptr(), 0, Pointer.to(new float[] {0}), y, out, bias,
                session.upload(3, -5), activation, y, out));
        float[] sums = expected(input, filter);
        for (int i = 0; i < sums.length; i++) {
            sums[i] = Math.max(0, sums[i] + (i < 4 ? 3 : -5));
        }
        assertArrayEquals(sums, session.download(out, 8));
    }

    /** Without FMA_MATH operands lose their low bits, as on a device with tensor cores. */
    @Test
    void tf32IsSeen() {
        float fine = 1 + 0x1p-20f;
        float[] filter = new float[24];
        filter[0] = 1;
        CUdeviceptr out = session.allocate(8 * 4);
        CUdeviceptr in = session.upload(DriverSession.filled(fine, 24));
        assertEquals(OK, forward(in, session.upload(filter), out, GEMM, new CUdeviceptr(), 0));
        assertEquals(fine, session.download(out, 8)[1]);
        assertEquals(OK, JCudnn.cudnnSetConvolutionMathType(convolution, cudnnMathType.CUDNN_DEFAULT_MATH));
        assertEquals(OK, forward(in, session.upload(filter), out, GEMM, new CUdeviceptr(), 0));
        assertEquals(1, session.download(out, 8)[1]);
    }

    @Test
    void descriptorsReadBackWhatWasSet() {
        int[] axes = new int[1];
        int[] padding = new int[2];
        int[] strides = new int[2];
        int[] dilations = new int[2];
        int[] mode = new int[1];
        int[] type = new int[1];
        assertEquals(OK, JCudnn.cudnnGetConvolutionNdDescriptor(convolution, 2, axes, padding, strides, dilations, mode, type));
        assertEquals(2, axes[0]);
        assertArrayEquals(new int[] {0, 1}, padding);
        assertArrayEquals(new int[] {1, 2}, strides);
        assertArrayEquals(new int[] {1, 1}, dilations);
        int[] sizes = new int[4];
        assertEquals(OK, JCudnn.cudnnGetConvolutionNdForwardOutputDim(convolution, x, w, 4, sizes));
        assertArrayEquals(Y, sizes);
    }

    @Test
    void theVersionIsAsAsked() {
        assertEquals(8907, JCudnn.cudnnGetVersion());
        EmulatedDevice.command("cudnn-version 90501");
        assertEquals(90501, JCudnn.cudnnGetVersion());
    }
}
