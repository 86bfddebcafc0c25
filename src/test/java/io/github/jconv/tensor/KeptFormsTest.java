package io.github.jconv.tensor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What is kept of a constant tensor is found by name, stays while the values do, and is made anew, in the same array, when they change. */
class KeptFormsTest {

    private final HostTensor tensor = HostTensor.zeros(TensorShape.of(2, 3)).constant();

    @Test
    void onlyConstantTensorsKeepForms() {
        HostTensor other = HostTensor.zeros(TensorShape.of(2, 3));
        assertFalse(other.isConstant());
        assertThrows(IllegalStateException.class, other::keptForms);
        other.changed();
        assertTrue(other.constant().isConstant());
    }

    @Test
    void isFoundByName() {
        KeptForms.Form form = tensor.keptForms().named("turned", 6);
        assertFalse(form.isCurrent());
        form.made();
        assertSame(form, tensor.constant().keptForms().named("turned", 6), "said to be constant once more");
        assertNotSame(form, tensor.keptForms().named("packed", 6));
        assertEquals(6, form.values().length);
        assertTrue(form.isCurrent());
    }

    @Test
    void aCopyAndAViewMakeNoPromise() {
        assertFalse(tensor.copy().isConstant());
        assertFalse(tensor.view(TensorShape.of(6)).isConstant());
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("writers")
    void whatWritesOutdatesTheForms(String name, Consumer<HostTensor> writer) {
        KeptForms.Form form = tensor.keptForms().named("turned", 6);
        form.made();
        float[] values = form.values();
        writer.accept(tensor);
        assertFalse(form.isCurrent());
        assertSame(values, tensor.keptForms().named("turned", 6).values(), "its array is used again");
    }

    static Stream<Arguments> writers() {
        HostTensor other = HostTensor.zeros(TensorShape.of(2, 3));
        return Stream.of(
                writer("set", tensor -> tensor.set(1, 2)),
                writer("fill", tensor -> tensor.fill(2)),
                writer("copyFrom", tensor -> tensor.copyFrom(other)),
                writer("copyTo", other::copyTo),
                writer("changed", HostTensor::changed));
    }

    private static Arguments writer(String name, Consumer<HostTensor> writer) {
        return Arguments.of(name, writer);
    }
}
