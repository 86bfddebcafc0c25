package io.github.jconv.check.cases;

import io.github.jconv.problem.ConvProblem;
import io.github.jconv.problem.PaddingRule;
import io.github.jconv.problem.PaddingRule.Padding;
import io.github.jconv.problem.SpatialAxis;
import io.github.jconv.problem.TransposedAxis;
import io.github.jconv.problem.TransposedConvolution;
import io.github.jconv.tensor.TensorShape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Makes a layer of the attributes of a Conv, ConvTranspose or Col2Im node and the shapes of its tensors. */
final class OnnxNode {

    private static final String NOTSET = "NOTSET";

    private final OnnxAttributes attributes;
    private final long[] input;
    private final long[] filter;
    private final long[] strides;
    private final long[] dilations;
    private final long[] pads;
    private final int dims;

    /**
     * @param input  the spatial sizes of the node's input
     * @param filter the sizes of the filter
     */
    OnnxNode(OnnxAttributes attributes, long[] input, long[] filter) {
        this.attributes = attributes;
        this.input = input;
        this.filter = filter;
        this.dims = input.length;
        if (dims < 1 || dims > 3 || filter.length != dims) {
            throw new IllegalArgumentException("the input has " + dims + " spatial sizes and the filter " + filter.length
                    + "; allowed: 1..3, the same number");
        }
        this.strides = attributes.integers("strides", dims, 1);
        this.dilations = attributes.integers("dilations", dims, 1);
        this.pads = attributes.integers("pads", 2 * dims, 0);
        long[] kernel = attributes.integers("kernel_shape", dims, 0);
        if (attributes.has("kernel_shape") && !Arrays.equals(kernel, filter)) {
            throw new IllegalArgumentException("attribute 'kernel_shape' is " + Arrays.toString(kernel) + ", but the filter is "
                    + Arrays.toString(filter));
        }
    }

    long group() {
        return attributes.integers("group", 1, 1)[0];
    }

    /** Conv with x {@code [N, C, input...]} and w {@code [M, C/group, filter...]}. */
    static Layer conv(OnnxAttributes attributes, TensorShape x, TensorShape w) {
        OnnxNode node = new OnnxNode(attributes, spatial(x), spatial(w));
        List<SpatialAxis> axes = new ArrayList<>();
        for (int i = 0; i < node.dims; i++) {
            Padding padding = node.padding(i);
            axes.add(new SpatialAxis(node.input[i], node.filter[i], node.strides[i], padding.begin(), padding.end(),
                    node.dilations[i]));
        }
        return new Layer(new ConvProblem(x.size(0), x.size(1), w.size(0), node.group(), axes), false);
    }

    /** ConvTranspose with x {@code [N, C, input...]} and w {@code [C, M/group, filter...]}. */
    static Layer convTranspose(OnnxAttributes attributes, TensorShape x, TensorShape w) {
        OnnxNode node = new OnnxNode(attributes, spatial(x), spatial(w));
        List<SpatialAxis> axes = new ArrayList<>();
        for (int i = 0; i < node.dims; i++) {
            axes.add(node.transposedAxis(i).equivalent());
        }
        long outputChannels = Math.multiplyExact(w.size(1), node.group());
        return new Layer(new ConvProblem(x.size(0), outputChannels, x.size(1), node.group(), axes), true);
    }

    /**
     * Col2Im: columns {@code [N, C * prod(block), positions]} are added up to an image {@code [N, C, image...]}. It is the
     * backward-data of a convolution in which every tap of every channel is a filter of its own: K = C * prod(block), C groups,
     * and weights that are 1 at the filter's own tap and 0 elsewhere.
     */
    static ConvProblem col2Im(OnnxAttributes attributes, long batch, long channels, long[] image, long[] block) {
        OnnxNode node = new OnnxNode(attributes, image, block);
        List<SpatialAxis> axes = new ArrayList<>();
        long taps = 1;
        for (int i = 0; i < node.dims; i++) {
            axes.add(new SpatialAxis(image[i], block[i], node.strides[i], node.pads[i], node.pads[node.dims + i], node.dilations[i]));
            taps = Math.multiplyExact(taps, block[i]);
        }
        return new ConvProblem(batch, channels, Math.multiplyExact(channels, taps), channels, axes);
    }

    private Padding padding(int i) {
        String autoPad = attributes.text("auto_pad", NOTSET);
        return autoPad.equals(NOTSET) ? new Padding(pads[i], pads[dims + i])
                : rule(autoPad).padding(input[i], filter[i], strides[i], dilations[i]);
    }

    private TransposedAxis transposedAxis(int i) {
        long outputPadding = attributes.integers("output_padding", dims, 0)[i];
        Padding padding = transposedPadding(i, outputPadding);
        return new TransposedAxis(input[i], filter[i], strides[i], padding.begin(), padding.end(), dilations[i], outputPadding);
    }

    /** An output shape, given or implied by SAME (input times stride), determines the padding; otherwise it is given. */
    private Padding transposedPadding(int i, long outputPadding) {
        String autoPad = attributes.text("auto_pad", NOTSET);
        PaddingRule rule = autoPad.equals(NOTSET) ? PaddingRule.VALID : rule(autoPad);
        if (attributes.has("output_shape")) {
            long output = attributes.integers("output_shape", dims, 0)[i];
            return rule.transposedPadding(input[i], filter[i], strides[i], dilations[i], outputPadding, output);
        }
        if (rule == PaddingRule.SAME_UPPER || rule == PaddingRule.SAME_LOWER) {
            return rule.transposedPadding(input[i], filter[i], strides[i], dilations[i], outputPadding, input[i] * strides[i]);
        }
        return autoPad.equals(NOTSET) ? new Padding(pads[i], pads[dims + i]) : new Padding(0, 0);
    }

    private static PaddingRule rule(String autoPad) {
        return switch (autoPad) {
            case "VALID" -> PaddingRule.VALID;
            case "SAME_UPPER" -> PaddingRule.SAME_UPPER;
            case "SAME_LOWER" -> PaddingRule.SAME_LOWER;
            default -> throw new IllegalArgumentException("attribute 'auto_pad' is '" + autoPad
                    + "'; allowed: NOTSET, VALID, SAME_UPPER, SAME_LOWER");
        };
    }

    private static long[] spatial(TensorShape shape) {
        if (shape.rank() < 3) {
            throw new IllegalArgumentException("a tensor has the shape " + shape + "; expected: two sizes and 1..3 spatial ones");
        }
        return Arrays.copyOfRange(shape.sizes(), 2, shape.rank());
    }
}
