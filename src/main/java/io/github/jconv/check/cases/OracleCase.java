package io.github.jconv.check.cases;

import io.github.jconv.problem.ConvProblem;
import io.github.jconv.problem.SpatialAxis;
import io.github.jconv.problem.TransposedConvolution;
import io.github.jconv.tensor.DataType;
import io.github.jconv.tensor.HostTensor;
import io.github.jconv.tensor.TensorShape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** One line of an oracle file. */
final class OracleCase {

    private static final String CONV = "conv";
    private static final String CONV_TRANSPOSE = "conv_transpose";

    private final JsonFields fields;
    private final OracleData data;
    private final int dims;

    OracleCase(JsonFields fields, OracleData data) {
        this.fields = fields;
        this.data = data;
        this.dims = (int) fields.integer("dims");
        if (dims < 1 || dims > 3) {
            throw new JsonFields.FieldException("'dims' is " + dims + "; allowed: 1..3");
        }
    }

    RecordedCase read() {
        String name = "case " + fields.integer("id") + (fields.has("kind") ? " (" + fields.text("kind") + ")" : "");
        Layer layer = layer();
        HostTensor x = tensor("x", inputShape(layer));
        HostTensor w = tensor("w", layer.problem().wShape());
        HostTensor gy = tensor("gy", outputShape(layer));
        boolean biased = fields.flag("bias");
        HostTensor b = biased ? tensor("b", biasShape(layer)) : null;
        List<Recording> recordings = List.of(
                layer.output(name + ", y", x, w, b, tensor("y", gy.shape()), accuracy("y")),
                layer.inputGradient(name + ", gx", gy, w, tensor("gx", x.shape()), accuracy("gx")),
                layer.weightGradient(name + ", gw", x, gy, tensor("gw", w.shape()), accuracy("gw")));
        List<BiasRecording> biases = biased
                ? List.of(layer.biasGradient(name + ", gb", gy, tensor("gb", b.shape()), accuracy("gb"))) : List.of();
        return new RecordedCase(name, layer.problem(), recordings, biases);
    }

    private Layer layer() {
        String op = fields.text("op");
        Layer layer = switch (op) {
            case CONV -> new Layer(convolution(), false);
            case CONV_TRANSPOSE -> new Layer(transposed().equivalent(), true);
            default -> throw new JsonFields.FieldException("'op' is '" + op + "'; allowed: " + CONV + ", " + CONV_TRANSPOSE);
        };
        requireOutput(layer);
        return layer;
    }

    private ConvProblem convolution() {
        if (Arrays.stream(sizes("output_padding")).anyMatch(p -> p != 0)) {
            throw new JsonFields.FieldException("'output_padding' of a " + CONV + " is not zero");
        }
        List<SpatialAxis> axes = new ArrayList<>();
        for (int i = 0; i < dims; i++) {
            long padding = sizes("padding")[i];
            axes.add(new SpatialAxis(sizes("input")[i], sizes("kernel")[i], sizes("stride")[i], padding, padding,
                    sizes("dilation")[i]));
        }
        return new ConvProblem(fields.integer("batch"), fields.integer("in_channels"), fields.integer("out_channels"),
                fields.integer("groups"), axes);
    }

    private TransposedConvolution transposed() {
        TransposedConvolution.Builder builder = switch (dims) {
            case 1 -> TransposedConvolution.conv1d();
            case 2 -> TransposedConvolution.conv2d();
            default -> TransposedConvolution.conv3d();
        };
        return builder.batch(fields.integer("batch")).input(fields.integer("in_channels"), sizes("input"))
                .filters(fields.integer("out_channels"), sizes("kernel")).stride(sizes("stride")).padding(sizes("padding"))
                .dilation(sizes("dilation")).outputPadding(sizes("output_padding")).groups(fields.integer("groups")).build();
    }

    /** The recorded output sizes are a check of our size arithmetic, before any number is compared. */
    private void requireOutput(Layer layer) {
        TensorShape shape = outputShape(layer);
        long[] own = Arrays.copyOfRange(shape.sizes(), 2, shape.rank());
        if (!Arrays.equals(own, sizes("output"))) {
            throw new JsonFields.FieldException("'output' is " + Arrays.toString(sizes("output")) + ", but the other sizes yield "
                    + Arrays.toString(own));
        }
    }

    private long[] sizes(String name) {
        return fields.integers(name, dims);
    }

    private HostTensor tensor(String name, TensorShape expected) {
        return data.tensor(name, fields.object("tensors").object(name), expected);
    }

    private Recording.Accuracy accuracy(String tensor) {
        double scale = fields.object("scale").number(tensor);
        if (!(scale >= 0) || Double.isInfinite(scale)) {
            throw new JsonFields.FieldException("'scale' of '" + tensor + "' is " + scale + "; allowed: 0 and up");
        }
        return new Recording.Accuracy(fields.flag("exact"), DataType.FLOAT64, scale);
    }

    private static TensorShape inputShape(Layer layer) {
        return layer.transposed() ? layer.problem().yShape() : layer.problem().xShape();
    }

    private static TensorShape outputShape(Layer layer) {
        return layer.transposed() ? layer.problem().xShape() : layer.problem().yShape();
    }

    private static TensorShape biasShape(Layer layer) {
        return TensorShape.of(layer.transposed() ? layer.problem().inputChannels() : layer.problem().outputChannels());
    }
}
