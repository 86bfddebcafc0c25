package io.github.jconv.algorithm.deny;

import io.github.jconv.problem.ConvProblem;
import io.github.jconv.problem.SpatialAxis;
import java.util.Arrays;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.LongStream;

/** A condition on a problem such as {@code dims=3} or {@code stride>1}. One on an axis holds when any axis meets it. */
record ShapeCondition(Attribute attribute, Comparison comparison, long value) {

    /** What can be asked of a problem, with the name in the file. */
    enum Attribute {
        DIMS(problem -> LongStream.of(problem.dimensions())),
        BATCH(problem -> LongStream.of(problem.batch())),
        CHANNELS(problem -> LongStream.of(problem.inputChannels())),
        FILTERS(problem -> LongStream.of(problem.outputChannels())),
        GROUPS(problem -> LongStream.of(problem.groups())),
        CHANNELS_PER_GROUP(problem -> LongStream.of(problem.channelsPerGroup())),
        FILTERS_PER_GROUP(problem -> LongStream.of(problem.filtersPerGroup())),
        INPUT(problem -> problem.axes().stream().mapToLong(SpatialAxis::input)),
        OUTPUT(problem -> problem.axes().stream().mapToLong(SpatialAxis::output)),
        FILTER(problem -> problem.axes().stream().mapToLong(SpatialAxis::filter)),
        STRIDE(problem -> problem.axes().stream().mapToLong(SpatialAxis::stride)),
        DILATION(problem -> problem.axes().stream().mapToLong(SpatialAxis::dilation)),
        PADDING(problem -> problem.axes().stream().flatMapToLong(axis -> LongStream.of(axis.padBegin(), axis.padEnd()))),
        /** Of the largest of x, w and y. */
        ELEMENTS(problem -> LongStream.of(Math.max(problem.xShape().elements(),
                Math.max(problem.wShape().elements(), problem.yShape().elements()))));

        private final Function<ConvProblem, LongStream> values;

        Attribute(Function<ConvProblem, LongStream> values) {
            this.values = values;
        }

        String text() {
            return name().toLowerCase(java.util.Locale.ROOT).replace('_', '-');
        }

        static String names() {
            return Arrays.stream(values()).map(Attribute::text).collect(Collectors.joining(", "));
        }
    }

    enum Comparison {
        AT_LEAST(">="), AT_MOST("<="), MORE(">"), LESS("<"), EQUAL("=");

        private final String sign;

        Comparison(String sign) {
            this.sign = sign;
        }

        static Comparison of(String sign) {
            return Arrays.stream(values()).filter(c -> c.sign.equals(sign)).findFirst().orElseThrow();
        }

        boolean holds(long actual, long bound) {
            return switch (this) {
                case AT_LEAST -> actual >= bound;
                case AT_MOST -> actual <= bound;
                case MORE -> actual > bound;
                case LESS -> actual < bound;
                case EQUAL -> actual == bound;
            };
        }
    }

    boolean holds(ConvProblem problem) {
        return attribute.values.apply(problem).anyMatch(actual -> comparison.holds(actual, value));
    }

    @Override
    public String toString() {
        return attribute.text() + comparison.sign + value;
    }
}
