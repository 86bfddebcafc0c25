package io.github.jconv.algorithm;

import io.github.jconv.problem.ConvOperation;
import io.github.jconv.tensor.Tensor;

/** What the caller says of the filters of a call. */
public enum FilterUse {

    /** They may be others in every call: what an algorithm makes of them is made anew each time. */
    CHANGING(""),

    /** They stay as they are until their owner says otherwise: what an algorithm makes of them is kept. */
    CONSTANT("+constant");

    private final String mark;

    FilterUse(String mark) {
        this.mark = mark;
    }

    /** What stands behind the name of an algorithm that is used so: nothing, or {@code +constant}. */
    public String mark() {
        return mark;
    }

    /** How an operation uses this w; the filters of BACKWARD_FILTER are its result. */
    public static FilterUse of(ConvOperation operation, Tensor w) {
        return operation != ConvOperation.BACKWARD_FILTER && w.isConstant() ? CONSTANT : CHANGING;
    }
}
