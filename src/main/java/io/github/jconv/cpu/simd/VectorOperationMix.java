package io.github.jconv.cpu.simd;

import java.lang.invoke.MethodHandles;
import java.util.Arrays;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

/**
 * Operations of all kinds that the kernels use, one after the other; defined like {@link VectorProvider}.
 *
 * <p>They are there for what the JIT compiler learns from them. All operations of the Vector API go through the same few methods. If the
 * compiler comes to them after it has seen a single kind of operation, it relies on that kind, and each other one makes it start again, up
 * to four times; it counts that, in every kernel once more for each operation that it takes in. From a hundred on (the JVM's {@code
 * PerMethodTrapLimit}) it no longer relies on the class of a vector in this kernel, either, and leaves the rest of its operations as calls
 * with objects: a kernel of two dozen operations is then eight times slower, in one JVM out of ten and not in the next. If it has seen
 * several kinds before, it relies on none, and counts nothing.
 */
final class VectorOperationMix implements Runnable {

    private static final VectorSpecies<Float> SPECIES = VectorProviders.species(MethodHandles.lookup());
    private static final VectorSpecies<Integer> INTEGERS = VectorSpecies.of(int.class, SPECIES.vectorShape());
    private static final VectorSpecies<Double> DOUBLES = VectorSpecies.of(double.class, SPECIES.vectorShape());
    private static final VectorShuffle<Float> NEIGHBOURS =
            VectorShuffle.fromArray(SPECIES, VectorProviders.neighbours(SPECIES.length()), 0);

    private final float[] floats = new float[SPECIES.length()];
    private final int[] ints = new int[SPECIES.length()];
    private final double[] doubles = new double[DOUBLES.length()];

    VectorOperationMix() {
        Arrays.fill(floats, 1);
        Arrays.fill(ints, 1);
        Arrays.fill(doubles, 1);
    }

    @Override
    public void run() {
        FloatVector f = FloatVector.fromArray(SPECIES, floats, 0);
        FloatVector one = FloatVector.broadcast(SPECIES, 1);
        f = f.add(one).sub(one).mul(one).neg().div(one).neg();
        f = f.min(one).max(one).fma(one, FloatVector.zero(SPECIES));
        VectorMask<Float> mask = f.compare(VectorOperators.GT, one).or(f.compare(VectorOperators.EQ, one))
                .or(f.compare(VectorOperators.NE, f));
        f.rearrange(NEIGHBOURS).blend(one, mask).intoArray(floats, 0);
        IntVector i = IntVector.fromArray(INTEGERS, ints, 0);
        i = i.lanewise(VectorOperators.LSHL, 1).lanewise(VectorOperators.ASHR, 1).and(i).or(i);
        i.lanewise(VectorOperators.XOR, 1).add(1).reinterpretAsFloats().reinterpretAsInts().intoArray(ints, 0);
        DoubleVector d = DoubleVector.fromArray(DOUBLES, doubles, 0);
        DoubleVector wide = (DoubleVector) one.convertShape(VectorOperators.F2D, DOUBLES, 0);
        d.add(wide).sub(wide).fma(wide, wide).sub(wide).intoArray(doubles, 0);
    }
}
