package io.github.jconv.check;

import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * {@code |T| v |T|^T / divisor^2} of square matrices v, row by row. A zero of T multiplies nothing, so that what is not finite goes where
 * the transform takes it.
 */
final class AbsoluteTransform {

    private final int rows;
    private final int columns;
    private final double divisor;

    /** For each row of T the columns where it is not zero, and what there is. */
    private final int[][] places;
    private final double[][] weights;

    AbsoluteTransform(int[][] matrix, int divisor) {
        this.rows = matrix.length;
        this.columns = matrix[0].length;
        this.divisor = (double) divisor * divisor;
        this.places = new int[rows][];
        this.weights = new double[rows][];
        for (int i = 0; i < rows; i++) {
            int[] row = matrix[i];
            places[i] = IntStream.range(0, columns).filter(k -> row[k] != 0).toArray();
            weights[i] = Arrays.stream(places[i]).mapToDouble(k -> Math.abs(row[k])).toArray();
        }
    }

    /** Rows and columns of v. */
    int size() {
        return columns;
    }

    double[] of(double[] v) {
        double[] half = new double[rows * columns];
        for (int i = 0; i < rows; i++) {
            for (int n = 0; n < places[i].length; n++) {
                double weight = weights[i][n];
                int from = places[i][n] * columns;
                for (int j = 0; j < columns; j++) {
                    half[i * columns + j] += weight * v[from + j];
                }
            }
        }
        double[] whole = new double[rows * rows];
        for (int j = 0; j < rows; j++) {
            int[] place = places[j];
            double[] weight = weights[j];
            for (int i = 0; i < rows; i++) {
                double sum = 0;
                for (int n = 0; n < place.length; n++) {
                    sum += weight[n] * half[i * columns + place[n]];
                }
                whole[i * rows + j] = divisor == 1 ? sum : sum / divisor;
            }
        }
        return whole;
    }
}
