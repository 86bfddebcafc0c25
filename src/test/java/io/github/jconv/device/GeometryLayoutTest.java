package io.github.jconv.device;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.jconv.problem.ConvGeometry;
import io.github.jconv.problem.GemmAxis;
import io.github.jconv.problem.GemmGeometry;
import io.github.jconv.problem.ResidueClass;
import io.github.jconv.tensor.DataType;
import io.github.jconv.tensor.HostTensor;
import io.github.jconv.tensor.TensorShape;
import io.github.jconv.testing.EmulatedDevice;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Both sides of a launch read the same numbers in the same fields: a kernel tells what it sees in each. */
class GeometryLayoutTest {

    private static final int GEOMETRY_FIELDS = 27;
    private static final int AXIS_FIELDS = 5;
    private static final int PAD_FIELDS = 9;
    private static final int GEMM_FIELDS = 6;
    private static final int GEMM_AXIS_FIELDS = 12;

    @Test
    void theKernelSeesEveryFieldOfTheRecords() throws ReflectiveOperationException {
        ConvGeometry geometry = numbered(ConvGeometry.class, 1);
        ResidueClass depth = numbered(ResidueClass.class, 1 + GEOMETRY_FIELDS);
        ResidueClass height = numbered(ResidueClass.class, 1 + GEOMETRY_FIELDS + AXIS_FIELDS);
        ResidueClass width = numbered(ResidueClass.class, 1 + GEOMETRY_FIELDS + 2 * AXIS_FIELDS);
        int boxes = GEOMETRY_FIELDS + 3 * AXIS_FIELDS;
        int gemm = boxes + PAD_FIELDS;
        int axes = gemm + GEMM_FIELDS;
        GemmGeometry matrix = new GemmGeometry(gemm + 1, gemm + 2, gemm + 3, gemm + 4, gemm + 5, gemm + 6,
                numbered(GemmAxis.class, axes + 1), numbered(GemmAxis.class, axes + 1 + GEMM_AXIS_FIELDS),
                numbered(GemmAxis.class, axes + 1 + 2 * GEMM_AXIS_FIELDS));
        int fields = axes + 3 * GEMM_AXIS_FIELDS;
        try (DeviceContext context = EmulatedDevice.open();
             DeviceTensor seen = context.newTensor(DataType.FLOAT32, TensorShape.of(fields))) {
            Kernel kernel = context.module("geometry").kernel("jconv_geometry_fields");
            KernelArguments arguments = kernel.newArguments();
            GeometryLayout.put(arguments.struct(0, GeometryLayout.GEOMETRY_BYTES), geometry, geometry.n());
            GeometryLayout.put(arguments.struct(1, GeometryLayout.BOX_BYTES), depth, height, width);
            GeometryLayout.put(arguments.struct(2, GeometryLayout.PAD_BYTES), TensorShape.of(1, 1, boxes + 1, boxes + 2, boxes + 3),
                    TensorShape.of(1, 1, boxes + 4, boxes + 5, boxes + 6), new long[] {boxes + 7, boxes + 8, boxes + 9});
            GeometryLayout.put(arguments.struct(3, GeometryLayout.GEMM_BYTES), matrix);
            kernel.launch(1, 1, arguments.set(4, seen));
            HostTensor bits = seen.toHost();
            for (int i = 0; i < fields; i++) {
                assertEquals(i + 1, Float.floatToRawIntBits((float) bits.get(i)), "field " + i);
            }
        }
    }

    /** A record of ints whose components count up from a number. */
    private static <T> T numbered(Class<T> type, int first) throws ReflectiveOperationException {
        List<Class<?>> types = new ArrayList<>();
        List<Object> values = new ArrayList<>();
        for (int i = 0; i < type.getRecordComponents().length; i++) {
            types.add(int.class);
            values.add(first + i);
        }
        return type.getDeclaredConstructor(types.toArray(Class[]::new)).newInstance(values.toArray());
    }
}
