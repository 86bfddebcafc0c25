package io.github.jconv.peers;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import io.github.jconv.problem.ConvOperation;
import io.github.jconv.problem.ConvProblem;
import io.github.jconv.problem.ProblemEntry;
import io.github.jconv.problem.SpatialAxis;
import io.github.jconv.problem.TransposedAxis;
import io.github.jconv.tensor.HostTensor;
import io.github.jconv.tensor.TensorShape;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.stream.LongStream;

/**
 * The bytes of an ONNX model with a single Conv or ConvTranspose node, whose weight is a constant: protobuf messages written field by
 * field, with the field numbers of {@code onnx.proto}.
 */
final class OnnxModel {

    static final String INPUT = "x";
    static final String OUTPUT = "y";

    private static final String WEIGHT = "w";
    private static final int IR_VERSION = 8;
    private static final int OPSET = 17;
    private static final int FLOAT = 1;
    private static final int ATTRIBUTE_INT = 2;
    private static final int ATTRIBUTE_INTS = 7;

    private OnnxModel() {
    }

    static byte[] of(LayerData data) {
        ByteString opset = message(out -> out.writeInt64(2, OPSET));
        return message(out -> {
            out.writeInt64(1, IR_VERSION);
            out.writeBytes(7, graph(data));
            out.writeBytes(8, opset);
        }).toByteArray();
    }

    private static ByteString graph(LayerData data) {
        return message(out -> {
            out.writeBytes(1, node(data.entry()));
            out.writeString(2, "layer");
            out.writeBytes(5, constant(WEIGHT, data.w()));
            out.writeBytes(11, value(INPUT, data.x().shape()));
            out.writeBytes(12, value(OUTPUT, data.resultShape(ConvOperation.FORWARD)));
        });
    }

    private static ByteString node(ProblemEntry entry) {
        ConvProblem problem = entry.problem();
        return message(out -> {
            out.writeString(1, INPUT);
            out.writeString(1, WEIGHT);
            out.writeString(2, OUTPUT);
            out.writeString(4, entry.isTransposed() ? "ConvTranspose" : "Conv");
            out.writeBytes(5, integers("kernel_shape", problem.axes().stream().mapToLong(SpatialAxis::filter)));
            out.writeBytes(5, integers("strides", problem.axes().stream().mapToLong(SpatialAxis::stride)));
            out.writeBytes(5, integers("dilations", problem.axes().stream().mapToLong(SpatialAxis::dilation)));
            out.writeBytes(5, integers("pads", LongStream.concat(problem.axes().stream().mapToLong(SpatialAxis::padBegin),
                    problem.axes().stream().mapToLong(SpatialAxis::padEnd))));
            out.writeBytes(5, message(group -> {
                group.writeString(1, "group");
                group.writeInt64(3, problem.groups());
                group.writeEnum(20, ATTRIBUTE_INT);
            }));
            if (entry instanceof ProblemEntry.Transposed transposed) {
                out.writeBytes(5, integers("output_padding",
                        transposed.layer().axes().stream().mapToLong(TransposedAxis::outputPadding)));
            }
        });
    }

    private static ByteString integers(String name, LongStream values) {
        return message(out -> {
            out.writeString(1, name);
            for (long value : values.toArray()) {
                out.writeInt64(8, value);
            }
            out.writeEnum(20, ATTRIBUTE_INTS);
        });
    }

    private static ByteString constant(String name, HostTensor values) {
        ByteBuffer bytes = ByteBuffer.allocate(Math.multiplyExact(values.length(), Float.BYTES)).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(values.floats());
        return message(out -> {
            for (long size : values.shape().sizes()) {
                out.writeInt64(1, size);
            }
            out.writeInt32(2, FLOAT);
            out.writeString(8, name);
            out.writeByteBuffer(9, bytes);
        });
    }

    private static ByteString value(String name, TensorShape shape) {
        ByteString sizes = message(out -> {
            for (long size : shape.sizes()) {
                out.writeBytes(1, message(dimension -> dimension.writeInt64(1, size)));
            }
        });
        ByteString tensorType = message(out -> {
            out.writeInt32(1, FLOAT);
            out.writeBytes(2, sizes);
        });
        return message(out -> {
            out.writeString(1, name);
            out.writeBytes(2, message(type -> type.writeBytes(1, tensorType)));
        });
    }

    private interface Fields {
        void write(CodedOutputStream out) throws IOException;
    }

    private static ByteString message(Fields fields) {
        ByteString.Output bytes = ByteString.newOutput();
        try {
            CodedOutputStream out = CodedOutputStream.newInstance(bytes);
            fields.write(out);
            out.flush();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteString();
    }
}
