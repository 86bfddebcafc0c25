package io.github.jconv.nn;

import java.util.Arrays;

/** Places for blocks of elements in a range of addresses: a block gets the lowest place that is free. Allocates only to grow. */
final class AddressSpace {

    /** Places are multiples of it: 256 bytes of fp32, what kernels on devices like best. */
    private static final long ALIGNMENT = 64;

    /** The free ranges, in order; no two touch. */
    private long[] begins = new long[16];
    private long[] ends = new long[16];
    private int count = 1;
    private long extent;

    AddressSpace(long size) {
        ends[0] = size;
    }

    static long aligned(long elements) {
        return Math.max(1, (elements + ALIGNMENT - 1) / ALIGNMENT) * ALIGNMENT;
    }

    /** Where a block of that {@link #aligned} size begins, or -1 when there is no room. */
    long take(long size) {
        for (int i = 0; i < count; i++) {
            if (ends[i] - begins[i] >= size) {
                long at = begins[i];
                begins[i] += size;
                if (begins[i] == ends[i]) {
                    remove(i);
                }
                extent = Math.max(extent, at + size);
                return at;
            }
        }
        return -1;
    }

    void giveBack(long at, long size) {
        int i = 0;
        while (i < count && begins[i] < at) {
            i++;
        }
        boolean touchesNext = i < count && begins[i] == at + size;
        if (i > 0 && ends[i - 1] == at) {
            ends[i - 1] = touchesNext ? ends[i] : at + size;
            if (touchesNext) {
                remove(i);
            }
        } else if (touchesNext) {
            begins[i] = at;
        } else {
            insert(i, at, at + size);
        }
    }

    /** One behind the highest address that was ever taken. */
    long extent() {
        return extent;
    }

    private void insert(int i, long begin, long end) {
        if (count == begins.length) {
            begins = Arrays.copyOf(begins, 2 * count);
            ends = Arrays.copyOf(ends, 2 * count);
        }
        System.arraycopy(begins, i, begins, i + 1, count - i);
        System.arraycopy(ends, i, ends, i + 1, count - i);
        begins[i] = begin;
        ends[i] = end;
        count++;
    }

    private void remove(int i) {
        count--;
        System.arraycopy(begins, i + 1, begins, i, count - i);
        System.arraycopy(ends, i + 1, ends, i, count - i);
    }
}
