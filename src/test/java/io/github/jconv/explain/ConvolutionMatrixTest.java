package io.github.jconv.explain;

import static io.github.jconv.testing.Tensors.assertSameNumbers;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.jconv.ConvEngine;
import io.github.jconv.problem.ConvProblem;
import io.github.jconv.problem.InvalidProblemException;
import io.github.jconv.problem.TransposedConvolution;
import io.github.jconv.tensor.HostTensor;
import io.github.jconv.testing.Problems;
import io.github.jconv.testing.Tensors;
import java.util.List;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The matrix form: y = C x, dx = C^T dy, and the transposed convolution as the product with C^T. */
class ConvolutionMatrixTest {

    private static ConvEngine engine;

    @BeforeAll
    @BeforeContainer
    static void open() {
        engine = ConvEngine.builder().threads(1).open();
    }

    @AfterAll
    @AfterContainer
    static void close() {
        engine.close();
    }

    @Provide
    Arbitrary<ConvProblem> smallProblems() {
        return Problems.any().map(problem -> problem.withBatch(1)).filter(problem -> problem.xShape().elements() <= 64
                && problem.yShape().elements() <= 64);
    }

    /** Every product is what the engine computes, exactly, on small integers. */
    @Property(tries = 150)
    void productsAreWhatTheEngineComputes(@ForAll("smallProblems") ConvProblem problem, @ForAll long seed) {
        ConvolutionMatrix matrix = ConvolutionMatrix.of(problem);
        HostTensor x = Tensors.integers(problem.xShape(), seed);
        HostTensor w = Tensors.integers(problem.wShape(), seed + 1);
        HostTensor dy = Tensors.integers(problem.yShape(), seed + 2);
        assertSameNumbers(engine.forward(problem, x, w), matrix.multiply(w, x), "C x");
        assertSameNumbers(engine.backwardData(problem, dy, w), matrix.multiplyTransposed(w, dy), "C^T dy");
        assertSameNumbers(engine.forward(TransposedConvolution.inverseOf(problem), dy, w), matrix.multiplyTransposed(w, dy),
                "the transposed convolution");
    }

    @Property(tries = 50)
    void theLessonAgreesWithTheDefinition(@ForAll("smallProblems") ConvProblem problem) {
        MatrixLesson lesson = MatrixLesson.of(problem);
        assertTrue(lesson.agrees(), lesson::text);
        assertFalse(lesson.text().contains("NOT"), lesson::text);
    }

    /** The 4 x 16 matrix of a 3x3 filter on 4x4 that every course shows. */
    @Test
    void theMatrixOfTheCourses() {
        ConvolutionMatrix matrix = ConvolutionMatrix.of(ConvProblem.parse("n1c1h4w4k1r3s3"));
        assertEquals(4, matrix.rows());
        assertEquals(16, matrix.columns());
        assertEquals(List.of(
                "        x00  x01  x02  x03  x10  x11  x12  x13  x20  x21  x22  x23  x30  x31  x32  x33",
                "y00  [  w00  w01  w02    .  w10  w11  w12    .  w20  w21  w22    .    .    .    .    .  ]",
                "y01  [    .  w00  w01  w02    .  w10  w11  w12    .  w20  w21  w22    .    .    .    .  ]",
                "y10  [    .    .    .    .  w00  w01  w02    .  w10  w11  w12    .  w20  w21  w22    .  ]",
                "y11  [    .    .    .    .    .  w00  w01  w02    .  w10  w11  w12    .  w20  w21  w22  ]"), matrix.symbolic());
    }

    @Test
    void channelsAndFiltersAreNamed() {
        ConvolutionMatrix matrix = ConvolutionMatrix.of(ConvProblem.parse("n1c2w3k2s2_sw2_pw1:0"));
        assertEquals(List.of(
                "          x0.0   x0.1   x0.2   x1.0   x1.1   x1.2",
                "y0.0  [  w00.1      .      .  w01.1      .      .  ]",
                "y0.1  [      .  w00.0  w00.1      .  w01.0  w01.1  ]",
                "y1.0  [  w10.1      .      .  w11.1      .      .  ]",
                "y1.1  [      .  w10.0  w10.1      .  w11.0  w11.1  ]"), matrix.symbolic());
    }

