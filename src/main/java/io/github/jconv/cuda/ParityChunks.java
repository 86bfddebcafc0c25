package io.github.jconv.cuda;

import io.github.jconv.algorithm.ConvRequest;
import io.github.jconv.problem.ConvProblem;
import io.github.jconv.problem.ResidueClass;
import io.github.jconv.problem.SpatialAxis;
import io.github.jconv.tensor.DataType;
import java.util.ArrayList;
import java.util.List;

/**
 * How {@link ParityAlgorithm} divides its work. The workspace holds the filters of all boxes, one behind the other, then the
 * products of all boxes of a chunk of images, in fp32, then the columns of one box. Filters and columns are of the tensors' type.
 *
 * @param type        of the tensors
 * @param boxes       those with taps
 * @param tapsD       bit r is set where the depths with remainder r have taps; likewise tapsH and tapsW
 * @param images      done at once
 * @param columnElements room for columns
 */
record ParityChunks(DataType type, List<ParityBox> boxes, long tapsD, long tapsH, long tapsW, int images, long filterBytes,
                    long productBytes, long columnElements) {

    static ParityChunks of(ConvRequest request, Scratch scratch) {
        ConvProblem problem = request.problem();
        DataType type = request.dataType();
        List<ParityBox> boxes = boxes(problem);
        long widest = 0;
        for (ParityBox box : boxes) {
            widest = Math.max(widest, problem.outputChannels() * box.taps() * box.inputs());
        }
        long products = problem.inputChannels() * problem.inputPositions();
        long images = scratch.atOnce(problem.batch(), products * Float.BYTES + widest * type.bytes());
        long mostTaps = boxes.stream().mapToLong(ParityBox::taps).max().orElse(0);
        long columns = Math.min(images * widest, Math.max(scratch.chunk(type), problem.outputChannels() * mostTaps));
        return new ParityChunks(type, boxes, remainders(problem.axis3(0)), remainders(problem.axis3(1)), remainders(problem.axis3(2)),
                (int) images, Scratch.bytes(type, problem.wShape().elements()), Scratch.floats(images * products), columns);
    }

    long workspaceBytes() {
        return filterBytes + productBytes + Scratch.bytes(type, columnElements);
    }

    private static List<ParityBox> boxes(ConvProblem problem) {
        SpatialAxis depth = problem.axis3(0);
        SpatialAxis height = problem.axis3(1);
        SpatialAxis width = problem.axis3(2);
        List<ParityBox> boxes = new ArrayList<>();
        for (ResidueClass d : ResidueClass.of(depth)) {
            for (ResidueClass h : ResidueClass.of(height)) {
                for (ResidueClass w : ResidueClass.of(width)) {
                    long before = inputsBelow(d, depth) * height.input() * width.input()
                            + d.inputs() * (inputsBelow(h, height) * width.input() + h.inputs() * inputsBelow(w, width));
                    boxes.add(new ParityBox(d, h, w, before));
                }
            }
        }
        return List.copyOf(boxes);
    }

    /** How many inputs of the axis leave a smaller remainder. */
    private static long inputsBelow(ResidueClass residue, SpatialAxis axis) {
        return residue.first() * (axis.input() / axis.stride()) + Math.min(residue.first(), axis.input() % axis.stride());
    }

    private static long remainders(SpatialAxis axis) {
        long bits = 0;
        for (ResidueClass residue : ResidueClass.of(axis)) {
            bits |= 1L << residue.first();
        }
        return bits;
    }
}
