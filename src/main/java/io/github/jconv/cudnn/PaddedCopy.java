package io.github.jconv.cudnn;

import io.github.jconv.device.DeviceContext;
import io.github.jconv.device.Launch;
import io.github.jconv.problem.ConvGeometry;

/**
 * Copies x with its padding written out, and adds the gradient of such a copy up into dx: {@code im2col} and {@code col2im} with a
 * filter of one tap, whose columns are the copy. Where the padding is negative they crop, and give zeros. A copy waits for memory and
 * not for arithmetic, so indices always have 64 bits. Enqueued on the main stream; nothing is allocated after the first use.
 */
final class PaddedCopy {

    private final DeviceContext context;
    private Launch pad;
    private Launch crop;

    PaddedCopy(DeviceContext context) {
        this.context = context;
    }

    /** The copy of x. */
    void pad(ConvGeometry plane, long planes, long x, long copy) {
        if (pad == null) {
            pad = new Launch(context.module("im2col").kernel("jconv_im2col_i64"));
        }
        long positions = (long) plane.z() * plane.p() * plane.q();
        pad.begin().with(x).with(copy).with(plane).with(planes).with(0L).with(positions).forEach(planes * positions);
    }

    /** dx of the copy's gradient. */
    void crop(ConvGeometry plane, long planes, long copy, long dx, boolean accumulate) {
        if (crop == null) {
            crop = new Launch(context.module("col2im").kernel("jconv_col2im_i64"));
        }
        long positions = (long) plane.d() * plane.h() * plane.w();
        crop.begin().with(copy).with(dx).with(plane).with(planes).with(accumulate).forEach(planes * positions);
    }
}
