package io.github.jconv.cuda;

import io.github.jconv.algorithm.Accuracy;
import io.github.jconv.algorithm.ConvRequest;
import io.github.jconv.algorithm.Support;
import io.github.jconv.device.MathMode;
import io.github.jconv.problem.ConvProblem;
import io.github.jconv.tensor.DataType;
import io.github.jconv.tensor.Layout;

/**
 * What the algorithms that multiply matrices with cuBLAS have in common: the arithmetic of the context for fp32 tensors, and that of
 * tensor cores for those of 16 bits.
 */
abstract class GemmAlgorithm implements CudaAlgorithm {

    /** A matrix product with fewer rows than this leaves most of a tile of threads idle. */
    private static final long LEAST_ROWS = 8;

    /** So few multiply-adds that the time is that of a launch, and a single launch is best. */
    private static final long SMALL_MACS = 1L << 18;

    private final MathMode mathMode;

    GemmAlgorithm(MathMode mathMode) {
        this.mathMode = mathMode;
    }

    /** Those of 16 bits, too. */
    @Override
    public boolean takes(ConvRequest request) {
        return request.layout() == Layout.NCHW;
    }

    @Override
    public Accuracy accuracy(ConvRequest request) {
        if (request.dataType().isNarrow()) {
            return Accuracy.TENSOR_CORE_SUMS;
        }
        return switch (mathMode) {
            case FP32, TF32X3 -> Accuracy.SUM_OF_PRODUCTS;
            case TF32 -> Accuracy.TF32_PRODUCTS;
            case FP16 -> Accuracy.FP16_FACTORS;
            case BF16 -> Accuracy.BF16_FACTORS;
        };
    }

    @Override
    public String operandType(ConvRequest request) {
        return request.dataType() == DataType.FLOAT32 && mathMode != MathMode.TF32X3 ? mathMode.text()
                : CudaAlgorithm.super.operandType(request);
    }

    static Support notInFp64(ConvRequest request) {
        return Support.when(request.dataType() != DataType.FLOAT64, "it does not compute in fp64");
    }

    static Support inFp32(ConvRequest request) {
        return Support.when(request.dataType() == DataType.FLOAT32, "it computes in fp32 only");
    }

    /** Whether the product of a group is large enough to be worth the copies into columns. */
    static Support isWorthColumns(ConvProblem problem) {
        long thinnest = Math.min(problem.filtersPerGroup(), problem.channelsPerGroup() * problem.filterTaps());
        return Support.when(problem.macs() >= SMALL_MACS, "it is so small that one launch is best")
                .and(Support.when(thinnest >= LEAST_ROWS, "its matrices have " + thinnest + " rows or columns per group, fewer than "
                        + LEAST_ROWS));
    }
}
