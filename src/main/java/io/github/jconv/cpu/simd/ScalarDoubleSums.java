package io.github.jconv.cpu.simd;

/** The sums in plain Java; also those of what vectors leave over. */
final class ScalarDoubleSums implements DoubleSums {

    @Override
    public void add(float[] x, int at, int step, int length, int runs, double[] sums) {
        int bound = bound(length);
        for (int run = 0; run < runs; run++) {
            for (int i = 0; i < bound; i++) {
                sums[i % PARTS] += x[at + run * step + i];
            }
        }
        addRest(x, at, step, length, runs, sums);
    }

    @Override
    public void addCentredSquares(double centre, float[] x, int at, int step, int length, int runs, double[] sums) {
        int bound = bound(length);
        for (int run = 0; run < runs; run++) {
            for (int i = 0; i < bound; i++) {
                double centred = x[at + run * step + i] - centre;
                sums[i % PARTS] += centred * centred;
            }
        }
        addRestOfCentredSquares(centre, x, at, step, length, runs, sums);
    }

    @Override
    public void addWithCentredProducts(double centre, float[] x, int xAt, float[] y, int yAt, int step, int length, int runs,
                                       double[] sums) {
        int bound = bound(length);
        for (int run = 0; run < runs; run++) {
            for (int i = 0; i < bound; i++) {
                double value = y[yAt + run * step + i];
                sums[i % PARTS] += value;
                sums[LENGTH + i % PARTS] += value * (x[xAt + run * step + i] - centre);
            }
        }
        addRestWithCentredProducts(centre, x, xAt, y, yAt, step, length, runs, sums);
    }

    /** Where the last whole {@link #PARTS} of a run end. */
    static int bound(int length) {
        return length & -PARTS;
    }

    static void addRest(float[] x, int at, int step, int length, int runs, double[] sums) {
        int bound = bound(length);
        for (int i = bound; i < length; i++) {
            double sum = sums[PARTS + i - bound];
            for (int run = 0; run < runs; run++) {
                sum += x[at + run * step + i];
            }
            sums[PARTS + i - bound] = sum;
        }
    }

    static void addRestOfCentredSquares(double centre, float[] x, int at, int step, int length, int runs, double[] sums) {
        int bound = bound(length);
        for (int i = bound; i < length; i++) {
            double sum = sums[PARTS + i - bound];
            for (int run = 0; run < runs; run++) {
                double centred = x[at + run * step + i] - centre;
                sum += centred * centred;
            }
            sums[PARTS + i - bound] = sum;
        }
    }

    static void addRestWithCentredProducts(double centre, float[] x, int xAt, float[] y, int yAt, int step, int length, int runs,
                                           double[] sums) {
        int bound = bound(length);
        for (int i = bound; i < length; i++) {
            double sum = sums[PARTS + i - bound];
            double products = sums[LENGTH + PARTS + i - bound];
            for (int run = 0; run < runs; run++) {
                double value = y[yAt + run * step + i];
                sum += value;
                products += value * (x[xAt + run * step + i] - centre);
            }
            sums[PARTS + i - bound] = sum;
            sums[LENGTH + PARTS + i - bound] = products;
        }
    }
}
