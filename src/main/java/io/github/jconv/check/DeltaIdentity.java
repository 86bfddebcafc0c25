package io.github.jconv.check;

import io.github.jconv.algorithm.Accuracy;
import io.github.jconv.algorithm.ConvRequest;
import io.github.jconv.problem.ConvOperation;
import io.github.jconv.problem.ConvProblem;
import io.github.jconv.problem.SpatialAxis;
import io.github.jconv.tensor.HostTensor;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * A filter with a single 1 copies: filter k of a group takes channel k of it, seen through one tap. On real numbers, bit for bit:
 * nothing is left to rounding. For the filter gradient it is dy that has a single 1, and dw is the part of x that it sees.
 */
final class DeltaIdentity extends Identity {

    DeltaIdentity() {
        super("delta");
    }

    /** Transforms round real numbers even where a single product is left. */
    @Override
    boolean holdsIn(Accuracy accuracy, ConvRequest request) {
        return accuracy == Accuracy.SUM_OF_PRODUCTS || accuracy == Accuracy.TENSOR_CORE_SUMS;
    }

    @Override
    boolean appliesTo(ConvRequest request) {
        return request.problem().batch() > 0;
    }

    /** Operands with a single 1, and what they give. */
    private record Delta(long[] at, Operands operands, HostTensor expected) {

        static Delta of(long[] at, Operands reals) {
            ConvRequest request = reals.request();
            HostTensor expected = HostTensor.zeros(request.dataType(), request.layout(), reals.outputShape());
            if (request.operation() == ConvOperation.BACKWARD_FILTER) {
                copyToFilter(request.problem(), reals.x(), expected, at);
            } else {
                copyThroughTap(request, reals, expected, at);
            }
            return new Delta(at, switch (request.operation()) {
                case FORWARD -> new Operands(request, reals.x(), deltaFilter(request, at), null);
                case BACKWARD_DATA -> new Operands(request, null, deltaFilter(request, at), reals.y());
                case BACKWARD_FILTER -> new Operands(request, reals.x(), null, deltaGradient(request, at));
            }, expected);
        }
    }

    private record Deltas(List<Delta> list) {

        static Deltas of(ConvRequest request, long seed) {
            Operands reals = DataKind.REALS.operands(request, seed);
            return new Deltas(deltas(request, seed).stream().map(at -> Delta.of(at, reals)).toList());
        }
    }

    @Override
    Outcome verify(ConvolutionUnderTest subject, RequestContext context) {
        Outcome outcome = Outcome.passed(tier());
        for (Delta delta : context.shared(Deltas.class, () -> Deltas.of(context.request(), context.seed())).list) {
            outcome = equal(result(subject, context, delta.operands), delta.expected, "with a single 1 at " + Arrays.toString(delta.at));
            if (outcome.failed()) {
                return outcome;
            }
        }
        return outcome;
    }

    /** The three spatial positions of the single 1: the first, the last and some other tap, or output position. */
    private static List<long[]> deltas(ConvRequest request, long seed) {
        long[] sizes = new long[3];
        for (int i = 0; i < 3; i++) {
            SpatialAxis axis = request.problem().axis3(i);
            sizes[i] = request.operation() == ConvOperation.BACKWARD_FILTER ? axis.output() : axis.filter();
        }
        long count = sizes[0] * sizes[1] * sizes[2];
        Set<Long> chosen = new LinkedHashSet<>(List.of(0L));
        chosen.add(count - 1);
        chosen.add(Long.remainderUnsigned(Fills.hash(seed, 8), count));
        return chosen.stream().map(i -> new long[] {i / sizes[2] / sizes[1], i / sizes[2] % sizes[1], i % sizes[2]}).toList();
    }

    private static HostTensor deltaFilter(ConvRequest request, long[] tap) {
        ConvProblem p = request.problem();
        HostTensor w = HostTensor.zeros(request.dataType(), request.layout(), p.wShape());
        long tapIndex = (tap[0] * p.axis3(1).filter() + tap[1]) * p.axis3(2).filter() + tap[2];
        for (long k = 0; k < p.outputChannels(); k++) {
            long channel = k % p.filtersPerGroup();
            if (channel < p.channelsPerGroup()) {
                w.set((k * p.channelsPerGroup() + channel) * p.filterTaps() + tapIndex, 1);
            }
        }
        return w;
    }

