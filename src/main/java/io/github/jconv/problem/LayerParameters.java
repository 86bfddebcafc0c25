package io.github.jconv.problem;

import java.util.Arrays;
import java.util.function.Supplier;

/** What the builders of a convolution and of a transposed convolution have in common. */
final class LayerParameters {

    final int dimensions;
    long batch = 1;
    long inputChannels;
    long outputChannels;
    long groups = 1;
    long[] input;
    long[] filter;
    long[] stride;
    long[] padBegin;
    long[] padEnd;
    long[] dilation;

    LayerParameters(int dimensions) {
        this.dimensions = dimensions;
        stride = filled(1);
        dilation = filled(1);
        padBegin = filled(0);
        padEnd = filled(0);
    }

    /** One value per axis out of what the user gave: as many as there are axes, or one for all. */
    long[] perAxis(String parameter, long[] values) {
        if (values.length == dimensions) {
            return values.clone();
        }
        if (values.length == 1) {
            return filled(values[0]);
        }
        throw new InvalidProblemException(parameter + " has " + values.length + " values " + Arrays.toString(values)
                + "; allowed: 1 or " + dimensions + ", one per spatial axis");
    }

    void setPadding(int axis, long begin, long end) {
        padBegin = padBegin.clone();
        padEnd = padEnd.clone();
        padBegin[axis] = begin;
        padEnd[axis] = end;
    }

    void requireSizes() {
        if (input == null) {
            throw new InvalidProblemException("input is not set; give the channels and " + dimensions + " spatial sizes");
        }
        if (filter == null) {
            throw new InvalidProblemException("filters is not set; give the number of filters and " + dimensions + " filter sizes");
        }
    }

    /** Runs the validation of one axis and adds the axis to its message. */
    <T> T inAxis(int axis, Supplier<T> construction) {
        try {
            return construction.get();
        } catch (InvalidProblemException e) {
            throw new InvalidProblemException("axis " + AxisNames.input(axis, dimensions) + ": " + e.getMessage(), e);
        }
    }

    private long[] filled(long value) {
        long[] values = new long[dimensions];
        Arrays.fill(values, value);
        return values;
    }
}
