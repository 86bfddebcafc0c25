package io.github.jconv.check;

import io.github.jconv.algorithm.Accuracy;

/**
 * The transforms of Winograd's minimal filtering F(m, 3), {@code y = A^T [(G g) * (B^T d)]}, as the harness knows them: written down
 * here once more, independently of any algorithm. A test proves in whole numbers that they compute a correlation.
 */
enum WinogradForm {

    /** F(2, 3) with the points 0, 1, -1 and infinity. */
    F2(10, 2,
            new int[][] {{1, 0, -1, 0}, {0, 1, 1, 0}, {0, -1, 1, 0}, {0, 1, 0, -1}},
            new int[][] {{2, 0, 0}, {1, 1, 1}, {1, -1, 1}, {0, 0, 2}},
            new int[][] {{1, 1, 1, 0}, {0, 1, -1, -1}}),

    /** F(4, 3) with the points 0, 1, -1, 2, -2 and infinity. */
    F4(20, 24,
            new int[][] {{4, 0, -5, 0, 1, 0}, {0, -4, -4, 1, 1, 0}, {0, 4, -4, -1, 1, 0}, {0, -2, -1, 2, 1, 0}, {0, 2, -1, -2, 1, 0},
                {0, 4, 0, -5, 0, 1}},
            new int[][] {{6, 0, 0}, {-4, -4, -4}, {-4, 4, -4}, {1, 2, 4}, {1, -2, 4}, {0, 0, 24}},
            new int[][] {{1, 1, 1, 1, 1, 0}, {0, 1, -1, 2, -2, 0}, {0, 1, 1, 4, 4, 0}, {0, 1, -1, 8, -8, 1}});

    /** Roundings on the longest way through all transforms on both axes; see {@link ErrorBound#ofWinograd}. */
    final int roundings;
    /** What the elements of {@link #filter} are to be divided by. */
    final int divisor;
    /** B^T. */
    final int[][] input;
    /** G times {@link #divisor}. */
    final int[][] filter;
    /** A^T. */
    final int[][] output;

    WinogradForm(int roundings, int divisor, int[][] input, int[][] filter, int[][] output) {
        this.roundings = roundings;
        this.divisor = divisor;
        this.input = input;
        this.filter = filter;
        this.output = output;
    }

    static WinogradForm of(Accuracy accuracy) {
        return accuracy == Accuracy.WINOGRAD_2X2 ? F2 : F4;
    }

    /** Outputs of a tile along an axis. */
    int m() {
        return output.length;
    }

    /** Inputs of a tile along an axis, and products. */
    int points() {
        return input.length;
    }

    /**
     * {@code |T| v |T|^T} for one of the matrices, row by row. A zero of the matrix multiplies nothing, so that what is not finite
     * goes where the transform takes it.
     *
     * @param values a square matrix, row by row
     */
    static double[] absolute(int[][] matrix, int divisor, double[] values) {
        int columns = matrix[0].length;
        double[] half = new double[matrix.length * columns];
        for (int i = 0; i < matrix.length; i++) {
            for (int j = 0; j < columns; j++) {
                for (int k = 0; k < columns; k++) {
                    half[i * columns + j] += matrix[i][k] == 0 ? 0 : Math.abs(matrix[i][k]) * values[k * columns + j];
                }
            }
        }
        double[] whole = new double[matrix.length * matrix.length];
        for (int i = 0; i < matrix.length; i++) {
            for (int j = 0; j < matrix.length; j++) {
                for (int k = 0; k < columns; k++) {
                    whole[i * matrix.length + j] += matrix[j][k] == 0 ? 0 : Math.abs(matrix[j][k]) * half[i * columns + k];
                }
                whole[i * matrix.length + j] /= (double) divisor * divisor;
            }
        }
        return whole;
    }

    /** The transposed of a matrix. */
    static int[][] transposed(int[][] matrix) {
        int[][] result = new int[matrix[0].length][matrix.length];
        for (int i = 0; i < matrix.length; i++) {
            for (int j = 0; j < matrix[0].length; j++) {
                result[j][i] = matrix[i][j];
            }
        }
        return result;
    }

    /** One element of {@code |A^T| v |A|}. */
    double output(double[] values, int row, int column) {
        double sum = 0;
        for (int i = 0; i < points(); i++) {
            for (int j = 0; j < points(); j++) {
                int weight = Math.abs(output[row][i] * output[column][j]);
                sum += weight == 0 ? 0 : weight * values[i * points() + j];
            }
        }
        return sum;
    }
}
