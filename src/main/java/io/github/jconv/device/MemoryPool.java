package io.github.jconv.device;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import jcuda.driver.CUresult;
import jcuda.driver.JCudaDriver;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The device memory of a context, allocated and freed in the order of its main stream, so that neither waits for the device.
 *
 * <p>Freed blocks are kept by size and given out again: the driver's own pool gives its memory back at every synchronisation,
 * and the call that would forbid it is not bound by JCuda. When the device is full, everything that its contexts keep is given back
 * before an allocation is refused. Safe for use from several threads; nothing else is locked while the pool is, so that one context
 * can give back what another one keeps.
 */
final class MemoryPool {

    private static final Logger LOG = LoggerFactory.getLogger(MemoryPool.class);

    private static final long SMALL_STEP = 512;
    private static final long LARGE = 1L << 20;

    /** A piece of memory; {@code size} is what the driver was asked for, at least the {@code allocation.bytes}. */
    record Block(long address, long size, Allocation allocation) {
    }

    private final DeviceContext context;
    private final Map<Long, Block> live = new LinkedHashMap<>();
    private final Map<Long, ArrayDeque<Block>> kept = new HashMap<>();
    private final Queue<Block> abandoned = new ConcurrentLinkedQueue<>();
    private final DevicePointer pointer = new DevicePointer();
    private long allocations;
    private long liveBytes;
    private boolean closed;

    MemoryPool(DeviceContext context) {
        this.context = context;
    }

    /** Memory with arbitrary contents, aligned to 256 bytes at least. */
    Block allocate(long bytes, String what) {
        if (bytes < 0) {
            throw new IllegalArgumentException("memory of " + bytes + " bytes asked for " + what + "; allowed: 0 and up");
        }
        if (bytes > context.info().memoryBytes()) {
            // Not worth what is kept, and maybe nothing that can be rounded up.
            context.makeCurrent();
            throw outOfMemory(bytes, what);
        }
        Block block = take(bytes, what);
        if (block == null && context.releaseKeptMemoryOfDevice()) {
            block = take(bytes, what);
        }
        if (block == null) {
            throw outOfMemory(bytes, what);
        }
        return block;
    }

    /** Null when the device is full. */
    private synchronized Block take(long bytes, String what) {
        context.refuseWhileAnyoneCaptures("allocating memory for " + what);
        context.makeCurrent();
        reclaimAbandoned();
        long size = context.options().reuseMemory() ? sizeClass(bytes) : Math.max(bytes, 1);
        ArrayDeque<Block> sameSize = kept.get(size);
        Block reused = sameSize == null ? null : sameSize.pollLast();
        if (reused == null) {
            int result = allocateOnDevice(size);
            if (result == CUresult.CUDA_ERROR_OUT_OF_MEMORY) {
                return null;
            }
            if (result != CUresult.CUDA_SUCCESS) {
                throw context.failure(result, allocationCall(), Sizes.text(bytes) + " asked for " + what);
            }
        }
        long address = reused != null ? reused.address() : pointer.address();
        allocations++;
        liveBytes += bytes;
        Throwable site = context.options().debug() ? new Throwable("allocated here") : null;
        Block block = new Block(address, size, new Allocation(allocations, bytes, what, site));
        live.put(allocations, block);
        return block;
    }

    /**
     * Gives a block back; does nothing when it has been given back or the context is closed. During a capture it waits for the
     * next allocation, so that the freeing does not become part of the graph, whichever thread captures.
     */
    synchronized void release(Block block) {
        if (context.isCaptured()) {
            abandoned.add(block);
            return;
        }
        if (live.remove(block.allocation().number()) == null) {
            return;
        }
        liveBytes -= block.allocation().bytes();
        if (context.options().reuseMemory() && !context.isLost()) {
            keep(block);
        } else {
            freeOnDevice(block);
        }
    }

    /**
     * Called when an owner was collected without having been closed. The memory is taken back at the next allocation, by a thread
     * that works with the context anyway.
     */
    void abandon(Block block) {
        synchronized (this) {
            if (closed || !live.containsKey(block.allocation().number())) {
                return;
            }
        }
        LOG.warn("Not closed, and freed only because nothing refers to it any more: {}", block.allocation());
        abandoned.add(block);
    }

