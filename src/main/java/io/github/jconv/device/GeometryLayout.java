package io.github.jconv.device;

import io.github.jconv.problem.ConvGeometry;
import io.github.jconv.problem.GemmAxis;
import io.github.jconv.problem.GemmGeometry;
import io.github.jconv.problem.ResidueClass;
import io.github.jconv.tensor.TensorShape;
import java.nio.ByteBuffer;

/** The structs of {@code kernels/problem.h}: every field a 32-bit integer, in the order of the records. */
final class GeometryLayout {

    /** sizeof(ConvGeometry). */
    static final int GEOMETRY_BYTES = 27 * Integer.BYTES;

    /** sizeof(ResidueBox): one ResidueAxis for each of depth, height and width. */
    static final int BOX_BYTES = 3 * 5 * Integer.BYTES;

    /** sizeof(PadGeometry). */
    static final int PAD_BYTES = 3 * 3 * Integer.BYTES;

    /** sizeof(GemmGeometry). */
    static final int GEMM_BYTES = (6 + 3 * 12) * Integer.BYTES;

    private GeometryLayout() {
    }

    /** @param images in the place of the geometry's own batch: a launch may cover a part of it */
    static void put(ByteBuffer struct, ConvGeometry g, int images) {
        struct.clear();
        struct.putInt(images).putInt(g.c()).putInt(g.k()).putInt(g.groups()).putInt(g.cg()).putInt(g.kg());
        struct.putInt(g.d()).putInt(g.h()).putInt(g.w());
        struct.putInt(g.t()).putInt(g.r()).putInt(g.s());
        struct.putInt(g.z()).putInt(g.p()).putInt(g.q());
        struct.putInt(g.strideD()).putInt(g.strideH()).putInt(g.strideW());
        struct.putInt(g.padD()).putInt(g.padH()).putInt(g.padW());
        struct.putInt(g.dilD()).putInt(g.dilH()).putInt(g.dilW());
        struct.putInt(g.stepD()).putInt(g.stepH()).putInt(g.stepW());
    }

    static void put(ByteBuffer struct, ResidueClass depth, ResidueClass height, ResidueClass width) {
        struct.clear();
        put(struct, depth);
        put(struct, height);
        put(struct, width);
    }

    static void put(ByteBuffer struct, GemmGeometry g) {
        struct.clear();
        struct.putInt(g.n()).putInt(g.groups()).putInt(g.filters()).putInt(g.channels()).putInt(g.filterStep()).putInt(g.channelStep());
        put(struct, g.depth());
        put(struct, g.height());
        put(struct, g.width());
    }

    /** @param before positions in front of each spatial axis of {@code inner}, {@code [N, C, positions...]} */
    static void put(ByteBuffer struct, TensorShape inner, TensorShape padded, long[] before) {
        struct.clear();
        putPositions(struct, inner);
        putPositions(struct, padded);
        for (int missing = before.length; missing < 3; missing++) {
            struct.putInt(0);
        }
        for (long positions : before) {
            struct.putInt((int) positions);
        }
    }

    /** Depth, height and width, where a tensor lacks an axis 1. */
    private static void putPositions(ByteBuffer struct, TensorShape shape) {
        for (int axis = shape.rank() - 3; axis < shape.rank(); axis++) {
            struct.putInt(axis < 2 ? 1 : (int) shape.size(axis));
        }
    }

    private static void put(ByteBuffer struct, ResidueClass axis) {
        struct.putInt(axis.first()).putInt(axis.inputs()).putInt(axis.firstTap()).putInt(axis.taps()).putInt(axis.shift());
    }

    private static void put(ByteBuffer struct, GemmAxis axis) {
        struct.putInt(axis.positions()).putInt(axis.taps());
        struct.putInt(axis.sources()).putInt(axis.firstSource()).putInt(axis.sourceStride()).putInt(axis.sourceStep());
        struct.putInt(axis.filter()).putInt(axis.firstTap()).putInt(axis.tapStep());
        struct.putInt(axis.targets()).putInt(axis.firstTarget()).putInt(axis.targetStride());
    }
}
