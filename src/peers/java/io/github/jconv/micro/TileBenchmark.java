package io.github.jconv.micro;

import io.github.jconv.cpu.simd.SimdProvider;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * The inner loops of the matrix products, operands in a first-level cache. The counter {@code flops} is in operations per nanosecond, which
 * is GFLOP/s; {@link #burst} is what the processor can do at most.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(2)
public class TileBenchmark {

    private static final int DEPTH = 128;
    private static final int ROUNDS = 1024;

    @Param({"512", "256", "128", "scalar"})
    private String simd;

    private SimdProvider provider;
    private float[] a;
    private float[] b;
    private float[] c;
    private int[] shifts;

    /** What JMH divides by the time. */
    @AuxCounters(AuxCounters.Type.OPERATIONS)
    @State(Scope.Thread)
    public static class Rate {

        public long flops;
    }

    @Setup
    public void fill() {
        provider = SimdProvider.named(simd);
        int widest = Math.max(SimdProvider.TILE_VECTORS, provider.widestShiftedTile()) * provider.lanes();
        a = filled(DEPTH * SimdProvider.TILE_ROWS);
        b = filled(DEPTH * widest);
        c = filled(SimdProvider.TILE_ROWS * widest);
        shifts = IntStream.range(0, DEPTH).map(k -> k * widest).toArray();
    }

    @Benchmark
    public void gemmTileOf1Vector(Rate rate) {
        gemmTile(1, rate);
    }

    @Benchmark
    public void gemmTileOf2Vectors(Rate rate) {
        gemmTile(2, rate);
    }

    @Benchmark
    public void shiftedTileOf1Vector(Rate rate) {
        shiftedTile(1, rate);
    }

    @Benchmark
    public void widestShiftedTile(Rate rate) {
        shiftedTile(provider.widestShiftedTile(), rate);
    }

    @Benchmark
    public void burst(Rate rate) {
        rate.flops += 2 * provider.burst(ROUNDS, c);
    }

    private void gemmTile(int vectors, Rate rate) {
        int columns = vectors * provider.lanes();
        provider.gemmTile(vectors, DEPTH, a, 0, DEPTH, 1, b, 0, c, 0, columns);
        rate.flops += 2L * SimdProvider.TILE_ROWS * DEPTH * columns;
    }

    private void shiftedTile(int vectors, Rate rate) {
        int columns = vectors * provider.lanes();
        provider.shiftedTile(vectors, DEPTH, a, 0, DEPTH, null, b, 0, shifts, c, 0, columns);
        rate.flops += 2L * SimdProvider.TILE_ROWS * DEPTH * columns;
    }

    private static float[] filled(int length) {
        float[] values = new float[length];
        Arrays.fill(values, 1e-3f);
        return values;
    }
}
