package io.github.jconv.algorithm;

import io.github.jconv.tensor.DataType;
import java.util.List;

/**
 * One way to compute convolutions: stateless, one per file. How it is run is the matter of its backend, which knows the arguments
 * that its algorithms take.
 */
public interface ConvAlgorithm {

    /** Short and stable, for command lines and reports: {@code im2col-gemm}. */
    String name();

    /** Whether this algorithm computes the request correctly, or why it does not. */
    Support supports(ConvRequest request);

    /**
     * Whether this algorithm is worth choosing for a request that it supports, or why it is not. Only the automatic choice asks.
     */
    default Support suits(ConvRequest request) {
        return Support.supported();
    }

    /**
     * Whether this algorithm is there to check others, never to be fast: it is then not even measured, and chosen by name or when
     * nothing else can.
     */
    default boolean servesToCheck() {
        return false;
    }

    /**
     * Bytes of scratch memory that a run of the request needs, known before running; with those of its {@link #filterForm}, unless
     * that is kept: see {@link FilterForm#workspaceBytes}.
     */
    long workspaceBytes(ConvRequest request);

    /** The form of the request's filters that a run reads and that can be kept while they do not change, or null. */
    default FilterForm filterForm(ConvRequest request) {
        return null;
    }

    /** Whether there are requests for which it has a {@link #filterForm}. */
    default boolean keepsFilters() {
        return false;
    }

    /**
     * Floating point operations that a run of the request executes, padding counted: those of the definition, unless the
     * algorithm multiplies by zeros of its own making or saves products.
     */
    default long flops(ConvRequest request) {
        return request.problem().flops();
    }

    /**
     * What a run needs to know beyond the geometry, computed once when the plan is made, so that a run computes and allocates
     * nothing of it; see {@link ConvPlan#prepared}. Immutable.
     */
    default Object prepare(ConvRequest request) {
        return null;
    }

    /**
     * Whether runs are as fast as they will be, as far as the algorithm knows: what they call may still be being compiled, which
     * {@link #prepare} began.
     */
    default boolean isReady() {
        return true;
    }

    /**
     * Copies that a run makes of whole tensors only to change their form, in words, as {@code a padded copy of x, [2, 3, 9, 8]}; empty
     * when tensors are computed on as they are.
     */
    default List<String> conversions(ConvRequest request) {
        return List.of();
    }

    /**
     * The type of the factors of products when they are multiplied: {@code fp32}, {@code fp64}, {@code fp16}, {@code bf16}, or {@code tf32}
     * where a library may round them to that.
     */
    default String operandType(ConvRequest request) {
        return request.dataType() == DataType.BFLOAT16 ? "bf16" : "fp" + 8 * request.dataType().bytes();
    }

    /** The arithmetic used for the request. */
    default Accuracy accuracy(ConvRequest request) {
        return Accuracy.SUM_OF_PRODUCTS;
    }

    /** What becomes of NaN and infinite elements. */
    default NonFinite nonFinite(ConvRequest request) {
        return NonFinite.AS_DEFINED;
    }
}
