package io.github.jconv.cudnn;

import io.github.jconv.problem.ConvGeometry;

/**
 * What a run needs to know.
 *
 * @param shape          the problem in cuDNN's terms
 * @param planes         images times channels, for the copy of x
 * @param plane          the copy of a plane; null without one
 * @param copyBytes      in front of cuDNN's part of the workspace
 * @param workspaceBytes of cuDNN's part
 */
record CudnnPlan(CudnnShape shape, long planes, ConvGeometry plane, long copyBytes, long workspaceBytes) {
}
