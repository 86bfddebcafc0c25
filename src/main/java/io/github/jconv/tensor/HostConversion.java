package io.github.jconv.tensor;

/**
 * Copies elements between tensors of any types and layouts. Elements are taken in row-major order of the shapes, a run of positions of
 * one channel at a time: such a run lies evenly spaced in memory whatever the layout.
 */
public final class HostConversion {

    private HostConversion() {
    }

    /**
     * Copies elements {@code begin} to {@code begin + count} of one tensor to {@code first}, {@code first + 1}, ... of another, each
     * rounded once where the other type is narrower. Both have as many positions per channel, and begin and first are the same position
     * of one, unless both are NCHW. Allocates nothing.
     */
    public static void run(HostTensor from, long begin, HostTensor to, long first, long count) {
        boolean inOneRun = from.layout() == Layout.NCHW && to.layout() == Layout.NCHW;
        long positions = from.shape().positions();
        int fromStep = Math.toIntExact(from.layout().stepOfPositions(from.shape()));
        int toStep = Math.toIntExact(to.layout().stepOfPositions(to.shape()));
        for (long done = 0; done < count;) {
            long run = inOneRun ? count : Math.min(count - done, positions - (begin + done) % positions);
            copy(from, from.place(begin + done), fromStep, to, to.place(first + done), toStep, (int) run);
            done += run;
        }
        to.changed();
    }

    /** Between places in the arrays. */
    private static void copy(HostTensor from, int fromPlace, int fromStep, HostTensor to, int toPlace, int toStep, int count) {
        if (from.dataType() == to.dataType() && fromStep == 1 && toStep == 1) {
            System.arraycopy(from.array(), fromPlace, to.array(), toPlace, count);
        } else if (from.dataType() == DataType.FLOAT32 && to.dataType() == DataType.FLOAT32) {
            spread(from.floats(), fromPlace, fromStep, to.floats(), toPlace, toStep, count);
        } else if (from.dataType() == DataType.FLOAT32 && to.dataType().isNarrow()) {
            narrow(from.floats(), fromPlace, fromStep, to.shorts(), toPlace, toStep, count, to.dataType());
        } else if (from.dataType().isNarrow() && to.dataType() == DataType.FLOAT32) {
            widen(from.shorts(), fromPlace, fromStep, to.floats(), toPlace, toStep, count, from.dataType());
        } else if (from.dataType().isNarrow() && from.dataType() == to.dataType()) {
            spread(from.shorts(), fromPlace, fromStep, to.shorts(), toPlace, toStep, count);
        } else {
            for (int i = 0; i < count; i++) {
                to.setAt(toPlace + i * toStep, from.getAt(fromPlace + i * fromStep));
            }
        }
    }

    private static void spread(float[] from, int fromPlace, int fromStep, float[] to, int toPlace, int toStep, int count) {
        for (int i = 0; i < count; i++) {
            to[toPlace + i * toStep] = from[fromPlace + i * fromStep];
        }
    }

    /** Bits, so that nothing of a NaN changes. */
    private static void spread(short[] from, int fromPlace, int fromStep, short[] to, int toPlace, int toStep, int count) {
        for (int i = 0; i < count; i++) {
            to[toPlace + i * toStep] = from[fromPlace + i * fromStep];
        }
    }

    private static void narrow(float[] from, int fromPlace, int fromStep, short[] to, int toPlace, int toStep, int count, DataType type) {
        if (type == DataType.FLOAT16) {
            for (int i = 0; i < count; i++) {
                to[toPlace + i * toStep] = Float16.bits(from[fromPlace + i * fromStep]);
            }
        } else {
            for (int i = 0; i < count; i++) {
                to[toPlace + i * toStep] = BFloat16.bits(from[fromPlace + i * fromStep]);
            }
        }
    }

    private static void widen(short[] from, int fromPlace, int fromStep, float[] to, int toPlace, int toStep, int count, DataType type) {
        if (type == DataType.FLOAT16) {
            for (int i = 0; i < count; i++) {
                to[toPlace + i * toStep] = Float16.toFloat(from[fromPlace + i * fromStep]);
            }
        } else {
            for (int i = 0; i < count; i++) {
                to[toPlace + i * toStep] = BFloat16.toFloat(from[fromPlace + i * fromStep]);
            }
        }
    }
}
