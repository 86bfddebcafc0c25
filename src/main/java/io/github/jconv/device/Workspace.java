package io.github.jconv.device;

import java.util.ArrayList;
import java.util.List;

/**
 * The scratch memory of a context: one block that grows between runs, in the order of the main stream. While a captured graph is
 * open, a block that has become too small is kept, because the graph may use it.
 */
final class Workspace {

    /** What its allocation is called. */
    static final String NAME = "workspace";

    private final DeviceContext context;
    private final List<DeviceMemory> outgrown = new ArrayList<>();
    private DeviceMemory memory;

    Workspace(DeviceContext context) {
        this.context = context;
    }

    /** The address of at least that many bytes; 0 for none. */
    synchronized long atLeast(long bytes, boolean graphsOpen) {
        if (bytes == 0) {
            return 0;
        }
        if (bytes < 0 || memory == null || memory.bytes() < bytes) {
            grow(bytes, graphsOpen);
        }
        return memory.address();
    }

    synchronized long bytes() {
        return memory == null ? 0 : memory.bytes();
    }

    synchronized void releaseOutgrown() {
        outgrown.forEach(DeviceMemory::close);
        outgrown.clear();
    }

    private void grow(long bytes, boolean graphsOpen) {
        long limit = context.options().workspaceLimit();
        if (bytes < 0 || bytes > limit) {
            throw new IllegalArgumentException("workspace of " + bytes + " bytes asked for; allowed: 0.." + limit
                    + ", the limit that the context was opened with");
        }
        context.refuseWhileCapturing("growing the workspace to " + bytes + " bytes");
        release(graphsOpen);
        memory = context.allocate(bytes, NAME);
    }

    /** Forgets the block, so that the next one has exactly the size that is asked for. */
    synchronized void release(boolean graphsOpen) {
        if (memory != null && graphsOpen) {
            outgrown.add(memory);
        } else if (memory != null) {
            memory.close();
        }
        memory = null;
    }
}
