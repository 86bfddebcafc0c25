package io.github.jconv.check.random;

import io.github.jconv.problem.SpatialAxis;
import java.util.SplittableRandom;

/** The levels of one spatial axis, from which axes are drawn. */
record AxisDraw(Levels.Filter filter, Levels.Stride stride, Levels.Dilation dilation, Levels.Padding padding,
                Levels.OutputPadding outputPadding, Levels.Outputs outputs) {

    /** An axis beside this one: each level is this one's or any other, the size small. */
    AxisDraw neighbour(SplittableRandom random) {
        Levels.Stride otherStride = same(random, stride, Levels.Stride.values());
        Levels.OutputPadding otherPadding = same(random, outputPadding, Levels.OutputPadding.values());
        return new AxisDraw(same(random, filter, Levels.Filter.values()), otherStride,
                same(random, dilation, Levels.Dilation.values()), same(random, padding, Levels.Padding.values()),
                otherPadding.isPossible(otherStride) ? otherPadding : Levels.OutputPadding.NONE, Levels.Outputs.FEW);
    }

    /** The same with 3 taps, stride 1 and dilation 1. */
    AxisDraw threeTaps() {
        return new AxisDraw(Levels.Filter.THREE, Levels.Stride.UNIT, Levels.Dilation.DENSE, padding, Levels.OutputPadding.NONE, outputs);
    }

    /** An axis with these levels, or null when the numbers drawn leave no input. */
    SpatialAxis draw(SplittableRandom random) {
        return draw(random, outputs.draw(random));
    }

    /** The same with so many outputs. */
    SpatialAxis draw(SplittableRandom random, long outputCount) {
        long taps = filter.draw(random);
        long extent = (taps - 1) * dilation.size() + 1;
        long step = stride.draw(random, extent);
        long amount = 1 + random.nextInt(3);
        long begin = switch (padding) {
            case NONE -> 0;
            case SYMMETRIC, ASYMMETRIC -> Math.min(amount, extent);
            case WIDER_THAN_FILTER -> extent + amount;
            case CROPPED -> random.nextInt(2);
        };
        long end = switch (padding) {
            case NONE -> 0;
            case SYMMETRIC -> begin;
            case ASYMMETRIC -> random.nextBoolean() ? 0 : begin + amount;
            case WIDER_THAN_FILTER -> random.nextBoolean() ? 0 : extent + 1;
            case CROPPED -> -amount;
        };
        long input = (outputCount - 1) * step + extent + outputPadding.size(step) - begin - end;
        return input < 1 ? null : new SpatialAxis(input, taps, step, begin, end, dilation.size());
    }

    private static <T> T same(SplittableRandom random, T level, T[] all) {
        return random.nextBoolean() ? level : all[random.nextInt(all.length)];
    }
}
