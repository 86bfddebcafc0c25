package io.github.jconv.device;

import java.lang.ref.Cleaner;

/**
 * A piece of device memory with an owner: whoever holds it closes it. Memory that is dropped without being closed is taken back
 * some time after the garbage collector finds it, and a warning names it.
 *
 * <p>Closing is in stream order: work that is already enqueued on the context's main stream still finds the memory. Work on
 * other streams must be waited for before.
 */
public final class DeviceMemory implements AutoCloseable {

    private static final Cleaner CLEANER = Cleaner.create();

    private final DeviceContext context;
    private final MemoryPool.Block block;
    private final Release release;
    private final Cleaner.Cleanable cleanable;

    /** Must not refer to the memory itself, or it would never be collected. */
    private static final class Release implements Runnable {

        private final MemoryPool pool;
        private final MemoryPool.Block block;
        private boolean byOwner;

        Release(MemoryPool pool, MemoryPool.Block block) {
            this.pool = pool;
            this.block = block;
        }

        @Override
        public void run() {
            if (byOwner) {
                pool.release(block);
            } else {
                pool.abandon(block);
            }
        }
    }

    DeviceMemory(DeviceContext context, MemoryPool pool, MemoryPool.Block block) {
        this.context = context;
        this.block = block;
        this.release = new Release(pool, block);
        this.cleanable = CLEANER.register(this, release);
    }

    public DeviceContext context() {
        return context;
    }

    /** Where it begins on the device. */
    public long address() {
        if (release.byOwner || !context.isOpen()) {
            throw new IllegalStateException("use of device memory after its end: " + block.allocation());
        }
        return block.address();
    }

    public long bytes() {
        return block.allocation().bytes();
    }

    /** Sets every byte, in the order of the context's main stream. */
    public void fillBytes(int value) {
        context.fill(address(), value, bytes());
    }

    /** Gives the memory back; does nothing the second time. */
    @Override
    public void close() {
        release.byOwner = true;
        cleanable.clean();
    }

    @Override
    public String toString() {
        return block.allocation().toString();
    }
}
