package io.github.jconv.cuda;

import java.util.Locale;

/** The kernels, each with the file that it is in; what one computes stands at the head of that file. */
enum KernelName {
    IM2COL("im2col"),
    COL2IM("col2im"),
    ZERO_INSERT("zero_insert"),
    STRIDED_VALID_CONV("strided_valid_conv"),
    ROTATED_VALID_CONV("strided_valid_conv"),
    DIRECT_BACKWARD_DATA("strided_valid_conv"),
    VALID_CONV_FILTER("strided_valid_conv"),
    DEPTHWISE_FORWARD("depthwise"),
    DEPTHWISE_BACKWARD_DATA("depthwise"),
    DEPTHWISE_FILTER("depthwise"),
    PARITY_FILTERS("parity"),
    PARITY_COLUMNS("parity"),
    PARITY_SCATTER("parity"),
    FILL("elementwise"),
    ADD_BIAS("elementwise"),
    BIAS_GRADIENT("elementwise"),
    SUM_PARTS("elementwise");

    private final String family;

    KernelName(String family) {
        this.family = family;
    }

    /** The kernel file. */
    String family() {
        return family;
    }

    /** Its name in the PTX, without the suffix of the variant. */
    String function() {
        return "jconv_" + name().toLowerCase(Locale.ROOT);
    }
}
