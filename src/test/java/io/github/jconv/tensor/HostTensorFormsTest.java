package io.github.jconv.tensor;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import java.util.stream.Stream;

/** Types and layouts of tensors on the heap. */
class HostTensorFormsTest {

    private static final TensorShape SHAPE = TensorShape.of(2, 3, 2, 5);

    static Stream<TensorShape> shapes() {
        return Stream.of(SHAPE, TensorShape.of(3, 4, 7), TensorShape.of(2, 3, 2, 3, 4), TensorShape.of(1, 1, 6), TensorShape.of(2, 5, 1),
                TensorShape.of(0, 2, 3), TensorShape.of(4), TensorShape.of(3, 2));
    }

    private static HostTensor counting(DataType type, Layout layout, TensorShape shape) {
        HostTensor tensor = HostTensor.zeros(type, layout, shape);
        for (int i = 0; i < tensor.length(); i++) {
            tensor.set(i, i + 1);
        }
        return tensor;
    }

    @Test
    void channelsLastLieAsTheNameSays() {
        float[] memory = counting(DataType.FLOAT32, Layout.NHWC, SHAPE).floats();
        for (int n = 0; n < 2; n++) {
            for (int c = 0; c < 3; c++) {
                for (int h = 0; h < 2; h++) {
                    for (int w = 0; w < 5; w++) {
                        int number = ((n * 3 + c) * 2 + h) * 5 + w;
                        assertEquals(number + 1, memory[((n * 2 + h) * 5 + w) * 3 + c]);
                    }
                }
            }
        }
    }

    @Test
    void whatTheHeapHasNoRoomForIsNamed() {
        TensorShape shape = TensorShape.of(HostTensor.MAX_ELEMENTS);
        long bytes = HostTensor.MAX_ELEMENTS * Double.BYTES;
        long limit = Runtime.getRuntime().maxMemory();
        assumeTrue(limit < bytes, "the heap has room for it");
        var error = assertThrows(OutOfMemoryError.class, () -> HostTensor.zeros(DataType.FLOAT64, shape));
        assertEquals("a FLOAT64 tensor " + shape + " takes " + bytes + " bytes; the heap has room for " + limit
                + " in all, which -Xmx changes", error.getMessage());
    }

    /** From every form to every other one and back nothing is lost: small integers are numbers of all types. */
    @ParameterizedTest
    @MethodSource("shapes")
    void conversionsKeepEveryElement(TensorShape shape) {
        for (DataType from : DataType.values()) {
            for (Layout fromLayout : Layout.values()) {
                HostTensor tensor = counting(from, fromLayout, shape);
                assertEquals(fromLayout.of(shape), tensor.layout());
                for (DataType to : DataType.values()) {
                    for (Layout toLayout : Layout.values()) {
                        HostTensor other = tensor.to(to, toLayout);
                        assertNotSame(tensor, other);
                        assertEquals(to, other.dataType());
                        assertEquals(toLayout.of(shape), other.layout());
                        for (int i = 0; i < tensor.length(); i++) {
                            assertEquals(i + 1, other.get(i), from + " " + fromLayout + " to " + to + " " + toLayout);
                        }
                    }
                }
            }
        }
    }

    /** A run of elements from the middle of one tensor into another. */
    @ParameterizedTest
    @EnumSource
    void partsAreConvertedInPlace(Layout layout) {
        HostTensor from = counting(DataType.FLOAT16, layout, SHAPE);
        HostTensor to = HostTensor.zeros(TensorShape.of(1, 3, 2, 5));
        HostConversion.run(from, 30, to, 0, 30);
        for (int i = 0; i < 30; i++) {
            assertEquals(31 + i, to.get(i));
        }
        HostTensor part = HostTensor.zeros(DataType.BFLOAT16, layout, SHAPE);
        HostConversion.run(to, 4, part, 34, 17);
        for (int i = 0; i < 60; i++) {
            assertEquals(i >= 34 && i < 51 ? i + 1 : 0, part.get(i), "element " + i);
        }
    }

    @Test
    void storingRoundsToTheNearestEven() {
        HostTensor half = HostTensor.zeros(DataType.FLOAT16, TensorShape.of(4));
        HostTensor values = HostTensor.of(TensorShape.of(4), 2049f, 2051f, 65519f, 65520f);
        half.convertFrom(values);
        assertEquals(2048, half.get(0));
        assertEquals(2052, half.get(1));
        assertEquals(65504, half.get(2));
        assertEquals(Double.POSITIVE_INFINITY, half.get(3));
        assertArrayEquals(new short[] {0x6800, 0x6802, 0x7bff, 0x7c00}, half.shorts());
        HostTensor brain = values.to(DataType.BFLOAT16);
        assertEquals(2048, brain.get(0));
        assertEquals(65536, brain.get(3));
        brain.fill(257);
        assertEquals(256, brain.get(2));
        brain.set(1, 259);
        assertEquals(260, brain.get(1));
    }

    @ParameterizedTest
    @EnumSource
    void copiesNewTensorsAndViewsKeepTheForm(DataType type) {
        HostTensor tensor = counting(type, Layout.NHWC, SHAPE);
        HostTensor copy = tensor.copy();
        assertEquals(Layout.NHWC, copy.layout());
        assertEquals(tensor.get(17), copy.get(17));
        assertEquals(Layout.NHWC, tensor.newTensor(TensorShape.of(1, 2, 3)).layout());
        assertEquals(type, tensor.newTensor(SHAPE).dataType());
        HostTensor firstImage = tensor.view(TensorShape.of(1, 3, 2, 5));
        firstImage.set(7, 99);
        assertEquals(99, tensor.get(7));
        assertTrue(tensor.overlaps(firstImage));
        String message = assertThrows(IllegalArgumentException.class, () -> tensor.view(TensorShape.of(2, 2, 3, 5))).getMessage();
        assertTrue(message.contains("with the channels last; allowed: a view with as many channels"), message);
        assertEquals(type + " NHWC [2, 3, 2, 5]", tensor.toString());
        assertEquals(60L * type.bytes(), tensor.bytes());
    }

    @Test
    void formsAreNotMixedSilently() {
        HostTensor tensor = HostTensor.zeros(DataType.FLOAT16, Layout.NHWC, SHAPE);
        String message = assertThrows(IllegalArgumentException.class, () -> tensor.copyFrom(tensor.to(Layout.NCHW))).getMessage();
        assertTrue(message.contains("allowed: the same type, layout and shape"), message);
        assertTrue(assertThrows(IllegalStateException.class, tensor::floats).getMessage().contains("is FLOAT16, not FLOAT32"));
        assertTrue(assertThrows(IllegalStateException.class, () -> HostTensor.zeros(SHAPE).shorts()).getMessage()
                .contains("is FLOAT32, not FLOAT16 or BFLOAT16"));
        assertTrue(assertThrows(IllegalArgumentException.class, () -> HostTensor.wrap(DataType.FLOAT32, Layout.NCHW, SHAPE, new short[60], 0))
                .getMessage().contains("allowed for an array of 16-bit numbers: FLOAT16, BFLOAT16"));
        assertThrows(IllegalArgumentException.class, () -> tensor.convertFrom(HostTensor.zeros(TensorShape.of(2))));
    }
}
