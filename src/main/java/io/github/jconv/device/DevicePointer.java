package io.github.jconv.device;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import jcuda.NativePointerObject;
import jcuda.driver.CUdeviceptr;

/**
 * JCuda's pointer into device memory with an address that can be read and set, so that one object serves any number of calls.
 * Not safe for use from several threads.
 */
public final class DevicePointer extends CUdeviceptr {

    /** The field that JCuda's native code reads and writes; JCuda itself offers no way to set it. */
    private static final VarHandle ADDRESS = addressField();

    /** A null pointer. */
    public DevicePointer() {
    }

    public DevicePointer(long address) {
        pointTo(address);
    }

    public long address() {
        return getNativePointer();
    }

    /** Lets the pointer point to the address and returns it. */
    public DevicePointer pointTo(long address) {
        ADDRESS.set(this, address);
        return this;
    }

    private static VarHandle addressField() {
        try {
            return MethodHandles.privateLookupIn(NativePointerObject.class, MethodHandles.lookup())
                    .findVarHandle(NativePointerObject.class, "nativePointer", long.class);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("this version of JCuda keeps its addresses elsewhere; JConv needs jcuda 12.6.0", e);
        }
    }
}
