package io.github.jconv.device;

import io.github.jconv.algorithm.Support;
import io.github.jconv.tensor.DataType;
import io.github.jconv.tensor.Layout;

/**
 * Copies tensors into other types and layouts: between the layouts of a type, and between fp32 and the types of 16 bits, with either
 * layout on either side. A tensor is {@code [batch, channels, positions]}, with its channels last {@code [batch, positions, channels]};
 * a filter is one of as many images as there are filters. Kernels are those of {@code narrow.cu} and {@code elementwise.cu}. Enqueued
 * on the main stream; nothing is allocated after the first use. Not safe for use from several threads.
 */
public final class FormCopy {

    private static final int SIDE = 32;
    private static final int THREADS = SIDE * 8;
    private static final int SQUARE = SIDE * (SIDE + 1);

    private enum Copying {
        TRANSPOSE_32("elementwise", "jconv_transpose", Float.BYTES),
        TRANSPOSE_64("elementwise", "jconv_transpose_f64", Double.BYTES),
        TRANSPOSE_16("elementwise", "jconv_transpose_b16", Short.BYTES),
        NARROW_FP16("narrow", "jconv_narrow_fp16", Float.BYTES),
        NARROW_BF16("narrow", "jconv_narrow_bf16", Float.BYTES),
        WIDEN_FP16("narrow", "jconv_widen_fp16", Float.BYTES),
        WIDEN_BF16("narrow", "jconv_widen_bf16", Float.BYTES),
        ROUND_FP16("narrow", "jconv_round_fp16", 0),
        ROUND_BF16("narrow", "jconv_round_bf16", 0),
        EXTEND_FP16("narrow", "jconv_extend_fp16", 0),
        EXTEND_BF16("narrow", "jconv_extend_bf16", 0);

        private final String family;
        private final String kernel;
        private final int bytesInSquare;

        Copying(String family, String kernel, int bytesInSquare) {
            this.family = family;
            this.kernel = kernel;
            this.bytesInSquare = bytesInSquare;
        }
    }

    private final DeviceContext context;
    private final Launch[] launches = new Launch[Copying.values().length];

    public FormCopy(DeviceContext context) {
        this.context = context;
    }

    /** Whether there is a copy from one type to another. */
    public static Support support(DataType from, DataType to) {
        boolean known = from == to || from == DataType.FLOAT32 && to.isNarrow() || from.isNarrow() && to == DataType.FLOAT32;
        return Support.when(known, "a device does not convert " + from + " to " + to + "; allowed: between the layouts of a type, and "
                + "between FLOAT32 and FLOAT16 or BFLOAT16");
    }

    /** Enqueues a copy; see {@link #support}. */
    public void copy(DataType from, Layout fromLayout, long source, DataType to, Layout toLayout, long target, long batch, long channels,
                     long positions) {
        boolean transposed = fromLayout != toLayout && channels > 1 && positions > 1;
        if (batch * channels * positions == 0) {
            return;
        }
        if (from == to) {
            copy(from, transposed, fromLayout, source, target, batch, channels, positions);
        } else if (to.isNarrow()) {
            if (transposed) {
                boolean last = fromLayout == Layout.NHWC;
                narrow(to, source, target, batch, last ? positions : channels, last ? channels : positions);
            } else {
                flat(to == DataType.FLOAT16 ? Copying.ROUND_FP16 : Copying.ROUND_BF16, source, target, batch * channels * positions);
            }
        } else if (transposed) {
            boolean last = toLayout == Layout.NHWC;
            widen(from, source, target, batch, last ? positions : channels, last ? channels : positions, false);
        } else {
            flat(from == DataType.FLOAT16 ? Copying.EXTEND_FP16 : Copying.EXTEND_BF16, source, target, batch * channels * positions);
        }
    }

    private void copy(DataType type, boolean transposed, Layout layout, long source, long target, long batch, long channels,
                      long positions) {
        if (!transposed) {
            context.copy(source, target, batch * channels * positions * type.bytes());
            return;
        }
        boolean last = layout == Layout.NHWC;
        long rows = last ? positions : channels;
        long columns = last ? channels : positions;
        Copying copying = type.isNarrow() ? Copying.TRANSPOSE_16 : type == DataType.FLOAT64 ? Copying.TRANSPOSE_64 : Copying.TRANSPOSE_32;
        squares(begin(copying).with(source).with(target).with(batch).with(rows).with(columns), copying, batch, rows, columns);
    }

    /** Copies fp32 matrices {@code [batch, rows, columns]} to 16-bit ones {@code [batch, columns, rows]}. */
    public void narrow(DataType type, long from, long to, long batch, long rows, long columns) {
        Copying copying = type == DataType.FLOAT16 ? Copying.NARROW_FP16 : Copying.NARROW_BF16;
        squares(begin(copying).with(from).with(to).with(batch).with(rows).with(columns), copying, batch, rows, columns);
    }

    /** The other way; the rows and columns are those of the fp32 matrices, which are written, or added to. */
    public void widen(DataType type, long from, long to, long batch, long rows, long columns, boolean accumulate) {
        Copying copying = type == DataType.FLOAT16 ? Copying.WIDEN_FP16 : Copying.WIDEN_BF16;
        squares(begin(copying).with(from).with(to).with(batch).with(rows).with(columns).with(accumulate), copying, batch, rows, columns);
    }

    private void flat(Copying copying, long from, long to, long count) {
        begin(copying).with(from).with(to).with(count).forEach(count);
    }

    private Launch begin(Copying copying) {
        if (launches[copying.ordinal()] == null) {
            launches[copying.ordinal()] = new Launch(context.module(copying.family).kernel(copying.kernel));
        }
        return launches[copying.ordinal()].begin();
    }

    private static void squares(Launch launch, Copying copying, long batch, long rows, long columns) {
        launch.blocks(batch * ((rows + SIDE - 1) / SIDE) * ((columns + SIDE - 1) / SIDE), THREADS, SQUARE * copying.bytesInSquare);
    }
}
