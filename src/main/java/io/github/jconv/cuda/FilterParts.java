package io.github.jconv.cuda;

import io.github.jconv.tensor.DataType;

/**
 * A filter gradient, a small result of long sums, is computed in parts of fp32, all at once, that a last kernel adds up in a fixed order.
 *
 * @param count    how many parts
 * @param elements of dw
 */
record FilterParts(int count, long elements) {

    /**
     * As many parts as make the wanted blocks, unless they become too short.
     *
     * @param wantedBlocks  that keep a large GPU busy
     * @param blocksPerPart that compute one part
     * @param terms         that a sum adds up
     * @param leastPerPart  terms that a part should at least have
     * @param elements      of dw
     */
    static FilterParts of(long wantedBlocks, long blocksPerPart, long terms, long leastPerPart, long elements) {
        long wanted = (wantedBlocks + blocksPerPart - 1) / blocksPerPart;
        return new FilterParts((int) Math.max(1, Math.min(wanted, terms / leastPerPart)), elements);
    }

    long workspaceBytes() {
        return Scratch.floats(count * elements);
    }

    /** From the workspace to dw. */
    void addUp(CudaCall call, DataType type) {
        call.kernels().sumParts(type, call.workspace(), call.w(), count, elements, call.accumulate());
    }
}
