package io.github.jconv;

/**
 * What the three tensors of an operation are called by the user who passed them: for a convolution x, w, y and their gradients,
 * for a transposed convolution the layer's own words. Only messages use it.
 */
record TensorRoles(Role x, Role w, Role y) {

    /**
     * One tensor.
     *
     * @param name  of the argument
     * @param axis0 what the first axis counts
     * @param axis1 what the second axis counts
     */
    record Role(String name, String axis0, String axis1) {
    }

    static final TensorRoles FORWARD = convolution("x", "w", "y");
    static final TensorRoles BACKWARD_DATA = convolution("dx", "w", "dy");
    static final TensorRoles BACKWARD_FILTER = convolution("x", "dw", "dy");

    static final TensorRoles LAYER_FORWARD = layer("output", "weight", "input");
    static final TensorRoles LAYER_BACKWARD_DATA = layer("output gradient", "weight", "input gradient");
    static final TensorRoles LAYER_BACKWARD_FILTER = layer("output gradient", "weight gradient", "input");

    private static TensorRoles convolution(String x, String w, String y) {
        return new TensorRoles(new Role(x, "the batch", "the input channels"),
                new Role(w, "the filters (output channels)", "the input channels per group"),
                new Role(y, "the batch", "the output channels (filters)"));
    }

    /** In the order of the equivalent convolution: its x is the layer's output, its y the layer's input. */
    private static TensorRoles layer(String output, String weight, String input) {
        return new TensorRoles(new Role(output, "the batch", "the layer's output channels"),
                new Role(weight, "the layer's input channels", "the layer's output channels per group"),
                new Role(input, "the batch", "the layer's input channels"));
    }
}
