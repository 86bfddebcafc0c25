package io.github.jconv.check.report;

import io.github.jconv.problem.ConvOperation;
import io.github.jconv.tensor.DataType;
import io.github.jconv.tensor.Layout;

/**
 * Which check of what: the same key, seed and effort mean the same data and the same expectations.
 *
 * @param suite   the suite of the problem
 * @param problem the problem line that was run; where a problem of the suite is too large for all checks, a thinner relative
 * @param tier    the kind of evidence; null for the question who serves the request at all
 * @param check   the name of the check within its tier
 */
public record CheckKey(String suite, String problem, ConvOperation operation, DataType dataType, Layout layout, Tier tier, String check) {

    /** The name of the question who serves a request. */
    public static final String SUPPORTS = "supports";

    /** A key of before there were layouts is one of NCHW. */
    public CheckKey {
        layout = layout == null ? Layout.NCHW : layout;
    }

    /** As {@code exact/overwrite}. */
    public String checkText() {
        return tier == null ? check : tier.text() + "/" + check;
    }

    @Override
    public String toString() {
        return operation.text() + " of " + problem + " in " + layout.text(dataType) + ", " + checkText();
    }
}
