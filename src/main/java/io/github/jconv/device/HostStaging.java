package io.github.jconv.device;

import io.github.jconv.tensor.HostTensor;
import java.nio.DoubleBuffer;
import java.nio.FloatBuffer;
import java.nio.ShortBuffer;

/**
 * Copies between the heap and the device through two page-locked chunks: while the device copies one, the host fills or empties
 * the other. Enqueued on the main stream. Copies from the heap return when the heap has been read; copies to the heap when it
 * has been written. Nothing is allocated after the first copy.
 */
final class HostStaging {

    private static final int CHUNK_BYTES = 4 << 20;

    /** One half of the double buffer, seen as any type, and the mark behind its latest copy. */
    private record Chunk(PinnedBuffer buffer, FloatBuffer floats, DoubleBuffer doubles, ShortBuffer shorts, DeviceEvent copied) {
    }

    private final DeviceContext context;
    private Chunk[] chunks;

    HostStaging(DeviceContext context) {
        this.context = context;
    }

    synchronized void toDevice(HostTensor from, long address) {
        prepare();
        int perChunk = CHUNK_BYTES / from.dataType().bytes();
        int turn = 0;
        for (long begin = 0; begin < from.length(); begin += perChunk, turn ^= 1) {
            Chunk chunk = chunks[turn];
            int count = (int) Math.min(perChunk, from.length() - begin);
            chunk.copied.synchronize();
            put(from, (int) begin, count, chunk);
            chunk.buffer.copyTo(address + begin * from.dataType().bytes(), (long) count * from.dataType().bytes(), context.stream());
            recordCopy(chunk);
        }
    }

    synchronized void toHost(long address, HostTensor to) {
        prepare();
        int perChunk = CHUNK_BYTES / to.dataType().bytes();
        long chunkCount = (to.length() + (long) perChunk - 1) / perChunk;
        for (long i = 0; i <= chunkCount; i++) {
            if (i < chunkCount) {
                enqueueToHost(address, to, i, perChunk);
            }
            if (i > 0) {
                receive(to, i - 1, perChunk);
            }
        }
    }

    private void enqueueToHost(long address, HostTensor to, long index, int perChunk) {
        Chunk chunk = chunks[(int) (index & 1)];
        long begin = index * perChunk;
        long count = Math.min(perChunk, to.length() - begin);
        chunk.copied.synchronize();
        chunk.buffer.copyFrom(address + begin * to.dataType().bytes(), count * to.dataType().bytes(), context.stream());
        recordCopy(chunk);
    }

    /** Without its record nobody would wait for the copy before the buffer is used again; then it is waited for at once. */
    private void recordCopy(Chunk chunk) {
        try {
            chunk.copied.record(context.stream());
        } catch (RuntimeException failure) {
            try {
                context.stream().synchronize();
            } catch (RuntimeException alsoFailed) {
                failure.addSuppressed(alsoFailed);
            }
            throw failure;
        }
    }

    private void receive(HostTensor to, long index, int perChunk) {
        Chunk chunk = chunks[(int) (index & 1)];
        int begin = (int) (index * perChunk);
        int count = Math.min(perChunk, to.length() - begin);
        chunk.copied.synchronize();
        int at = to.offset() + begin;
        switch (to.dataType()) {
            case FLOAT32 -> chunk.floats.get(0, to.floats(), at, count);
            case FLOAT64 -> chunk.doubles.get(0, to.doubles(), at, count);
            case FLOAT16, BFLOAT16 -> chunk.shorts.get(0, to.shorts(), at, count);
        }
    }

    private static void put(HostTensor from, int begin, int count, Chunk chunk) {
        int at = from.offset() + begin;
        switch (from.dataType()) {
            case FLOAT32 -> chunk.floats.put(0, from.floats(), at, count);
            case FLOAT64 -> chunk.doubles.put(0, from.doubles(), at, count);
            case FLOAT16, BFLOAT16 -> chunk.shorts.put(0, from.shorts(), at, count);
        }
    }

    private void prepare() {
        context.refuseWhileAnyoneCaptures("copying between the heap and the device");
        if (chunks == null) {
            Chunk first = newChunk();
            chunks = new Chunk[] {first, newChunk()};
        }
    }

    private Chunk newChunk() {
        PinnedBuffer buffer = context.newPinnedBuffer(CHUNK_BYTES);
        return new Chunk(buffer, buffer.bytes().asFloatBuffer(), buffer.bytes().asDoubleBuffer(), buffer.bytes().asShortBuffer(), context.newEvent());
    }
}
