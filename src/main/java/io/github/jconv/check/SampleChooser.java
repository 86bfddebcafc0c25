package io.github.jconv.check;

import io.github.jconv.tensor.TensorShape;
import java.util.Arrays;
import java.util.stream.LongStream;

/**
 * Chooses the elements of an output that are compared with the reference when all would be too many: every corner, elements at
 * the first and last position of every axis, and others anywhere; the same ones for the same shape, size and seed.
 */
final class SampleChooser {

    /** Elements at each end of each axis, beside the corners. */
    private static final int PER_EDGE = 4;

    private SampleChooser() {
    }

    /**
     * @param wanted how many elements are drawn; corners and edges are chosen even when they are more, and what is drawn twice counts
     *               once
     * @return row-major indices, ascending, without repetition
     */
    static long[] choose(TensorShape shape, long wanted, long seed) {
        if (shape.elements() <= wanted) {
            long[] all = new long[Math.toIntExact(shape.elements())];
            Arrays.setAll(all, i -> i);
            return all;
        }
        LongStream.Builder chosen = LongStream.builder();
        addCorners(shape, chosen);
        long draw = 0;
        for (int axis = 0; axis < shape.rank(); axis++) {
            for (int i = 0; i < PER_EDGE; i++) {
                chosen.add(onFace(shape, axis, 0, Fills.hash(seed, draw++)));
                chosen.add(onFace(shape, axis, shape.size(axis) - 1, Fills.hash(seed, draw++)));
            }
        }
        long drawn = (1L << shape.rank()) + draw;
        for (long left = wanted - drawn; left > 0; left--) {
            chosen.add(Long.remainderUnsigned(Fills.hash(seed, draw++), shape.elements()));
        }
        return chosen.build().sorted().distinct().toArray();
    }

    private static void addCorners(TensorShape shape, LongStream.Builder chosen) {
        for (int corner = 0; corner < 1 << shape.rank(); corner++) {
            long[] position = new long[shape.rank()];
            for (int axis = 0; axis < shape.rank(); axis++) {
                position[axis] = (corner >> axis & 1) == 0 ? 0 : shape.size(axis) - 1;
            }
            chosen.add(Positions.index(shape, position));
        }
    }

    private static long onFace(TensorShape shape, int axis, long at, long random) {
        long[] position = Positions.coordinates(shape, Long.remainderUnsigned(random, shape.elements()));
        position[axis] = at;
        return Positions.index(shape, position);
    }
}
