package io.github.jconv.device;

import io.github.jconv.algorithm.FilterForm;
import io.github.jconv.tensor.DataType;
import io.github.jconv.tensor.HostTensor;
import io.github.jconv.tensor.Layout;
import io.github.jconv.tensor.Required;
import io.github.jconv.tensor.Tensor;
import io.github.jconv.tensor.TensorShape;
import io.github.jconv.tensor.TensorViews;
import java.util.ArrayList;
import java.util.List;

/**
 * A dense tensor in device memory, of any type and layout. It belongs to a scope, or to whoever made it, who closes it. Its size is limited by
 * the device alone; only tensors of up to {@link HostTensor#MAX_ELEMENTS} elements can be copied from and to the heap.
 *
 * <p>Everything here is enqueued on the context's main stream, in the order of the calls.
 */
public final class DeviceTensor implements Tensor {

    private final DeviceMemory memory;
    private final DataType type;
    private final Layout layout;
    private final TensorShape shape;
    private final boolean view;
    private final long firstByte;
    private DeviceScope scope;

    /** Null unless this tensor is constant. */
    private volatile List<KeptForm> keptForms;

    private DeviceTensor(DeviceMemory memory, long firstByte, DeviceScope scope, DataType type, Layout layout, TensorShape shape,
                         boolean view) {
        this.memory = memory;
        this.firstByte = firstByte;
        this.scope = scope;
        this.type = type;
        this.layout = layout.of(shape);
        this.shape = shape;
        this.view = view;
        if (scope != null) {
            scope.add(this);
        }
    }

    static DeviceTensor zeros(DeviceContext context, DeviceScope scope, DataType type, Layout layout, TensorShape shape) {
        DeviceTensor tensor = unset(context, scope, type, layout, shape);
        try {
            tensor.fillZero();
        } catch (RuntimeException | Error e) {
            tensor.close();
            throw e;
        }
        return tensor;
    }

    static DeviceTensor copyOf(DeviceContext context, DeviceScope scope, HostTensor values) {
        DeviceTensor tensor = unset(context, scope, values.dataType(), values.layout(), values.shape());
        try {
            tensor.copyFrom(values);
        } catch (RuntimeException | Error e) {
            tensor.close();
            throw e;
        }
        return tensor;
    }

    private static DeviceTensor unset(DeviceContext context, DeviceScope scope, DataType type, Layout layout, TensorShape shape) {
        Required.given(type, "type");
        Required.given(layout, "layout");
        Required.given(shape, "shape");
        long bytes;
        try {
            bytes = Math.multiplyExact(shape.elements(), type.bytes());
        } catch (ArithmeticException overflow) {
            throw new IllegalArgumentException("shape " + shape + " has more than " + Long.MAX_VALUE + " bytes", overflow);
        }
        DeviceMemory memory = context.allocate(bytes, type + " " + shape);
        try {
            return new DeviceTensor(memory, 0, scope, type, layout, shape, false);
        } catch (RuntimeException | Error e) {
            memory.close();
            throw e;
        }
    }

    @Override
    public TensorShape shape() {
        return shape;
    }

    @Override
    public DataType dataType() {
        return type;
    }

    @Override
    public Layout layout() {
        return layout;
    }

    public DeviceContext context() {
        return memory.context();
    }

    /** Where the first element lies on the device. */
    public long address() {
        return memory.address() + firstByte;
    }

    /** A tensor of zeros on the same device and in the same scope. */
    @Override
    public DeviceTensor newTensor(TensorShape newShape) {
        return zeros(context(), scope, type, layout, newShape);
    }

    @Override
    public DeviceTensor view(TensorShape other) {
        return view(other, 0);
    }

    /** Borrows this tensor's memory: closing the view leaves that alone, closing this tensor ends the view. */
    @Override
    public DeviceTensor view(TensorShape other, long first) {
        TensorViews.require(this, other, first);
        return new DeviceTensor(memory, firstByte + first * type.bytes(), null, type, layout, other, true);
    }

