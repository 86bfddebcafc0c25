package io.github.jconv.cudnn;

import io.github.jconv.device.DeviceContext;
import io.github.jconv.device.Launch;

/**
 * Copies fp32 matrices {@code [batch, rows, columns]} to 16-bit ones {@code [batch, columns, rows]}, and back: {@code kernels/narrow.cu}.
 * Enqueued on the main stream; nothing is allocated after the first use.
 */
final class NarrowCopy {

    private static final int SIDE = 32;
    private static final int THREADS = SIDE * 8;
    private static final int SHARED_BYTES = SIDE * (SIDE + 1) * Float.BYTES;

    private final DeviceContext context;
    private final Launch[] narrow = new Launch[Storage.values().length];
    private final Launch[] widen = new Launch[Storage.values().length];

    NarrowCopy(DeviceContext context) {
        this.context = context;
    }

    void narrow(Storage storage, long from, long to, long batch, long rows, long columns) {
        launch(narrow, "jconv_narrow_", storage).with(from).with(to).with(batch).with(rows).with(columns)
                .blocks(squares(batch, rows, columns), THREADS, SHARED_BYTES);
    }

    /** The rows and columns are those of the fp32 matrices, which are written. */
    void widen(Storage storage, long from, long to, long batch, long rows, long columns, boolean accumulate) {
        launch(widen, "jconv_widen_", storage).with(from).with(to).with(batch).with(rows).with(columns).with(accumulate)
                .blocks(squares(batch, rows, columns), THREADS, SHARED_BYTES);
    }

    private Launch launch(Launch[] launches, String kernel, Storage storage) {
        if (launches[storage.ordinal()] == null) {
            launches[storage.ordinal()] = new Launch(context.module("narrow").kernel(kernel + storage.text()));
        }
        return launches[storage.ordinal()].begin();
    }

    private static long squares(long batch, long rows, long columns) {
        return batch * ((rows + SIDE - 1) / SIDE) * ((columns + SIDE - 1) / SIDE);
    }
}
