package io.github.jconv.cpu.simd;

import java.lang.invoke.MethodHandles;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

/**
 * The sums with the Vector API in one width, two vectors of parts at a time; defined and kept fast like {@link VectorProvider}. What else
 * keeps them fast: fp32 vectors of the one width only, as those of a second one would make calls of their methods ambiguous everywhere;
 * and one loop over all runs, as sums that two nested loops carry become objects.
 */
final class VectorDoubleSums implements DoubleSums {

    private static final VectorSpecies<Float> SPECIES = VectorProviders.species(MethodHandles.lookup());
    private static final VectorSpecies<Double> DOUBLES = VectorSpecies.of(double.class, SPECIES.vectorShape());
    private static final int LANES = DOUBLES.length();
    private static final VectorShuffle<Float> UPPER_HALF = VectorShuffle.iota(SPECIES, LANES, 1, true);

    VectorDoubleSums() {
    }

    @Override
    public void add(float[] x, int at, int step, int length, int runs, double[] sums) {
        int bound = ScalarDoubleSums.bound(length);
        for (int part = 0; part < PARTS; part += 2 * LANES) {
            DoubleVector s0 = DoubleVector.fromArray(DOUBLES, sums, part);
            DoubleVector s1 = DoubleVector.fromArray(DOUBLES, sums, part + LANES);
            int i = at + part;
            int end = i + bound;
            for (int k = 0; k < bound / PARTS * runs; k++) {
                FloatVector both = FloatVector.fromArray(SPECIES, x, i);
                s0 = ((DoubleVector) both.convertShape(VectorOperators.F2D, DOUBLES, 0)).add(s0);
                s1 = ((DoubleVector) both.rearrange(UPPER_HALF).convertShape(VectorOperators.F2D, DOUBLES, 0)).add(s1);
                i += PARTS;
                if (i == end) {
                    i += step - bound;
                    end += step;
                }
            }
            s0.intoArray(sums, part);
            s1.intoArray(sums, part + LANES);
        }
        ScalarDoubleSums.addRest(x, at, step, length, runs, sums);
    }

    @Override
    public void addCentredSquares(double centre, float[] x, int at, int step, int length, int runs, double[] sums) {
        int bound = ScalarDoubleSums.bound(length);
        DoubleVector middle = DoubleVector.broadcast(DOUBLES, centre);
        for (int part = 0; part < PARTS; part += 2 * LANES) {
            DoubleVector s0 = DoubleVector.fromArray(DOUBLES, sums, part);
            DoubleVector s1 = DoubleVector.fromArray(DOUBLES, sums, part + LANES);
            int i = at + part;
            int end = i + bound;
            for (int k = 0; k < bound / PARTS * runs; k++) {
                FloatVector ofX = FloatVector.fromArray(SPECIES, x, i);
                DoubleVector x0 = ((DoubleVector) ofX.convertShape(VectorOperators.F2D, DOUBLES, 0)).sub(middle);
                DoubleVector x1 = ((DoubleVector) ofX.rearrange(UPPER_HALF).convertShape(VectorOperators.F2D, DOUBLES, 0)).sub(middle);
                s0 = x0.mul(x0).add(s0);
                s1 = x1.mul(x1).add(s1);
                i += PARTS;
                if (i == end) {
                    i += step - bound;
                    end += step;
                }
            }
            s0.intoArray(sums, part);
            s1.intoArray(sums, part + LANES);
        }
        ScalarDoubleSums.addRestOfCentredSquares(centre, x, at, step, length, runs, sums);
    }

    @Override
    public void addWithCentredProducts(double centre, float[] x, int xAt, float[] y, int yAt, int step, int length, int runs,
                                       double[] sums) {
        int bound = ScalarDoubleSums.bound(length);
        int apart = yAt - xAt;
        DoubleVector middle = DoubleVector.broadcast(DOUBLES, centre);
        for (int part = 0; part < PARTS; part += 2 * LANES) {
            DoubleVector s0 = DoubleVector.fromArray(DOUBLES, sums, part);
            DoubleVector s1 = DoubleVector.fromArray(DOUBLES, sums, part + LANES);
            DoubleVector p0 = DoubleVector.fromArray(DOUBLES, sums, LENGTH + part);
            DoubleVector p1 = DoubleVector.fromArray(DOUBLES, sums, LENGTH + part + LANES);
            int i = xAt + part;
            int end = i + bound;
            for (int k = 0; k < bound / PARTS * runs; k++) {
                FloatVector ofX = FloatVector.fromArray(SPECIES, x, i);
                FloatVector ofY = FloatVector.fromArray(SPECIES, y, i + apart);
                DoubleVector x0 = ((DoubleVector) ofX.convertShape(VectorOperators.F2D, DOUBLES, 0)).sub(middle);
                DoubleVector x1 = ((DoubleVector) ofX.rearrange(UPPER_HALF).convertShape(VectorOperators.F2D, DOUBLES, 0)).sub(middle);
                DoubleVector y0 = (DoubleVector) ofY.convertShape(VectorOperators.F2D, DOUBLES, 0);
                DoubleVector y1 = (DoubleVector) ofY.rearrange(UPPER_HALF).convertShape(VectorOperators.F2D, DOUBLES, 0);
                s0 = y0.add(s0);
                s1 = y1.add(s1);
                p0 = y0.mul(x0).add(p0);
                p1 = y1.mul(x1).add(p1);
                i += PARTS;
                if (i == end) {
                    i += step - bound;
                    end += step;
                }
            }
            s0.intoArray(sums, part);
            s1.intoArray(sums, part + LANES);
            p0.intoArray(sums, LENGTH + part);
            p1.intoArray(sums, LENGTH + part + LANES);
        }
        ScalarDoubleSums.addRestWithCentredProducts(centre, x, xAt, y, yAt, step, length, runs, sums);
    }
}
