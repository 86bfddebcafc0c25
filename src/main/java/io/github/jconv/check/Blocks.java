package io.github.jconv.check;

import io.github.jconv.tensor.HostTensor;
import io.github.jconv.tensor.TensorShape;

/** Copies of regularly spaced elements: parts of a tensor, or a tensor spread out with zeros. */
final class Blocks {

    private Blocks() {
    }

    /** {@code out[i, j, ...] = source[begin0 + i * step0, begin1 + j * step1, ...]}. */
    static HostTensor gather(HostTensor source, long[] begin, long[] step, TensorShape shape) {
        HostTensor block = source.newTensor(shape);
        forEach(shape, source.shape(), begin, step, (inBlock, inSource) -> block.set(inBlock, source.get(inSource)));
        return block;
    }

    /** {@code out[begin0 + i * step0, begin1 + j * step1, ...] = block[i, j, ...]}, zero elsewhere. */
    static HostTensor scatter(HostTensor block, long[] begin, long[] step, TensorShape shape) {
        HostTensor spread = block.newTensor(shape);
        forEach(block.shape(), shape, begin, step, (inBlock, inSpread) -> spread.set(inSpread, block.get(inBlock)));
        return spread;
    }

    /** Positions {@code begin} to {@code end - 1} of one axis, everything of the others; null stays null. */
    static HostTensor slice(HostTensor source, int axis, long begin, long end) {
        if (source == null) {
            return null;
        }
        long[] sizes = source.shape().sizes();
        long[] from = new long[sizes.length];
        sizes[axis] = end - begin;
        from[axis] = begin;
        return gather(source, from, ones(sizes.length), TensorShape.of(sizes));
    }

    /** The first positions of every axis, as many as the shape says. */
    static HostTensor corner(HostTensor source, TensorShape shape) {
        return gather(source, new long[shape.rank()], ones(shape.rank()), shape);
    }

    /** The same elements with another shape; null stays null. */
    static HostTensor reshaped(HostTensor source, TensorShape shape) {
        return source == null ? null : source.view(shape).copy();
    }

    /** The index of an element of a block, and that of its place in the whole. */
    private interface Place {
        void at(long inBlock, long inWhole);
    }

    /** Row by row, since whole tensors go through here: only the begin of a row is computed from its coordinates. */
    private static void forEach(TensorShape block, TensorShape whole, long[] begin, long[] step, Place place) {
        int last = block.rank() - 1;
        long row = block.size(last);
        for (long first = 0; first < block.elements(); first += row) {
            long inWhole = index(whole, begin, step, Positions.coordinates(block, first));
            for (long i = 0; i < row; i++) {
                place.at(first + i, inWhole + i * step[last]);
            }
        }
    }

    private static long index(TensorShape shape, long[] begin, long[] step, long[] coordinates) {
        long index = 0;
        for (int axis = 0; axis < shape.rank(); axis++) {
            index = index * shape.size(axis) + begin[axis] + coordinates[axis] * step[axis];
        }
        return index;
    }

    private static long[] ones(int length) {
        long[] ones = new long[length];
        java.util.Arrays.fill(ones, 1);
        return ones;
    }
}