    public void fillZero() {
        context().fill(address(), 0, bytes());
        changed();
    }

    /**
     * Promises that the values stay as they are until {@link #changed} is called, and returns this tensor. Its own methods that write
     * call that themselves, as do calls of an engine whose output it is; who writes through a view or by address must. What is made of
     * the values lies on the device too, and is freed when this tensor is closed.
     */
    @Override
    public DeviceTensor constant() {
        if (keptForms == null) {
            keptForms = new ArrayList<>();
        }
        return this;
    }

    @Override
    public boolean isConstant() {
        return keptForms != null;
    }

    @Override
    public void changed() {
        List<KeptForm> forms = keptForms;
        if (forms != null) {
            synchronized (forms) {
                for (int i = 0; i < forms.size(); i++) {
                    forms.get(i).outdate();
                }
            }
        }
    }

    /** The form of that name of this constant tensor; the first call allocates it, which cannot be captured. */
    public KeptForm keptForm(FilterForm form) {
        List<KeptForm> forms = keptForms;
        if (forms == null) {
            throw new IllegalStateException("tensor " + this + " is not constant");
        }
        synchronized (forms) {
            for (int i = 0; i < forms.size(); i++) {
                if (forms.get(i).isNamed(form.name())) {
                    return forms.get(i);
                }
            }
            KeptForm made = new KeptForm(form.name(), context().allocate(form.bytes(), form.name() + " of constant " + this));
            forms.add(made);
            return made;
        }
    }

    /** Copies the values of a tensor of the same type, layout and shape; its array may be changed as soon as this returns. */
    public void copyFrom(HostTensor values) {
        requireSame(values);
        context().staging().toDevice(values, address());
        changed();
    }

    /** Copies the values into a tensor of the same type, layout and shape, and returns when they are there. */
    public void copyTo(HostTensor target) {
        requireSame(target);
        context().staging().toHost(address(), target);
    }

    /** The values in a new tensor on the heap. */
    public HostTensor toHost() {
        HostTensor target = HostTensor.zeros(type, layout, shape);
        copyTo(target);
        return target;
    }

    /** Enqueues a copy of the beginning of a page-locked buffer, which must not be changed before the copy is done. */
    public void copyFrom(PinnedBuffer values) {
        values.copyTo(address(), bytes(), context().stream());
        changed();
    }

    /** Enqueues a copy into the beginning of a page-locked buffer, which must not be read before the copy is done. */
    public void copyTo(PinnedBuffer target) {
        target.copyFrom(address(), bytes(), context().stream());
    }

    /** Enqueues a copy of a tensor of the same type, layout, shape and context. */
    public void copyFrom(DeviceTensor values) {
        requireSame(values);
        if (values.context() != context()) {
            throw new IllegalArgumentException("copy between two device contexts, " + values + " and " + this
                    + "; allowed: tensors of one context");
        }
        context().copy(values.address(), address(), bytes());
        changed();
    }

    @Override
    public boolean overlaps(Tensor other) {
        return other instanceof DeviceTensor device && device.context() == context()
                && address() < device.address() + device.bytes() && device.address() < address() + bytes();
    }

    void leaveScope() {
        scope = null;
    }

    /** Gives the memory back, in stream order; does nothing the second time. */
    @Override
    public void close() {
        if (scope != null) {
            scope.remove(this);
        }
        List<KeptForm> forms = keptForms;
        if (forms != null) {
            synchronized (forms) {
                forms.forEach(KeptForm::close);
            }
        }
        if (!view) {
            memory.close();
        }
    }

    @Override
    public String toString() {
        return Tensor.describe(this) + " on device " + context().info().ordinal();
    }

    private void requireSame(Tensor other) {
        if (other.dataType() != type || other.layout() != layout || !other.shape().equals(shape)) {
            throw new IllegalArgumentException("copy between " + Tensor.describe(other) + " and " + Tensor.describe(this)
                    + "; allowed: the same type, layout and shape");
        }
    }
}
