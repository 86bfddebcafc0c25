package io.github.jconv.device;

import io.github.jconv.algorithm.CounterRandom;
import io.github.jconv.tensor.DataType;
import io.github.jconv.tensor.HostTensor;
import io.github.jconv.tensor.Layout;
import io.github.jconv.tensor.TensorShape;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * What a device reaches at best, measured: no kernel can be expected to be faster than these.
 *
 * @param copyBytesPerSecond bytes read plus bytes written per second when the device copies within its memory
 * @param flops              operations per second of cuBLAS on a large square product, in each arithmetic that the device has; those of
 *                           16 bits with sums in fp32 and results of 16 bits
 */
public record DeviceCeilings(double copyBytesPerSecond, Map<MathMode, Double> flops) {

    private static final long COPY_BYTES = 1L << 30;
    private static final long GEMM_SIZE = 4096;
    private static final int WARM_UPS = 3;
    private static final int REPETITIONS = 9;

    /** The compute capability of the first devices that have TF32 and bfloat16. */
    private static final int AMPERE = 80;

    /** Measures a device in about a second; takes up to 2 GiB of its memory meanwhile. */
    public static DeviceCeilings measure(DeviceOptions options) {
        try (DeviceContext context = DeviceContext.open(options)) {
            return new DeviceCeilings(copy(context), flops(options));
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
     * Operations per second of cuBLAS on a large square product, in each arithmetic that a device has, whatever that of the options; on
     * random numbers, since a device that multiplies zeros takes less power and is faster than it ever is with others. cuBLAS has no
     * TF32X3: that is a third of TF32.
     */
    public static Map<MathMode, Double> flops(DeviceOptions options) {
        return flops(options, GEMM_SIZE);
    }

    /** @param size rows and columns of each matrix */
    static Map<MathMode, Double> flops(DeviceOptions options, long size) {
        HostTensor a = random(size, 0);
        HostTensor b = random(size, 1);
        Map<MathMode, Double> flops = new EnumMap<>(MathMode.class);
        boolean ampere;
        try (DeviceContext context = DeviceContext.open(options.withMathMode(MathMode.FP32))) {
            ampere = context.info().computeCapability() >= AMPERE;
            flops.put(MathMode.FP32, flops(context, DataType.FLOAT32, a, b));
            flops.put(MathMode.FP16, flops(context, DataType.FLOAT16, a, b));
            if (ampere) {
                flops.put(MathMode.BF16, flops(context, DataType.BFLOAT16, a, b));
            }
        }
        if (ampere) {
            try (DeviceContext context = DeviceContext.open(options.withMathMode(MathMode.TF32))) {
                double tf32 = flops(context, DataType.FLOAT32, a, b);
                flops.put(MathMode.TF32, tf32);
                flops.put(MathMode.TF32X3, tf32 / 3);
            }
        }
        return flops;
    }

    private static double flops(DeviceContext context, DataType type, HostTensor hostA, HostTensor hostB) {
        try (DeviceScope scope = context.newScope()) {
            DeviceTensor a = converted(context, scope, hostA, type);
            DeviceTensor b = converted(context, scope, hostB, type);
            DeviceTensor c = scope.newTensor(type, hostA.shape());
            CublasHandle cublas = context.cublas();
            long size = hostA.shape().size(0);
            double seconds = medianSeconds(context, () -> cublas.gemm(type, type, false, false, size, size, size, 1, a.address(), size,
                    b.address(), size, 0, c.address(), size));
            return 2.0 * size * size * size / seconds;
        }
    }

    /** By the device: one core would take longer than all that is measured. */
    private static DeviceTensor converted(DeviceContext context, DeviceScope scope, HostTensor values, DataType type) {
        DeviceTensor uploaded = scope.upload(values);
        if (type == values.dataType()) {
            return uploaded;
        }
        TensorShape shape = values.shape();
        DeviceTensor converted = scope.newTensor(type, shape);
        new FormCopy(context).copy(values.dataType(), Layout.NCHW, uploaded.address(), type, Layout.NCHW, converted.address(), 1,
                shape.size(0), shape.size(1));
        return converted;
    }

    private static HostTensor random(long size, long stream) {
        HostTensor values = HostTensor.zeros(DataType.FLOAT32, TensorShape.of(size, size));
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

    /** As {@code copies 4300 GB/s, fp32 47.3 TFLOP/s, tf32 404.1 TFLOP/s}. */
    @Override
    public String toString() {
        return String.format(Locale.ROOT, "copies %.0f GB/s, ", copyBytesPerSecond / 1e9) + flops.entrySet().stream()
                .map(rate -> String.format(Locale.ROOT, "%s %.1f TFLOP/s", rate.getKey().text(), rate.getValue() / 1e12))
                .collect(Collectors.joining(", "));
    }
}
