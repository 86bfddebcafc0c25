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

    /** {@code |B^T| d |B|} of a tile of inputs. */
    final AbsoluteTransform ofInputs;
    /** {@code |G| g |G^T|} of a filter. */
    final AbsoluteTransform ofFilter;
    /** {@code |A^T| m |A|} of products. */
    final AbsoluteTransform ofProducts;
    /** {@code |A| dy |A^T|} of a tile of gradients. */
    final AbsoluteTransform ofGradients;
    /** {@code |G^T| m |G|} of products for a filter gradient. */
    final AbsoluteTransform ofFilterProducts;

    WinogradForm(int roundings, int divisor, int[][] input, int[][] filter, int[][] output) {
        this.roundings = roundings;
        this.divisor = divisor;
        this.input = input;
        this.filter = filter;
        this.output = output;
        this.ofInputs = new AbsoluteTransform(input, 1);
        this.ofFilter = new AbsoluteTransform(filter, divisor);
        this.ofProducts = new AbsoluteTransform(output, 1);
        this.ofGradients = new AbsoluteTransform(transposed(output), 1);
        this.ofFilterProducts = new AbsoluteTransform(transposed(filter), divisor);
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
}
