package io.github.jconv.device;

import io.github.jconv.algorithm.CounterRandom;
import io.github.jconv.tensor.DataType;
import io.github.jconv.tensor.HostTensor;
import io.github.jconv.tensor.TensorShape;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.IntStream;

/**
 * What a device reaches at best, measured: no kernel can be expected to be faster than these.
 *
 * @param copyBytesPerSecond bytes read plus bytes written per second when the device copies within its memory
 * @param fp32Flops          operations per second of cuBLAS on a large square product in fp32
 * @param tf32Flops          the same in TF32; 0 on devices before compute capability 8.0
 */
public record DeviceCeilings(double copyBytesPerSecond, double fp32Flops, double tf32Flops) {

    private static final long COPY_BYTES = 1L << 30;
    private static final long GEMM_SIZE = 4096;
    private static final int WARM_UPS = 3;
    private static final int REPETITIONS = 9;
    private static final int TF32_CAPABILITY = 80;

    /** Measures a device in about a second; takes up to 2 GiB of its memory meanwhile. */
    public static DeviceCeilings measure(DeviceOptions options) {
        double tf32 = 0;
        try (DeviceContext context = DeviceContext.open(options.withMathMode(MathMode.TF32))) {
            if (context.info().computeCapability() >= TF32_CAPABILITY) {
                tf32 = gemm(context);
            }
        }
        try (DeviceContext context = DeviceContext.open(options.withMathMode(MathMode.FP32))) {
            return new DeviceCeilings(copy(context), gemm(context), tf32);
        }
    }

    /** Bytes read plus bytes written per second of a large copy within the memory of a device. */
    public static double copy(DeviceContext context) {
        long bytes = Math.min(COPY_BYTES, context.info().memoryBytes() / 8);
        try (DeviceMemory from = context.allocate(bytes, "copy source"); DeviceMemory to = context.allocate(bytes, "copy target")) {
            from.fillBytes(1);
            return 2.0 * bytes / medianSeconds(context, () -> context.copy(from.address(), to.address(), bytes));
        }
    }

    /**
     * Operations per second of cuBLAS on a large square product, in the math mode of the context; on random numbers, since a device
     * that multiplies zeros takes less power and is faster than it ever is with others.
     */
    public static double gemm(DeviceContext context) {
        long size = GEMM_SIZE;
        TensorShape shape = TensorShape.of(size, size);
        try (DeviceScope scope = context.newScope()) {
            DeviceTensor a = scope.upload(random(shape, 0));
            DeviceTensor b = scope.upload(random(shape, 1));
            DeviceTensor c = scope.newTensor(DataType.FLOAT32, shape);
            CublasHandle cublas = context.cublas();
            double seconds = medianSeconds(context, () -> cublas.sgemm(false, false, size, size, size, 1, a.address(), size, b.address(),
                    size, 0, c.address(), size));
            return 2.0 * size * size * size / seconds;
        }
    }

    private static HostTensor random(TensorShape shape, long stream) {
        HostTensor values = HostTensor.zeros(DataType.FLOAT32, shape);
        IntStream.range(0, values.length()).parallel().forEach(i -> values.set(i, 2 * CounterRandom.uniform(1, stream, i) - 1));
        return values;
    }

    private static double medianSeconds(DeviceContext context, Runnable work) {
        double[] millis = new double[REPETITIONS];
        try (DeviceEvent begin = context.newEvent(); DeviceEvent end = context.newEvent()) {
            for (int i = -WARM_UPS; i < REPETITIONS; i++) {
                begin.record(context.stream());
                work.run();
                end.record(context.stream());
                end.synchronize();
                if (i >= 0) {
                    millis[i] = end.millisSince(begin);
                }
            }
        }
        Arrays.sort(millis);
        return millis[REPETITIONS / 2] / 1000;
    }

    /** As {@code copies 4300 GB/s, fp32 47.3 TFLOP/s, TF32 404.1 TFLOP/s}. */
    @Override
    public String toString() {
        return String.format(Locale.ROOT, "copies %.0f GB/s, fp32 %.1f TFLOP/s", copyBytesPerSecond / 1e9, fp32Flops / 1e12)
                + (tf32Flops > 0 ? String.format(Locale.ROOT, ", TF32 %.1f TFLOP/s", tf32Flops / 1e12) : "");
    }
}
