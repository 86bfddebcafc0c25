package io.github.jconv.device;

import io.github.jconv.problem.ConvGeometry;
import io.github.jconv.problem.GemmGeometry;
import io.github.jconv.problem.ResidueClass;
import io.github.jconv.tensor.TensorShape;
import java.nio.ByteBuffer;

/** A kernel with its block of arguments, which are given in order. Used again and again; nothing is allocated after the first use. */
public final class Launch {

    private static final int THREADS = 256;
    private static final long MAX_BLOCKS = Integer.MAX_VALUE;
    private static final int MOST_PARAMETERS = 16;

    private final Kernel kernel;
    private final KernelArguments arguments;
    private final ByteBuffer[] structs = new ByteBuffer[MOST_PARAMETERS];
    private int next;

    public Launch(Kernel kernel) {
        this.kernel = kernel;
        this.arguments = kernel.newArguments();
    }

    /** Before the arguments of each launch. */
    public Launch begin() {
        next = 0;
        return this;
    }

    /** An address or a 64-bit count. */
    public Launch with(long value) {
        arguments.set(next++, value);
        return this;
    }

    public Launch with(int value) {
        arguments.set(next++, value);
        return this;
    }

    public Launch with(float value) {
        arguments.set(next++, value);
        return this;
    }

    public Launch with(double value) {
        arguments.set(next++, value);
        return this;
    }

    /** A flag: 0 or 1. */
    public Launch with(boolean value) {
        return with(value ? 1 : 0);
    }

    public Launch with(ConvGeometry geometry, int images) {
        GeometryLayout.put(struct(GeometryLayout.GEOMETRY_BYTES), geometry, images);
        return this;
    }

    public Launch with(ConvGeometry geometry) {
        return with(geometry, geometry.n());
    }

    public Launch with(ResidueClass depth, ResidueClass height, ResidueClass width) {
        GeometryLayout.put(struct(GeometryLayout.BOX_BYTES), depth, height, width);
        return this;
    }

    public Launch with(GemmGeometry geometry) {
        GeometryLayout.put(struct(GeometryLayout.GEMM_BYTES), geometry);
        return this;
    }

    /** A map inside a padded one, {@code before} positions from the begin of each axis. */
    public Launch with(TensorShape inner, TensorShape padded, long[] before) {
        GeometryLayout.put(struct(GeometryLayout.PAD_BYTES), inner, padded, before);
        return this;
    }

    /** One thread for each of {@code count} things; nothing for none. */
    public void forEach(long count) {
        if (count > 0) {
            kernel.launch(Math.min((count - 1) / THREADS + 1, MAX_BLOCKS), THREADS, arguments);
        }
    }

    /** {@code blocks} blocks; nothing for none. */
    public void blocks(long blocks, int threads, int sharedBytes) {
        if (blocks > 0) {
            kernel.launch(Math.min(blocks, MAX_BLOCKS), 1, 1, threads, 1, 1, sharedBytes, arguments);
        }
    }

    private ByteBuffer struct(int bytes) {
        if (structs[next] == null) {
            structs[next] = arguments.struct(next, bytes);
        }
        return structs[next++];
    }
}