    synchronized List<Allocation> liveAllocations() {
        List<Allocation> allocations = new ArrayList<>(live.size());
        live.values().forEach(block -> allocations.add(block.allocation()));
        return allocations;
    }

    synchronized long liveBytes() {
        return liveBytes;
    }

    /** Gives the memory that is kept for later back to the driver. */
    synchronized void trim() {
        context.refuseWhileAnyoneCaptures("giving memory back");
        context.makeCurrent();
        reclaimAbandoned();
        freeKept();
    }

    /**
     * The same for an allocation that found the device full, maybe of another context and on another thread. Waits for the main stream,
     * in whose order the driver takes the memory. False when nothing is kept, or none can be given back now.
     */
    synchronized boolean giveBack() {
        if (closed || context.isLost() || context.isCaptured()) {
            return false;
        }
        reclaimAbandoned();
        if (keptBytes() == 0) {
            return false;
        }
        freeKept();
        JCudaDriver.cuStreamSynchronize(context.stream().handle());
        return true;
    }

    /** Bytes that are kept for later allocations. */
    synchronized long keptBytes() {
        return kept.entrySet().stream().mapToLong(size -> size.getKey() * size.getValue().size()).sum();
    }

    /** Frees everything. Errors are ignored: nothing can be done about them, and releasing the context frees what is left. */
    synchronized void close() {
        closed = true;
        abandoned.clear();
        freeKept();
        live.values().forEach(this::freeOnDevice);
        live.clear();
        liveBytes = 0;
    }

    private void reclaimAbandoned() {
        for (Block block = abandoned.poll(); block != null; block = abandoned.poll()) {
            release(block);
        }
    }

    private void freeKept() {
        List<Block> blocks = new ArrayList<>();
        kept.values().forEach(blocks::addAll);
        kept.clear();
        blocks.forEach(this::freeOnDevice);
    }

    private DeviceException outOfMemory(long bytes, String what) {
        String inUse;
        synchronized (this) {
            inUse = Sizes.text(liveBytes) + " of " + Sizes.text(context.info().memoryBytes()) + " in use by this context in " + live.size()
                    + " allocations";
        }
        return context.failure(CUresult.CUDA_ERROR_OUT_OF_MEMORY, allocationCall(), Sizes.text(bytes) + " asked for " + what + ", " + inUse
                + context.memoryElsewhere());
    }

    /** The driver's answer; the address is in {@code pointer} then. */
    private int allocateOnDevice(long size) {
        pointer.pointTo(0);
        return context.info().memoryPools()
                ? JCudaDriver.cuMemAllocAsync(pointer, size, context.stream().handle())
                : JCudaDriver.cuMemAlloc(pointer, size);
    }

    private String allocationCall() {
        return context.info().memoryPools() ? "cuMemAllocAsync" : "cuMemAlloc";
    }

    /** What the driver does not take back is kept for later: the caller is done with it and could not act on a failure. */
    private void freeOnDevice(Block block) {
        if (context.isLost()) {
            return;
        }
        context.makeCurrentForFreeing();
        pointer.pointTo(block.address());
        boolean freed = context.info().memoryPools()
                ? context.warn(JCudaDriver.cuMemFreeAsync(pointer, context.stream().handle()), "cuMemFreeAsync")
                : context.warn(JCudaDriver.cuMemFree(pointer), "cuMemFree");
        if (!freed && !closed) {
            keep(block);
        }
    }

    private void keep(Block block) {
        kept.computeIfAbsent(block.size(), size -> new ArrayDeque<>()).addLast(block);
    }

    /** Sizes are rounded up by an eighth at most, so that tensors of about the same size share their blocks. */
    static long sizeClass(long bytes) {
        long step = bytes <= LARGE ? SMALL_STEP : Long.highestOneBit(bytes) / 8;
        long steps = Math.max(1, bytes / step + (bytes % step == 0 ? 0 : 1));
        return Math.multiplyExact(steps, step);
    }
}
