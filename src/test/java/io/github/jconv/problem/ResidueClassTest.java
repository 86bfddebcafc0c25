package io.github.jconv.problem;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.jconv.testing.Problems;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

/** Residue classes name each pair of an input and a tap that meet, once, and the output where they do. */
class ResidueClassTest {

    private record Meeting(long input, long tap, long output) {
    }

    @Provide
    Arbitrary<ConvProblem> problems() {
        return Problems.any();
    }

    @Property(tries = 500)
    void theClassesListEveryMeetingOnce(@ForAll("problems") ConvProblem problem) {
        for (SpatialAxis axis : problem.axes()) {
            assertEquals(byDefinition(axis), byClasses(axis), axis::toString);
        }
    }

    @Test
    void aStrideAboveTheFilterLeavesInputsWithoutTaps() {
        SpatialAxis axis = new SpatialAxis(10, 1, 3, 0, 0, 1);
        assertEquals(List.of(new ResidueClass(0, 4, 0, 1, 0)), ResidueClass.of(axis));
    }

    @Test
    void dilationSharesTheStridesFactors() {
        SpatialAxis axis = new SpatialAxis(12, 3, 4, 1, 2, 6);
        assertEquals(2, axis.tapStep());
        assertEquals(3, axis.outputStep());
        assertEquals(List.of(new ResidueClass(1, 3, 1, 1, -1), new ResidueClass(3, 3, 0, 2, 1)), ResidueClass.of(axis));
    }

    private static List<Meeting> byDefinition(SpatialAxis axis) {
        List<Meeting> meetings = new ArrayList<>();
        for (long h = 0; h < axis.input(); h++) {
            for (long r = 0; r < axis.filter(); r++) {
                for (long p = 0; p < axis.output(); p++) {
                    if (p * axis.stride() - axis.padBegin() + r * axis.dilation() == h) {
                        meetings.add(new Meeting(h, r, p));
                    }
                }
            }
        }
        return meetings;
    }

    private static List<Meeting> byClasses(SpatialAxis axis) {
        List<Meeting> meetings = new ArrayList<>();
        for (ResidueClass residue : ResidueClass.of(axis)) {
            for (int i = 0; i < residue.inputs(); i++) {
                for (int j = 0; j < residue.taps(); j++) {
                    long output = i + residue.shift() - j * axis.outputStep();
                    if (output >= 0 && output < axis.output()) {
                        meetings.add(new Meeting(residue.first() + i * axis.stride(),
                                residue.firstTap() + j * axis.tapStep(), output));
                    }
                }
            }
        }
        meetings.sort(Comparator.comparingLong(Meeting::input).thenComparingLong(Meeting::tap));
        return meetings;
    }
}
