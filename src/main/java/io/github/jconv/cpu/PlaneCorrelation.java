package io.github.jconv.cpu;

/** The products of one channel of a first tensor with one channel (or filter plane) of a second, summed into a plane of the third. */
interface PlaneCorrelation {

    /**
     * Adds to the rows {@code [fromRow, toRow)}, at every depth, of the plane that begins at {@code outBase}.
     *
     * @param in     what is read with a stride: x, or dy when dx is computed
     * @param filter what slides over it: w, or dy when dw is computed
     */
    void add(float[] in, int inBase, float[] filter, int filterBase, float[] out, int outBase, int fromRow, int toRow);
}
