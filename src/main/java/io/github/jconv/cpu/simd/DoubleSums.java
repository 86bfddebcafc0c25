package io.github.jconv.cpu.simd;

/**
 * Sums in double of many fp32 numbers, behind the same contract as {@link SimdProvider}: every provider adds in the same order, so the
 * bits are the same for every width.
 *
 * <p>The numbers are {@code runs} runs of {@code length}, run r from {@code at + r * step} on. Each sum is kept in {@value #LENGTH} parts, in
 * a {@code double[]} that is 0 at first: the i-th number of each run belongs to part i mod {@value #PARTS}, and those behind the last whole
 * {@value #PARTS} of a run to {@value #PARTS} parts of their own behind these. Runs are added in ascending order. {@link #total} adds the
 * parts up.
 */
public interface DoubleSums {

    /** Parts of the whole vectors of runs. */
    int PARTS = 16;

    /** Parts of a sum. */
    int LENGTH = 2 * PARTS;

    /** Adds x. */
    void add(float[] x, int at, int step, int length, int runs, double[] sums);

    /** Adds {@code (x - centre)^2}. */
    void addCentredSquares(double centre, float[] x, int at, int step, int length, int runs, double[] sums);

    /** Adds y, and to a second sum behind the parts of the first {@code y * (x - centre)}. */
    void addWithCentredProducts(double centre, float[] x, int xAt, float[] y, int yAt, int step, int length, int runs, double[] sums);

    /** The sum whose parts begin there: parts of the same place are added first, then as a tree those 8 apart, 4, 2 and 1 apart. */
    static double total(double[] sums, int at) {
        double even = ((part(sums, at) + part(sums, at + 8)) + (part(sums, at + 4) + part(sums, at + 12)))
                + ((part(sums, at + 2) + part(sums, at + 10)) + (part(sums, at + 6) + part(sums, at + 14)));
        double odd = ((part(sums, at + 1) + part(sums, at + 9)) + (part(sums, at + 5) + part(sums, at + 13)))
                + ((part(sums, at + 3) + part(sums, at + 11)) + (part(sums, at + 7) + part(sums, at + 15)));
        return even + odd;
    }

    private static double part(double[] sums, int at) {
        return sums[at] + sums[at + PARTS];
    }
}
