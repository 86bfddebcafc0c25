package io.github.jconv.cudnn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.jconv.algorithm.ConvRequest;
import io.github.jconv.algorithm.Support;
import io.github.jconv.device.MathMode;
import io.github.jconv.problem.ConvOperation;
import io.github.jconv.problem.ConvProblem;
import io.github.jconv.problem.SpatialAxis;
import io.github.jconv.tensor.DataType;
import io.github.jconv.testing.Problems;
import java.util.List;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** How problems are told to cuDNN; the arithmetic needs no device. */
class CudnnShapeTest {

    @Provide
    Arbitrary<ConvProblem> problems() {
        return Problems.any();
    }

    /** cuDNN's own formula on what it is told gives the sizes of y. */
    @Property(tries = 1000)
    void whatCudnnIsToldGivesTheOutputsOfTheProblem(@ForAll("problems") ConvProblem problem) {
        CudnnShape shape = shape(problem);
        for (int axis = 0; axis < shape.padding().length; axis++) {
            int extent = (shape.w()[axis + 2] - 1) * shape.dilations()[axis] + 1;
            int outputs = 1 + (shape.x()[axis + 2] + 2 * shape.padding()[axis] - extent) / shape.strides()[axis];
            assertEquals(shape.y()[axis + 2], outputs, problem + ", axis " + axis);
            assertTrue(shape.padding()[axis] >= 0);
        }
        assertEquals(problem.yShape().elements(), elements(shape.y()));
        assertEquals(problem.wShape().elements(), elements(shape.w()));
        assertTrue(shape.isCopied() || elements(shape.x()) == problem.xShape().elements());
    }

    @ParameterizedTest
    @CsvSource({
        // input, filter, stride, begin, end | padding, before, after
        "7, 3, 1, 1, 1, 1, 0, 0",
        "8, 3, 2, 1, 0, 1, 0, 0",    // the last position of the end padding is not reached
        "7, 3, 2, 1, 0, 0, 1, 0",    // here it would be
        "7, 3, 1, 0, 1, 0, 0, 1",
        "7, 4, 1, 1, 3, 1, 0, 2",
        "9, 3, 1, 1, -4, 0, 1, -4",
        "9, 3, 1, 0, -2, 0, 0, -2"})
    void oneAxis(long input, long filter, long stride, long begin, long end, long padding, long before, long after) {
        assertEquals(new SymmetricAxis(padding, before, after),
                SymmetricAxis.of(new SpatialAxis(input, filter, stride, begin, end, 1)));
    }

    @Example
    void oneDimensionBecomesTwo() {
        CudnnShape shape = shape(ConvProblem.parse("n2c3w7k4s3_sw2_pw1_dw2"));
        assertArrayEquals(new int[] {2, 3, 1, 7}, shape.x());
        assertArrayEquals(new int[] {4, 3, 1, 3}, shape.w());
        assertArrayEquals(new int[] {0, 1}, shape.padding());
        assertArrayEquals(new int[] {1, 2}, shape.strides());
        assertArrayEquals(new int[] {1, 2}, shape.dilations());
    }

    @Example
    void theCopyIsNamed() {
        assertEquals(List.of("a padded copy of x, [2, 3, 7, 8]"), shape(ConvProblem.parse("n2c3h6w7k4r3s2_ph1:0pw1:0")).conversions(false));
        assertEquals(List.of(), shape(ConvProblem.parse("n2c3h6w7k4r3s2_ph1pw1")).conversions(false));
    }

    @Example
    void whatCannotBeDescribedSaysWhy() {
        Support large = shape(ConvProblem.parse("n65536c64h32w16k4r1s1")).describable();
        assertFalse(large.yes());
        assertEquals("its largest tensor has 2147483648 elements, and cuDNN's descriptors count to 2147483647", large.reason());
        Support copied = new CudnnShape(new ConvRequest(ConvProblem.parse("n2c3h6w7k4r3s2_ph1:0"), ConvOperation.FORWARD,
                DataType.FLOAT64), MathMode.FP32).describable();
        assertTrue(copied.reason().contains("fp32 with the channels first only"), copied::reason);
    }

    private static CudnnShape shape(ConvProblem problem) {
        return new CudnnShape(ConvRequest.fp32(problem, ConvOperation.FORWARD), MathMode.FP32);
    }

    private static long elements(int[] sizes) {
        long product = 1;
        for (int size : sizes) {
            product *= size;
        }
        return product;
    }
}
