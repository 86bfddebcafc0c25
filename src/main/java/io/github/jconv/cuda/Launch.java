package io.github.jconv.cuda;

import io.github.jconv.device.Kernel;
import io.github.jconv.device.KernelArguments;
import io.github.jconv.problem.ConvGeometry;
import io.github.jconv.problem.ResidueClass;
import java.nio.ByteBuffer;

/** A kernel with its block of arguments, which are given in order. Used again and again; nothing is allocated after the first use. */
final class Launch {

    private static final int THREADS = 256;
    private static final long MAX_BLOCKS = Integer.MAX_VALUE;
    private static final int MOST_PARAMETERS = 12;

    private final Kernel kernel;
    private final KernelArguments arguments;
    private final ByteBuffer[] structs = new ByteBuffer[MOST_PARAMETERS];
    private int next;

    Launch(Kernel kernel) {
        this.kernel = kernel;
        this.arguments = kernel.newArguments();
    }

    Launch begin() {
        next = 0;
        return this;
    }

    /** An address or a 64-bit count. */
    Launch with(long value) {
        arguments.set(next++, value);
        return this;
    }

    Launch with(int value) {
        arguments.set(next++, value);
        return this;
    }

    Launch with(float value) {
        arguments.set(next++, value);
        return this;
    }

    /** A flag: 0 or 1. */
    Launch with(boolean value) {
        return with(value ? 1 : 0);
    }

    Launch with(ConvGeometry geometry, int images) {
        GeometryLayout.put(struct(GeometryLayout.GEOMETRY_BYTES), geometry, images);
        return this;
    }

    Launch with(ConvGeometry geometry) {
        return with(geometry, geometry.n());
    }

    Launch with(ResidueClass depth, ResidueClass height, ResidueClass width) {
        GeometryLayout.put(struct(GeometryLayout.BOX_BYTES), depth, height, width);
        return this;
    }

    /** One thread for each of {@code count} things; nothing for none. */
    void forEach(long count) {
        if (count > 0) {
            kernel.launch(Math.min((count - 1) / THREADS + 1, MAX_BLOCKS), THREADS, arguments);
        }
    }

    /** {@code blocks} blocks; nothing for none. */
    void blocks(long blocks, int threads, int sharedBytes) {
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
