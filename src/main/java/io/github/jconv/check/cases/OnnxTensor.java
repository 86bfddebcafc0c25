package io.github.jconv.check.cases;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.WireFormat;
import io.github.jconv.tensor.HostTensor;
import io.github.jconv.tensor.TensorShape;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A serialized {@code onnx.TensorProto} with float32 or int64 elements.
 *
 * @param dims   the sizes
 * @param values the elements in row-major order, as doubles; an int64 element must be one exactly
 */
record OnnxTensor(long[] dims, double[] values) {

    private static final int FLOAT = 1;
    private static final int INT64 = 7;

    private static final int DIMS_FIELD = 1;
    private static final int DATA_TYPE_FIELD = 2;
    private static final int FLOAT_DATA_FIELD = 4;
    private static final int INT64_DATA_FIELD = 7;
    private static final int RAW_DATA_FIELD = 9;

    /** @throws CaseFormatException naming the file and the byte where it cannot be read on */
    static OnnxTensor read(Path file, byte[] bytes) {
        CodedInputStream input = CodedInputStream.newInstance(bytes);
        try {
            return new Reader().read(input);
        } catch (InvalidProtocolBufferException e) {
            throw new CaseFormatException(file, "byte " + input.getTotalBytesRead(), "is no TensorProto, or is cut off: "
                    + e.getMessage(), e);
        } catch (IOException | IllegalArgumentException e) {
            throw new CaseFormatException(file, "byte " + input.getTotalBytesRead(), e.getMessage(), e);
        }
    }

    /** As a tensor of the shape that the listing announces. */
    HostTensor tensor(Path file, TensorShape announced) {
        if (!TensorShape.of(dims).equals(announced)) {
            throw new CaseFormatException(file, "", "has the shape " + Arrays.toString(dims) + "; the listing says " + announced);
        }
        return HostTensor.of(announced, values);
    }

    /** Gathers the fields, which may come in any order. */
    private static final class Reader {

        private final List<Long> dims = new ArrayList<>();
        private final List<Float> floats = new ArrayList<>();
        private final List<Long> longs = new ArrayList<>();
        private long dataType;
        private ByteString raw;

        OnnxTensor read(CodedInputStream input) throws IOException {
            for (int tag = input.readTag(); tag != 0; tag = input.readTag()) {
                boolean packed = WireFormat.getTagWireType(tag) == WireFormat.WIRETYPE_LENGTH_DELIMITED;
                switch (WireFormat.getTagFieldNumber(tag)) {
                    case DIMS_FIELD -> readLongs(input, tag, packed, dims);
                    case DATA_TYPE_FIELD -> dataType = one(input, tag);
                    case FLOAT_DATA_FIELD -> readFloats(input, tag, packed);
                    case INT64_DATA_FIELD -> readLongs(input, tag, packed, longs);
                    case RAW_DATA_FIELD -> {
                        require(packed, tag);
                        raw = input.readBytes();
                    }
                    default -> input.skipField(tag);
                }
            }
            return tensor();
        }

        private OnnxTensor tensor() {
            if (dataType != FLOAT && dataType != INT64) {
                throw new IllegalArgumentException("has elements of type " + dataType + "; allowed: " + FLOAT + " (float32), " + INT64
                        + " (int64)");
            }
            long[] sizes = dims.stream().mapToLong(Long::longValue).toArray();
            double[] values = values();
            long wanted = TensorShape.of(sizes).elements();
            if (values.length != wanted) {
                throw new IllegalArgumentException("has " + values.length + " elements; its dims " + Arrays.toString(sizes) + " need "
                        + wanted);
            }
            return new OnnxTensor(sizes, values);
        }

        private double[] values() {
            if (raw == null) {
                return dataType == FLOAT ? floats.stream().mapToDouble(Float::doubleValue).toArray()
                        : longs.stream().mapToDouble(Long::doubleValue).toArray();
            }
            int width = dataType == FLOAT ? Float.BYTES : Long.BYTES;
            if (raw.size() % width != 0) {
                throw new IllegalArgumentException("has " + raw.size() + " bytes of raw data, no multiple of " + width);
            }
            ByteBuffer buffer = raw.asReadOnlyByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
            double[] values = new double[raw.size() / width];
            for (int i = 0; i < values.length; i++) {
                values[i] = dataType == FLOAT ? buffer.getFloat() : buffer.getLong();
            }
            return values;
        }

        private static long one(CodedInputStream input, int tag) throws IOException {
            require(WireFormat.getTagWireType(tag) == WireFormat.WIRETYPE_VARINT, tag);
            return input.readInt64();
        }

        private static void readLongs(CodedInputStream input, int tag, boolean packed, List<Long> into) throws IOException {
            if (!packed) {
                into.add(one(input, tag));
                return;
            }
            int limit = input.pushLimit(input.readRawVarint32());
            while (!input.isAtEnd()) {
                into.add(input.readInt64());
            }
            input.popLimit(limit);
        }

        private void readFloats(CodedInputStream input, int tag, boolean packed) throws IOException {
            if (!packed) {
                require(WireFormat.getTagWireType(tag) == WireFormat.WIRETYPE_FIXED32, tag);
                floats.add(input.readFloat());
                return;
            }
            int limit = input.pushLimit(input.readRawVarint32());
            while (!input.isAtEnd()) {
                floats.add(input.readFloat());
            }
            input.popLimit(limit);
        }

        private static void require(boolean wireTypeFits, int tag) {
            if (!wireTypeFits) {
                throw new IllegalArgumentException("field " + WireFormat.getTagFieldNumber(tag) + " has the wire type "
                        + WireFormat.getTagWireType(tag) + ", which does not fit");
            }
        }
    }
}
