package io.github.jconv.cpu;

import static io.github.jconv.cpu.Cuts.ceilDiv;

import io.github.jconv.algorithm.Support;
import io.github.jconv.problem.ConvProblem;
import io.github.jconv.problem.SpatialAxis;
import io.github.jconv.tensor.HostTensor;

/**
 * The sizes of a run of {@link ZeroInsertAlgorithm}. The workspace holds the rotated filters, then a slab: the zero-inserted and
 * padded maps of some channels of dy of one image, either whole groups or a part of one.
 *
 * @param correlation     of a zero-inserted channel with a rotated filter plane
 * @param rotatedElements of the rotated filters
 * @param mapD            positions of a map on the depth axis: {@code input + extent - 1}
 * @param mapH            the same on the height axis
 * @param mapW            the same on the width axis
 * @param padD            where the first element of dy lies on the depth axis; negative when it is cropped
 * @param padH            the same on the height axis
 * @param padW            the same on the width axis
 * @param filters         channels of dy
 * @param filtersPerGroup of these
 * @param slab            channels of a slab, the last one of an image or of a group may have fewer
 * @param tiles           how the channels of dx that a slab contributes to are shared among threads
 */
record ZeroInsertPlan(StridedCorrelation correlation, long rotatedElements, int mapD, int mapH, int mapW,
                      int padD, int padH, int padW, int filters, int filtersPerGroup, int slab, PlaneTiles tiles) {

    /** Positions of the zero-inserted and padded axis: what a stride-1 convolution needs to give exactly {@code input} ones. */
    static long mapSize(SpatialAxis axis) {
        return axis.zeroInsertedOutput() + axis.transposedPadBegin() + axis.transposedPadEnd();
    }

    /** Whether one map and the filters can be held in one array. */
    static Support fits(ConvProblem problem) {
        double elements = problem.wShape().elements();
        double map = 1;
        for (SpatialAxis axis : problem.axes()) {
            map *= mapSize(axis);
        }
        return Support.when(elements + map <= HostTensor.MAX_ELEMENTS,
                "one zero-inserted channel and the filters are too large for an array");
    }

    static ZeroInsertPlan of(ConvProblem problem, long slabElements, int threads) {
        SpatialAxis depth = problem.axis3(0);
        SpatialAxis height = problem.axis3(1);
        SpatialAxis width = problem.axis3(2);
        long positions = mapSize(depth) * mapSize(height) * mapSize(width);
        long most = Math.max(1, Math.min(problem.outputChannels(), slabElements / positions));
        long perGroup = problem.filtersPerGroup();
        long slab = most < perGroup ? most : most / perGroup * perGroup;
        long groupsAtOnce = Math.max(1, slab / perGroup);
        PlaneTiles tiles = PlaneTiles.of(groupsAtOnce * problem.channelsPerGroup(), height.input(),
                Math.min(slab, perGroup) * problem.filterTaps() * problem.inputPositions(), threads);
        return new ZeroInsertPlan(StridedCorrelation.overZeroInserted(problem), problem.wShape().elements(),
                (int) mapSize(depth), (int) mapSize(height), (int) mapSize(width),
                (int) depth.transposedPadBegin(), (int) height.transposedPadBegin(), (int) width.transposedPadBegin(),
                (int) problem.outputChannels(), (int) perGroup, (int) slab, tiles);
    }

    int mapPositions() {
        return mapD * mapH * mapW;
    }

    long workspaceElements() {
        return rotatedElements + (long) slab * mapPositions();
    }

    /** Where in the workspace the map of a channel of the slab begins. */
    int mapBegin(int channelOfSlab) {
        return (int) rotatedElements + channelOfSlab * mapPositions();
    }

    int slabsPerImage() {
        return slab < filtersPerGroup ? filters / filtersPerGroup * slabsPerGroup() : ceilDiv(filters, slab);
    }

    /** The first channel of dy that belongs to slab {@code index} of an image. */
    int firstFilter(int index) {
        return slab < filtersPerGroup
                ? index / slabsPerGroup() * filtersPerGroup + index % slabsPerGroup() * slab
                : index * slab;
    }

    /** One more than the last channel of dy that belongs to the slab. */
    int endFilter(int index) {
        int first = firstFilter(index);
        int limit = slab < filtersPerGroup ? (first / filtersPerGroup + 1) * filtersPerGroup : filters;
        return Math.min(limit, first + slab);
    }

    private int slabsPerGroup() {
        return ceilDiv(filtersPerGroup, slab);
    }
}
