package io.github.jconv.device;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import jcuda.Pointer;

/**
 * The arguments of a kernel in native memory, laid out as its PTX says. Made once, filled before each launch; filling and
 * launching allocate nothing. Each setter refuses an argument whose size is not the parameter's.
 */
public final class KernelArguments {

    private final String kernel;
    private final int[] sizes;
    private final int[] offsets;
    private final ByteBuffer block;
    private final Pointer pointers;

    KernelArguments(String kernel, List<PtxSignatures.Parameter> signature) {
        this.kernel = kernel;
        sizes = new int[signature.size()];
        offsets = new int[signature.size()];
        int end = 0;
        int widest = 1;
        for (int i = 0; i < sizes.length; i++) {
            int alignment = signature.get(i).alignment();
            widest = Math.max(widest, alignment);
            sizes[i] = signature.get(i).bytes();
            offsets[i] = (end + alignment - 1) / alignment * alignment;
            end = offsets[i] + sizes[i];
        }
        block = ByteBuffer.allocateDirect(end + widest).alignedSlice(widest).order(ByteOrder.nativeOrder());
        Pointer[] each = new Pointer[sizes.length];
        for (int i = 0; i < each.length; i++) {
            each[i] = Pointer.to(slice(i));
        }
        pointers = Pointer.to(each);
    }

    /** Sets an address or a 64-bit integer. */
    public KernelArguments set(int index, long value) {
        block.putLong(offset(index, Long.BYTES), value);
        return this;
    }

    /** Sets the address of a tensor. */
    public KernelArguments set(int index, DeviceTensor tensor) {
        return set(index, tensor.address());
    }

    /** Sets a 32-bit integer. */
    public KernelArguments set(int index, int value) {
        block.putInt(offset(index, Integer.BYTES), value);
        return this;
    }

    /** Sets an fp32 number. */
    public KernelArguments set(int index, float value) {
        block.putFloat(offset(index, Float.BYTES), value);
        return this;
    }

    /** Sets an fp64 number. */
    public KernelArguments set(int index, double value) {
        block.putDouble(offset(index, Double.BYTES), value);
        return this;
    }

    /** Sets a struct from the bytes of the buffer, which must be exactly as many as the parameter has; position 0 to capacity. */
    public KernelArguments set(int index, ByteBuffer struct) {
        block.put(offset(index, struct.capacity()), struct, 0, struct.capacity());
        return this;
    }

    /** A view of a parameter's own bytes, in the byte order of the host, to be written through; made once and kept by the caller. */
    public ByteBuffer struct(int index, int expectedBytes) {
        offset(index, expectedBytes);
        return slice(index);
    }

    private ByteBuffer slice(int index) {
        return block.slice(offsets[index], sizes[index]).order(ByteOrder.nativeOrder());
    }

    Pointer pointers() {
        return pointers;
    }

    void requireFor(String name) {
        if (!kernel.equals(name)) {
            throw new IllegalArgumentException("kernel " + name + " launched with the arguments of kernel " + kernel);
        }
    }

    private int offset(int index, int bytes) {
        if (index < 0 || index >= sizes.length) {
            throw new IllegalArgumentException("kernel " + kernel + " has " + sizes.length + " parameters; there is no number " + index);
        }
        if (sizes[index] != bytes) {
            throw new IllegalArgumentException("parameter " + index + " of kernel " + kernel + " has " + sizes[index]
                    + " bytes, and the argument has " + bytes);
        }
        return offsets[index];
    }
}
