package io.github.jconv.check.cases;

import io.github.jconv.tensor.HostTensor;
import io.github.jconv.tensor.TensorShape;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.DoubleBuffer;
import java.nio.file.Path;

/** The numbers of all oracle cases, one tensor after the other. */
final class OracleData {

    private final Path file;
    private final DoubleBuffer doubles;

    OracleData(Path file, byte[] bytes) {
        if (bytes.length % Double.BYTES != 0) {
            throw new CaseFormatException(file, "", "has " + bytes.length + " bytes, which is not a multiple of 8: it is cut off");
        }
        this.file = file;
        this.doubles = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asDoubleBuffer();
    }

    /** The tensor of a {@code {shape, offset}} entry, which must have the shape that the case's sizes imply. */
    HostTensor tensor(String name, JsonFields entry, TensorShape expected) {
        TensorShape shape = TensorShape.of(nonNegative(name, entry.integers("shape", -1)));
        if (!shape.equals(expected)) {
            throw new JsonFields.FieldException("tensor '" + name + "' has shape " + shape + "; the sizes of the case need " + expected);
        }
        long offset = entry.integer("offset");
        if (offset < 0 || shape.elements() > doubles.limit() - offset) {
            throw new JsonFields.FieldException("tensor '" + name + "' has " + shape.elements() + " numbers from offset " + offset + ", but "
                    + file.getFileName() + " holds " + doubles.limit() + ": it is cut off, or the offset is wrong");
        }
        double[] values = new double[(int) shape.elements()];
        doubles.get((int) offset, values);
        return HostTensor.of(shape, values);
    }

    private static long[] nonNegative(String name, long[] sizes) {
        for (long size : sizes) {
            if (size < 0) {
                throw new JsonFields.FieldException("tensor '" + name + "' has the size " + size + "; allowed: 0 and up");
            }
        }
        return sizes;
    }
}
