package io.github.jconv.device;

/**
 * What has been made of the values of a constant tensor, in memory of its own that lives as long as the tensor. When the values change, the
 * memory stays and is filled again at its next use.
 */
public final class KeptForm {

    private final String name;
    private final DeviceMemory memory;
    private volatile boolean current;

    KeptForm(String name, DeviceMemory memory) {
        this.name = name;
        this.memory = memory;
    }

    boolean isNamed(String wanted) {
        return name.equals(wanted);
    }

    /** Where it begins on the device. */
    public long address() {
        return memory.address();
    }

    /**
     * Whether the work that makes it must be enqueued before it is read. While work is captured always: a graph may be launched when the
     * values are others.
     */
    public boolean isToBeMade() {
        return !current || memory.context().isCapturing();
    }

    /** The work that makes it is enqueued; work that is only captured has made nothing yet. */
    public void made() {
        if (!memory.context().isCapturing()) {
            current = true;
        }
    }

    void outdate() {
        current = false;
    }

    void close() {
        memory.close();
    }
}
