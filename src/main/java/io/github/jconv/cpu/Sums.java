package io.github.jconv.cpu;

/** Sums in double, each in four parts that do not wait for each other: the i-th term belongs to part i mod 4. */
public final class Sums {

    private Sums() {
    }

    /** The sum of x. */
    public static double of(float[] x, int at, int length) {
        double s0 = 0;
        double s1 = 0;
        double s2 = 0;
        double s3 = 0;
        int i = at;
        int end = at + length;
        for (; i + 4 <= end; i += 4) {
            s0 += x[i];
            s1 += x[i + 1];
            s2 += x[i + 2];
            s3 += x[i + 3];
        }
        for (; i < end; i++) {
            s0 += x[i];
        }
        return (s0 + s1) + (s2 + s3);
    }

    /** The sum of {@code (x - centre)^2}. */
    public static double ofCentredSquares(double centre, float[] x, int at, int length) {
        double s0 = 0;
        double s1 = 0;
        double s2 = 0;
        double s3 = 0;
        int i = at;
        int end = at + length;
        for (; i + 4 <= end; i += 4) {
            double x0 = x[i] - centre;
            double x1 = x[i + 1] - centre;
            double x2 = x[i + 2] - centre;
            double x3 = x[i + 3] - centre;
            s0 += x0 * x0;
            s1 += x1 * x1;
            s2 += x2 * x2;
            s3 += x3 * x3;
        }
        for (; i < end; i++) {
            double x0 = x[i] - centre;
            s0 += x0 * x0;
        }
        return (s0 + s1) + (s2 + s3);
    }

    /** The sum of {@code y * (x - centre)}. */
    public static double ofCentredProducts(double centre, float[] x, int xAt, float[] y, int yAt, int length) {
        double s0 = 0;
        double s1 = 0;
        double s2 = 0;
        double s3 = 0;
        int i = 0;
        for (; i + 4 <= length; i += 4) {
            s0 += y[yAt + i] * (x[xAt + i] - centre);
            s1 += y[yAt + i + 1] * (x[xAt + i + 1] - centre);
            s2 += y[yAt + i + 2] * (x[xAt + i + 2] - centre);
            s3 += y[yAt + i + 3] * (x[xAt + i + 3] - centre);
        }
        for (; i < length; i++) {
            s0 += y[yAt + i] * (x[xAt + i] - centre);
        }
        return (s0 + s1) + (s2 + s3);
    }
}
