package io.github.jconv.problem;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.jconv.testing.Problems;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

/** The axes of matrix products name each triple of an input, a tap and an output that meet, once, and each target once. */
class GemmAxisTest {

    private record Meeting(long target, long tap, long source) {
    }

    @Provide
    Arbitrary<ConvProblem> problems() {
        return Problems.any();
    }

    @Property(tries = 500)
    void forwardListsEveryMeetingOnce(@ForAll("problems") ConvProblem problem) {
        for (SpatialAxis axis : problem.axes()) {
            List<Meeting> expected = new ArrayList<>();
            for (long p = 0; p < axis.output(); p++) {
                for (long r = 0; r < axis.filter(); r++) {
                    long h = p * axis.stride() - axis.padBegin() + r * axis.dilation();
                    if (h >= 0 && h < axis.input()) {
                        expected.add(new Meeting(p, r, h));
                    }
                }
            }
            assertEquals(expected, meetings(List.of(GemmAxis.forward(axis))), axis::toString);
            assertEquals(upTo(axis.output()), targets(List.of(GemmAxis.forward(axis))), axis::toString);
        }
    }

    @Property(tries = 500)
    void theClassesOfTheDataGradientListEveryMeetingOnce(@ForAll("problems") ConvProblem problem) {
        for (SpatialAxis axis : problem.axes()) {
            List<GemmAxis> classes = GemmAxis.backwardData(axis);
            List<Meeting> expected = new ArrayList<>();
            for (long h = 0; h < axis.input(); h++) {
                for (long r = 0; r < axis.filter(); r++) {
                    for (long p = 0; p < axis.output(); p++) {
                        if (p * axis.stride() - axis.padBegin() + r * axis.dilation() == h) {
                            expected.add(new Meeting(h, r, p));
                        }
                    }
                }
            }
            assertEquals(expected, meetings(classes), axis::toString);
            assertEquals(upTo(axis.input()), targets(classes), axis::toString);
            assertEquals(classes.size(), GemmAxis.classCount(axis));
        }
    }

    /** Filter strides, channels and the classes of all axes together. */
    @Test
    void theDataGradientExchangesTheFiltersChannels() {
        ConvProblem problem = ConvProblem.parse("n2c6h7w9k4r3s2_sh2sw3_ph1:0pw0_g2");
        GemmGeometry forward = GemmGeometry.forward(problem);
        assertEquals(List.of(2, 3, 3, 1), List.of(forward.filters(), forward.channels(), forward.filterStep(), forward.channelStep()));
        List<GemmGeometry> classes = GemmGeometry.backwardData(problem);
        assertEquals(6, classes.size());
        assertEquals(6, GemmGeometry.classCount(problem));
        assertEquals(2 * 1 * 2, classes.stream().filter(g -> g.taps() > 0).count());
        assertEquals(7 * 9, classes.stream().mapToLong(GemmGeometry::positions).sum());
        GemmGeometry first = classes.get(0);
        assertEquals(List.of(3, 2, 1, 3), List.of(first.filters(), first.channels(), first.filterStep(), first.channelStep()));
    }

    private static List<Meeting> meetings(List<GemmAxis> axes) {
        List<Meeting> meetings = new ArrayList<>();
        for (GemmAxis axis : axes) {
            for (long i = 0; i < axis.positions(); i++) {
                for (long j = 0; j < axis.taps(); j++) {
                    long source = axis.firstSource() + i * axis.sourceStride() + j * axis.sourceStep();
                    if (source >= 0 && source < axis.sources()) {
                        meetings.add(new Meeting(axis.firstTarget() + i * axis.targetStride(), axis.firstTap() + j * axis.tapStep(), source));
                    }
                }
            }
        }
        meetings.sort(Comparator.comparingLong(Meeting::target).thenComparingLong(Meeting::tap));
        return meetings;
    }

    private static List<Long> targets(List<GemmAxis> axes) {
        return axes.stream().flatMap(axis -> IntStream.range(0, axis.positions())
                .mapToObj(i -> axis.firstTarget() + (long) i * axis.targetStride())).sorted().toList();
    }

    private static List<Long> upTo(long size) {
        return IntStream.range(0, (int) size).mapToObj(i -> (long) i).toList();
    }
}