    /** dy is 1 for the last image and the last filter. */
    private static HostTensor deltaGradient(ConvRequest request, long[] position) {
        ConvProblem p = request.problem();
        HostTensor dy = HostTensor.zeros(request.dataType(), request.layout(), p.yShape());
        long channel = p.batch() * p.outputChannels() - 1;
        dy.set(channel * p.outputPositions() + (position[0] * p.axis3(1).output() + position[1]) * p.axis3(2).output() + position[2], 1);
        return dy;
    }

    private static void copyThroughTap(ConvRequest request, Operands reals, HostTensor expected, long[] tap) {
        ConvProblem p = request.problem();
        for (long n = 0; n < p.batch(); n++) {
            for (long k = 0; k < p.outputChannels(); k++) {
                long inGroup = k % p.filtersPerGroup();
                if (inGroup < p.channelsPerGroup()) {
                    long c = k / p.filtersPerGroup() * p.channelsPerGroup() + inGroup;
                    copyPlane(request, reals, expected, tap, (n * p.inputChannels() + c) * p.inputPositions(),
                            (n * p.outputChannels() + k) * p.outputPositions());
                }
            }
        }
    }

    /** Row by row: only the first output of a row is looked for through all axes. */
    private static void copyPlane(ConvRequest request, Operands reals, HostTensor expected, long[] tap, long firstOfX, long firstOfY) {
        ConvProblem p = request.problem();
        SpatialAxis width = p.axis3(2);
        for (long row = 0; row < p.outputPositions() / width.output(); row++) {
            long seenRow = seenRow(p, new long[] {row / p.axis3(1).output(), row % p.axis3(1).output()}, tap);
            for (long i = 0; seenRow >= 0 && i < width.output(); i++) {
                long column = seen(width, i, tap[2]);
                if (column >= 0) {
                    long ofX = firstOfX + seenRow * width.input() + column;
                    long ofY = firstOfY + row * width.output() + i;
                    if (request.operation() == ConvOperation.FORWARD) {
                        expected.set(ofY, reals.x().get(ofX));
                    } else {
                        expected.set(ofX, reals.y().get(ofY));
                    }
                }
            }
        }
    }

    private static void copyToFilter(ConvProblem p, HostTensor x, HostTensor expected, long[] output) {
        long k = p.outputChannels() - 1;
        for (long c = 0; c < p.channelsPerGroup(); c++) {
            long xChannel = (p.batch() - 1) * p.inputChannels() + p.inputChannels() - p.channelsPerGroup() + c;
            for (long i = 0; i < p.filterTaps(); i++) {
                long[] tap = {i / p.axis3(2).filter() / p.axis3(1).filter(), i / p.axis3(2).filter() % p.axis3(1).filter(),
                    i % p.axis3(2).filter()};
                long seen = seenAt(p, output, tap);
                if (seen >= 0) {
                    expected.set((k * p.channelsPerGroup() + c) * p.filterTaps() + i, x.get(xChannel * p.inputPositions() + seen));
                }
            }
        }
    }

    /** The position in a channel of x that an output sees through a tap, or -1 in the padding. */
    private static long seenAt(ConvProblem p, long[] output, long[] tap) {
        long row = seenRow(p, output, tap);
        long column = seen(p.axis3(2), output[2], tap[2]);
        return row < 0 || column < 0 ? -1 : row * p.axis3(2).input() + column;
    }

    /** The row of x, counted through its depth, that a row of outputs sees through a tap, or -1 in the padding. */
    private static long seenRow(ConvProblem p, long[] output, long[] tap) {
        long depth = seen(p.axis3(0), output[0], tap[0]);
        long height = seen(p.axis3(1), output[1], tap[1]);
        return depth < 0 || height < 0 ? -1 : depth * p.axis3(1).input() + height;
    }

    /** The position on one axis, or -1 in the padding. */
    private static long seen(SpatialAxis axis, long output, long tap) {
        long position = output * axis.stride() - axis.padBegin() + tap * axis.dilation();
        return position < 0 || position >= axis.input() ? -1 : position;
    }
}
