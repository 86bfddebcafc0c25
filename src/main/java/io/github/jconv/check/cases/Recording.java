package io.github.jconv.check.cases;

import io.github.jconv.problem.ConvOperation;
import io.github.jconv.problem.ConvProblem;
import io.github.jconv.tensor.DataType;
import io.github.jconv.tensor.HostTensor;

/**
 * One recorded result of an operation: data, and what somebody else's implementation made of them. All tensors are fp64; the inputs
 * are exact in fp32 as well.
 *
 * @param caseName  the case it belongs to, and the tensor: {@code case 17, gw}
 * @param problem   the convolution; of a transposed layer the equivalent one
 * @param operation what was computed
 * @param x         x, or null when the operation is BACKWARD_DATA
 * @param w         w, or null when the operation is BACKWARD_FILTER
 * @param y         dy, or null when the operation is FORWARD
 * @param bias      one number per channel of the result, added at every position, or null
 * @param expected  the recorded result
 * @param accuracy  of the recorded result
 */
public record Recording(String caseName, ConvProblem problem, ConvOperation operation, HostTensor x, HostTensor w, HostTensor y,
                        HostTensor bias, HostTensor expected, Accuracy accuracy) {

    /**
     * How far a correct result may lie from the recorded one.
     *
     * @param exact    the data are small integers: every correct result is the recorded one, bit for bit
     * @param recorder the arithmetic of whoever recorded it: fp64 is as good as the definition, an fp32 result has an error of its
     *                 own, so that two errors add up
     * @param scale    the largest element of the operation on absolute values, as recorded; NaN when it was not
     */
    public record Accuracy(boolean exact, DataType recorder, double scale) {

        /** Share of the scale that a direct sum in fp32 may be off, as the oracle's description states it. */
        static final double FP32_TOLERANCE = 1e-6;

        /** The same in fp64. */
        static final double FP64_TOLERANCE = 1e-13;

        /** The recorder's own limit for an absolute error in that type; infinite when there is none. */
        public double tolerance(DataType type) {
            if (Double.isNaN(scale)) {
                return Double.POSITIVE_INFINITY;
            }
            return scale * (type == DataType.FLOAT32 ? FP32_TOLERANCE : FP64_TOLERANCE);
        }
    }
}
