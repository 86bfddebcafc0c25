package io.github.jconv.check;

import io.github.jconv.algorithm.ConvRequest;
import io.github.jconv.problem.ConvOperation;
import io.github.jconv.tensor.DataType;
import io.github.jconv.tensor.HostTensor;
import io.github.jconv.tensor.TensorShape;

/** The kinds of numbers that operations are checked on. */
enum DataKind {

    /** Small integers, so few and so small that every sum of their products is exact. */
    INTEGERS {
        @Override
        HostTensor fill(ConvRequest request, TensorShape shape, long seed) {
            ExactRange range = ExactRange.of(request);
            return Fills.integers(request.dataType(), request.layout(), shape, seed, range.magnitude(), 1);
        }

        @Override
        HostTensor fillFirst(ConvRequest request, TensorShape shape, long seed) {
            ExactRange range = ExactRange.of(request);
            return Fills.integers(request.dataType(), request.layout(), shape, seed, range.magnitude(), range.density());
        }
    },

    /** The same with infinities and NaN at the edges of the first operand: they reach what the definition says, nothing else. */
    SPECIALS {
        @Override
        HostTensor fill(ConvRequest request, TensorShape shape, long seed) {
            return INTEGERS.fill(request, shape, seed);
        }

        @Override
        HostTensor fillFirst(ConvRequest request, TensorShape shape, long seed) {
            HostTensor tensor = INTEGERS.fillFirst(request, shape, seed);
            Fills.placeSpecials(tensor);
            return tensor;
        }
    },

    /** For types of 16 bits: integers whose sums are exact in fp32, but for the most part are no numbers of the type. */
    ROUNDED {
        @Override
        HostTensor fill(ConvRequest request, TensorShape shape, long seed) {
            return Fills.integers(request.dataType(), request.layout(), shape, seed, ExactRange.beforeRounding(request), 1);
        }
    },

    /** Real numbers around 0. */
    REALS {
        @Override
        HostTensor fill(ConvRequest request, TensorShape shape, long seed) {
            return Fills.normal(request.dataType(), request.layout(), shape, seed);
        }

        @Override
        boolean isExact() {
            return false;
        }
    };

    /** Integers up to this size are exact in the type: {@code 2^24} for fp32, {@code 2^53} for fp64, {@code 2^11} and {@code 2^8}. */
    static double largestExact(DataType type) {
        return switch (type) {
            case FLOAT32 -> 0x1p24;
            case FLOAT64 -> 0x1p53;
            case FLOAT16 -> 0x1p11;
            case BFLOAT16 -> 0x1p8;
        };
    }

    /** Whether every correct algorithm yields the same numbers. */
    boolean isExact() {
        return true;
    }

    abstract HostTensor fill(ConvRequest request, TensorShape shape, long seed);

    /** As {@link #fill} for the first operand, the only one that zeros are strewn into. */
    HostTensor fillFirst(ConvRequest request, TensorShape shape, long seed) {
        return fill(request, shape, seed);
    }

    /** The two inputs of a request; the third tensor, the output, is null. */
    Operands operands(ConvRequest request, long seed) {
        ConvOperation operation = request.operation();
        HostTensor x = operation == ConvOperation.BACKWARD_DATA ? null
                : fillFirst(request, request.problem().xShape(), Fills.hash(seed, 1));
        HostTensor w = operation == ConvOperation.BACKWARD_FILTER ? null
                : fill(request, request.problem().wShape(), Fills.hash(seed, 2));
        HostTensor y = switch (operation) {
            case FORWARD -> null;
            case BACKWARD_DATA -> fillFirst(request, request.problem().yShape(), Fills.hash(seed, 3));
            case BACKWARD_FILTER -> fill(request, request.problem().yShape(), Fills.hash(seed, 3));
        };
        return new Operands(request, x, w, y);
    }

    /** Values to accumulate onto. */
    HostTensor start(ConvRequest request, long seed) {
        return fill(request, request.operation().outputShape(request.problem()), Fills.hash(seed, 4));
    }
}
