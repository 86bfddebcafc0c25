package io.github.jconv.cpu.ops;

import io.github.jconv.cpu.simd.AdamRule;
import io.github.jconv.cpu.simd.DoubleSums;
import io.github.jconv.cpu.simd.ElementwiseLoops;
import io.github.jconv.cpu.simd.SimdProvider;
import io.github.jconv.problem.ConvGeometry;
import io.github.jconv.tensor.HostTensor;
import java.util.Arrays;

/**
 * The arguments of one fp32 operation, shared by its tiles. One object serves all operations, so that none allocates; which fields an
 * operation uses is seen where it is started.
 */
final class OpJob {

    /** Elements of one tile of an element-wise operation: a few times the cost of taking a tile. */
    static final int CHUNK = 8192;

    /** Elements that go through a worker's scratch memory at once: few enough for the nearest cache. */
    static final int BLOCK = 512;

    final ElementwiseLoops loops;
    final DoubleSums doubleSums;
    final AdamRule adam = new AdamRule();
    HostTensor x;
    HostTensor y;
    HostTensor dx;
    HostTensor dy;
    HostTensor first;
    HostTensor second;
    HostTensor third;
    HostTensor fourth;
    ConvGeometry window;
    Enum<?> kind;
    long[] before;
    boolean flag;
    double a;
    double b;
    double c;
    long seed;
    long step;
    int from;
    int to;
    int count;
    double[] partial = new double[64];
    private final float[][] scratch;
    private final double[][] doubles;

    OpJob(SimdProvider simd, int workers) {
        this.loops = simd.elementwise();
        this.doubleSums = simd.doubleSums();
        this.scratch = new float[workers][2 * BLOCK];
        this.doubles = new double[workers][];
    }

    /** Memory of one worker for two blocks. */
    float[] scratch(int worker) {
        return scratch[worker];
    }

    /** The same, grown to what is asked for. */
    float[] scratch(int worker, int length) {
        if (scratch[worker].length < length) {
            scratch[worker] = new float[length];
        }
        return scratch[worker];
    }

    /** Zeros of one worker for two sums. */
    double[] sums(int worker) {
        double[] sums = doubles(worker, 2 * DoubleSums.LENGTH);
        Arrays.fill(sums, 0, 2 * DoubleSums.LENGTH, 0);
        return sums;
    }

    /** Memory of one worker that grows to what is asked for. */
    double[] doubles(int worker, int length) {
        if (doubles[worker] == null || doubles[worker].length < length) {
            doubles[worker] = new double[length];
        }
        return doubles[worker];
    }

    /** Forgets the tensors, so that a backend does not keep them alive. */
    void release() {
        x = null;
        y = null;
        dx = null;
        dy = null;
        first = null;
        second = null;
        third = null;
        fourth = null;
        window = null;
        before = null;
    }

    static int chunks(HostTensor tensor) {
        return (int) ((tensor.length() + (long) CHUNK - 1) / CHUNK);
    }

    static int begin(int chunk) {
        return chunk * CHUNK;
    }

    static int end(HostTensor tensor, int chunk) {
        return (int) Math.min(tensor.length(), (chunk + 1L) * CHUNK);
    }

    static int images(HostTensor tensor) {
        return (int) tensor.shape().size(0);
    }

    static int channels(HostTensor tensor) {
        return (int) tensor.shape().size(1);
    }

    /** Elements of one channel of one image. */
    static int positions(HostTensor tensor) {
        int positions = 1;
        for (int axis = 2; axis < tensor.shape().rank(); axis++) {
            positions *= (int) tensor.shape().size(axis);
        }
        return positions;
    }

    /** Elements of one image. */
    static int perImage(HostTensor tensor) {
        return images(tensor) == 0 ? 0 : tensor.length() / images(tensor);
    }
}
