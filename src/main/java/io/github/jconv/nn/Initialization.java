package io.github.jconv.nn;

import io.github.jconv.algorithm.CounterRandom;
import io.github.jconv.tensor.HostTensor;
import io.github.jconv.tensor.TensorShape;

/**
 * How weights begin. A weight has shape {@code [K, C/G, filter...]}; a layer's fan-in is the number of products summed into one of its
 * outputs, its fan-out the number of outputs that one input takes part in. Biases begin at zero.
 */
public enum Initialization {

    /** Uniform in {@code +-sqrt(6 / (fanIn + fanOut))}: Glorot and Bengio, AISTATS 2010. */
    GLOROT_UNIFORM {
        @Override
        double value(long seed, long stream, long index, double fanIn, double fanOut) {
            return uniform(seed, stream, index, Math.sqrt(6 / (fanIn + fanOut)));
        }
    },

    /** Normal with deviation {@code sqrt(2 / fanIn)}: He et al., ICCV 2015, for layers followed by a ReLU. */
    HE_NORMAL {
        @Override
        double value(long seed, long stream, long index, double fanIn, double fanOut) {
            return CounterRandom.normal(seed, stream, index) * Math.sqrt(2 / fanIn);
        }
    },

    /** Uniform in {@code +-sqrt(6 / fanIn)}: He et al., the same variance from a uniform distribution. */
    HE_UNIFORM {
        @Override
        double value(long seed, long stream, long index, double fanIn, double fanOut) {
            return uniform(seed, stream, index, Math.sqrt(6 / fanIn));
        }
    },

    ZERO {
        @Override
        double value(long seed, long stream, long index, double fanIn, double fanOut) {
            return 0;
        }
    },

    /**
     * The weights of a bilinear up-sampling by a transposed convolution (Long, Shelhamer and Darrell, CVPR 2015): on every axis
     * {@code 1 - |i / f - c|} with {@code f = ceil(size / 2)} and {@code c = (2f - 1 - f mod 2) / (2f)}; channel k to channel k only, or
     * each channel of a depthwise layer to its own. Up-sampling by f takes a filter of {@code 2f - f mod 2}, a stride of f and a padding of
     * {@code ceil((f - 1) / 2)}.
     */
    BILINEAR {
        @Override
        double value(long seed, long stream, long index, double fanIn, double fanOut) {
            throw new UnsupportedOperationException("a bilinear weight depends on its place in the filter");
        }

        @Override
        void fill(HostTensor weight, long seed, long stream, double fanIn, double fanOut) {
            for (long i = 0; i < weight.length(); i++) {
                weight.set(i, bilinear(weight.shape(), i));
            }
        }
    };

    abstract double value(long seed, long stream, long index, double fanIn, double fanOut);

    /** Weights as a function of seed and stream alone. */
    void fill(HostTensor weight, long seed, long stream, double fanIn, double fanOut) {
        for (int i = 0; i < weight.length(); i++) {
            weight.set(i, value(seed, stream, i, fanIn, fanOut));
        }
    }

    private static double bilinear(TensorShape shape, long index) {
        long step = shape.elements() / shape.size(0) / shape.size(1);
        long from = index / step / shape.size(1);
        long to = index / step % shape.size(1);
        double value = shape.size(1) == 1 || from == to ? 1 : 0;
        for (int axis = 2; axis < shape.rank(); axis++) {
            step /= shape.size(axis);
            double f = Math.ceil(shape.size(axis) / 2.0);
            double centre = (2 * f - 1 - f % 2) / (2 * f);
            value *= 1 - Math.abs(index / step % shape.size(axis) / f - centre);
        }
        return value;
    }

    private static double uniform(long seed, long stream, long index, double limit) {
        return (2 * (double) CounterRandom.uniform(seed, stream, index) - 1) * limit;
    }
}
