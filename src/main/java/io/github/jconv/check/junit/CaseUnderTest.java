package io.github.jconv.check.junit;

import io.github.jconv.check.ConvolutionUnderTest;
import io.github.jconv.check.CrossCheck;
import io.github.jconv.check.Effort;
import io.github.jconv.problem.ConvProblem;
import io.github.jconv.tensor.DataType;
import io.github.jconv.tensor.Layout;

/** One problem for which a test method is run. */
public final class CaseUnderTest {

    private final ConvProblem problem;
    private final DataType dataType;
    private final Layout layout;
    private final long seed;
    private final Effort effort;

    CaseUnderTest(ConvProblem problem, DataType dataType, Layout layout, long seed, Effort effort) {
        this.problem = problem;
        this.dataType = dataType;
        this.layout = layout;
        this.seed = seed;
        this.effort = effort;
    }

    public ConvProblem problem() {
        return problem;
    }

    /** The type of the tensors. */
    public DataType dataType() {
        return dataType;
    }

    /** The layout of the tensors. */
    public Layout layout() {
        return layout;
    }

    /** A check of some subjects on this case, for further settings. */
    public CrossCheck check(ConvolutionUnderTest... subjects) {
        return CrossCheck.of(subjects).on(problem).dataTypes(dataType).layouts(layout).seed(seed).effort(effort);
    }

    /**
     * Makes every check of some subjects on this case.
     *
     * @throws AssertionError when one fails, with who is wrong, where and by how much, and the smallest problem that still fails
     */
    public void assertAgrees(ConvolutionUnderTest... subjects) {
        check(subjects).assertAgrees();
    }

    @Override
    public String toString() {
        return problem + (dataType == DataType.FLOAT32 && layout == Layout.NCHW ? "" : " in " + layout.text(dataType));
    }
}
