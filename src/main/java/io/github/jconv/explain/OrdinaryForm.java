package io.github.jconv.explain;

import io.github.jconv.problem.ConvOperation;
import io.github.jconv.problem.ConvProblem;
import io.github.jconv.problem.SpatialAxis;
import io.github.jconv.reference.ReferenceConvolution;
import io.github.jconv.tensor.HostTensor;
import io.github.jconv.tensor.TensorShape;
import java.util.List;

/**
 * Backward-data as an ordinary convolution, step by step and on real numbers: zeros inserted into dy, padding (or a crop) around it,
 * the filter rotated by 180 degrees with its channel axes exchanged, and a convolution with stride 1 of the two. For explanation:
 * it writes the whole map.
 */
final class OrdinaryForm {

    private final ConvProblem problem;

    OrdinaryForm(ConvProblem problem) {
        this.problem = problem;
    }

    /** The convolution with stride 1 and without padding that is left; its channels are the other one's, exchanged. */
    ConvProblem convolution() {
        List<SpatialAxis> axes = problem.axes().stream().map(axis -> new SpatialAxis(axis.input() + axis.extent() - 1, axis.filter(), 1,
                0, 0, axis.dilation())).toList();
        return new ConvProblem(problem.batch(), problem.outputChannels(), problem.inputChannels(), problem.groups(), axes);
    }

    /** dy with zeros inserted, padded and cropped. */
    HostTensor map(HostTensor dy) {
        HostTensor map = HostTensor.zeros(dy.dataType(), convolution().xShape());
        long[] from = new long[dy.shape().rank()];
        for (long i = 0; i < dy.length(); i++) {
            indexOf(dy.shape(), i, from);
            long to = target(map.shape(), from);
            if (to >= 0) {
                map.set(to, dy.get(i));
            }
        }
        return map;
    }

    /** The filter {@code w'[c, k, r] = w[k, c, R-1-r]}, or without the rotation {@code w[k, c, r]}. */
    HostTensor filter(HostTensor w, boolean rotated) {
        HostTensor other = HostTensor.zeros(w.dataType(), convolution().wShape());
        long taps = problem.filterTaps();
        long channels = problem.channelsPerGroup();
        long filters = problem.filtersPerGroup();
        for (long k = 0; k < problem.outputChannels(); k++) {
            for (long c = 0; c < channels; c++) {
                long row = k / filters * channels + c;
                for (long tap = 0; tap < taps; tap++) {
                    other.set((row * filters + k % filters) * taps + (rotated ? taps - 1 - tap : tap),
                            w.get((k * channels + c) * taps + tap));
                }
            }
        }
        return other;
    }

    /** dx; without the rotation, what people get who forget it. */
    HostTensor dataGradient(HostTensor dy, HostTensor w, boolean rotated) {
        HostTensor dx = HostTensor.zeros(dy.dataType(), problem.xShape());
        ReferenceConvolution.run(convolution(), ConvOperation.FORWARD, map(dy), filter(w, rotated), dx, false);
        return dx;
    }

    private static void indexOf(TensorShape shape, long flat, long[] index) {
        long rest = flat;
        for (int i = index.length - 1; i >= 0; i--) {
            index[i] = rest % shape.size(i);
            rest /= shape.size(i);
        }
    }

    /** Where in the map an element of dy goes, or -1 when it is cropped. */
    private long target(TensorShape map, long[] index) {
        long flat = index[0] * map.size(1) + index[1];
        for (int i = 0; i < problem.dimensions(); i++) {
            SpatialAxis axis = problem.axes().get(i);
            long position = index[2 + i] * axis.stride() + axis.transposedPadBegin();
            if (position < 0 || position >= map.size(2 + i)) {
                return -1;
            }
            flat = flat * map.size(2 + i) + position;
        }
        return flat;
    }
}
