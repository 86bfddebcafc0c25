package io.github.jconv.cuda;

import io.github.jconv.problem.ResidueClass;

/**
 * A residue class on each axis: the inputs of a box of the same remainders, and the taps that meet them.
 *
 * @param inputsBefore inputs of an image in the boxes in front of this one, those without taps counted too, depth outermost
 */
record ParityBox(ResidueClass depth, ResidueClass height, ResidueClass width, long inputsBefore) {

    long taps() {
        return (long) depth.taps() * height.taps() * width.taps();
    }

    long inputs() {
        return (long) depth.inputs() * height.inputs() * width.inputs();
    }
}