    @Test
    void weightsAreShownWithTheirValues() {
        ConvolutionMatrix matrix = ConvolutionMatrix.of(ConvProblem.parse("n7c1w3k1s2"));
        HostTensor w = HostTensor.of(matrix.problem().wShape(), 0f, -2.5f);
        assertEquals(List.of("       x0    x1    x2", "y0  [   0  -2.5     .  ]", "y1  [   .     0  -2.5  ]"), matrix.withValues(w));
    }

    @Test
    void tooLargeAMatrixIsRefused() {
        assertEquals("the matrix of n1c3h8w8k2r3s3 has 72 rows (elements of y) and 192 columns (elements of x); allowed: up to 64 of each",
                assertThrows(InvalidProblemException.class, () -> ConvolutionMatrix.of(ConvProblem.parse("n4c3h8w8k2r3s3")))
                        .getMessage());
    }

    @Test
    void tensorsOfAnotherShapeAreRefused() {
        ConvolutionMatrix matrix = ConvolutionMatrix.of(ConvProblem.parse("n1c1w4k1s3"));
        HostTensor wrong = HostTensor.zeros(matrix.problem().yShape());
        HostTensor w = HostTensor.zeros(matrix.problem().wShape());
        assertEquals("x has shape [1, 1, 2]; the matrix of n1c1w4k1s3 needs [1, 1, 4]",
                assertThrows(InvalidProblemException.class, () -> matrix.multiply(w, wrong)).getMessage());
        assertThrows(InvalidProblemException.class, () -> matrix.multiply(wrong, wrong));
        assertThrows(InvalidProblemException.class, () -> matrix.multiplyTransposed(w, w));
        assertThrows(InvalidProblemException.class, () -> matrix.withValues(wrong));
    }

    /** The lesson shows every step with numbers. */
    @Test
    void theLessonOfOneLine() {
        assertEquals("""
                The convolution n1c1w4k1s3_pw1 as a matrix, one image
                  y = C x: 4 rows, one for each element of y; 4 columns, one for each element of x; a dot is a zero

                C with the weights by name (tap, counted from 0)
                         x0  x1  x2  x3
                  y0  [  w1  w2   .   .  ]
                  y1  [  w0  w1  w2   .  ]
                  y2  [   .  w0  w1  w2  ]
                  y3  [   .   .  w0  w1  ]

                C with numbers: w = [1 2 3]
                         x0  x1  x2  x3
                  y0  [   2   3   .   .  ]
                  y1  [   1   2   3   .  ]
                  y2  [   .   1   2   3  ]
                  y3  [   .   .   1   2  ]

                y = C x
                  x       = [1 2 3 4]
                  C x     = [8 14 20 11]   the same as the convolution by its definition

                dx = C^T dy: the gradient of the loss with respect to x, from dy, its gradient with respect to y (not from y)
                  dy      = [-2 -1 0 1]
                  C^T dy  = [-5 -8 -2 2]   the same as the data gradient by its definition

                The transposed convolution of a map z with y's shape is C^T z, and so has x's shape
                  z       = [1 2 3 4]
                  C^T z   = [4 10 16 17]   the same as the transposed convolution by its definition
                  direct  = [4 10 16 17]   the same as C^T z: a convolution with stride 1 over z with inserted zeros, \
                padding k-p-1 = 1, filter rotated by 180 degrees
                  forgot  = [8 14 20 11]   without the rotation, which people forget: 4 of 4 elements are wrong
                  It is the transpose, not the inverse: C^T C x = [30 72 93 82] is not x in 4 of 4 elements.
                """, MatrixLesson.of(ConvProblem.parse("n1c1w4k1s3_pw1")).text());
    }
}
