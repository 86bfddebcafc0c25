package io.github.jconv.device;

import io.github.jconv.tensor.DataType;
import io.github.jconv.tensor.HostTensor;
import io.github.jconv.tensor.Layout;
import io.github.jconv.tensor.Required;
import io.github.jconv.tensor.TensorShape;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.WeakHashMap;
import jcuda.driver.CUcontext;
import jcuda.driver.CUdevice;
import jcuda.driver.CUresult;
import jcuda.driver.JCudaDriver;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A device in use: its primary context, a main stream, memory, kernels, the cuBLAS handle. Owns all of them and frees them when
 * it is closed.
 *
 * <p><b>Streams.</b> Work that does not name a stream is enqueued on {@link #stream()} and runs in order there; memory is
 * allocated and freed in that order too. Nothing waits for the device except what says so.
 *
 * <p><b>Threads.</b> Every method may be called from any thread: each makes the context current for the calling thread first, and
 * what is shared is guarded. What several threads enqueue on one stream runs in the order of their calls; an object that is
 * passed to a call (argument blocks, tensors) is not guarded against changes during it. A capture belongs to the thread that
 * makes it; other threads must not use the main stream meanwhile, and are refused with an {@link IllegalStateException} where they
 * do, because the graph would swallow their work.
 *
 * <p><b>Devices.</b> A context belongs to one device; several, of one device or of different ones, may be open at once. A tensor is
 * used with the context that made it. What a context keeps of freed memory is given back when another one of the device needs it.
 *
 * <p><b>Errors.</b> Every failing call of CUDA or cuBLAS is a {@link DeviceException}. After one that loses the context
 * ({@link DeviceException#contextLost()}), every further call says so until the context is closed. A new one can then be opened, but
 * whether it works is up to the driver: CUDA promises that for most of these errors only to a new process.
 */
public final class DeviceContext implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(DeviceContext.class);

    /** Those in use, for what they keep of a device's memory; one that is dropped without being closed need not stay for that. */
    private static final Set<DeviceContext> OPEN = Collections.synchronizedSet(Collections.newSetFromMap(new WeakHashMap<>()));

    private final DeviceOptions options;
    private final DeviceInfo info;
    private final CUdevice device = new CUdevice();
    private final CUcontext primary = new CUcontext();
    private final Set<AutoCloseable> owned = new LinkedHashSet<>();
    private final Map<String, KernelModule> modules = new HashMap<>();
    private final MemoryPool memory = new MemoryPool(this);
    private final Workspace workspace = new Workspace(this);
    private final HostStaging staging = new HostStaging(this);
    private final DevicePointer targetPointer = new DevicePointer();
    private final DevicePointer sourcePointer = new DevicePointer();
    private final DeviceStream stream;
    private CublasHandle cublas;
    private int openGraphs;
    private volatile boolean open = true;
    private volatile DeviceException lost;
    private volatile Thread capturing;

    /** Device 0 with the defaults. */
    public static DeviceContext open() {
        return open(DeviceOptions.defaults());
    }

    /**
     * @throws NativeLibraryException when libraries are missing; its message is the report of what was tried
     * @throws DeviceException        when the device cannot be used
     */
    public static DeviceContext open(DeviceOptions options) {
        NativeLibraries.load(Required.given(options, "device options").source());
        DeviceContext context = new DeviceContext(options);
        OPEN.add(context);
        return context;
    }

    /** The devices of this host, or the emulated ones. */
    public static List<DeviceInfo> devices(LibrarySource source) {
        NativeLibraries.load(source);
        List<DeviceInfo> devices = new ArrayList<>();
        int count = count();
        for (int ordinal = 0; ordinal < count; ordinal++) {
            CUdevice device = new CUdevice();
            CudaCall.check(JCudaDriver.cuDeviceGet(device, ordinal), "cuDeviceGet");
            devices.add(DeviceInfo.of(ordinal, device));
        }
        return devices;
    }

    private DeviceContext(DeviceOptions options) {
        this.options = options;
        int count = count();
        if (options.ordinal() >= count) {
            throw new DeviceException("cuDeviceGet", "CUDA_ERROR_INVALID_DEVICE", "device ordinal is " + options.ordinal()
                    + "; this host has " + count + (count == 1 ? " device" : " devices") + ", counted from 0");
        }
        CudaCall.check(JCudaDriver.cuDeviceGet(device, options.ordinal()), "cuDeviceGet");
        info = DeviceInfo.of(options.ordinal(), device);
        CudaCall.check(JCudaDriver.cuDevicePrimaryCtxRetain(primary, device), "cuDevicePrimaryCtxRetain");
        try {
            stream = new DeviceStream(this);
        } catch (RuntimeException | Error e) {
            close();
            throw e;
        }
    }

    private static int count() {
        CudaCall.check(JCudaDriver.cuInit(0), "cuInit");
        int[] count = new int[1];
        CudaCall.check(JCudaDriver.cuDeviceGetCount(count), "cuDeviceGetCount");
        return count[0];
    }

    public DeviceInfo info() {
        return info;
    }

    public DeviceOptions options() {
        return options;
    }

    // --- streams and time -------------------------------------------------------------------------------------------------

    /** The main stream. */
    public DeviceStream stream() {
        return stream;
    }

    /** Another stream; closed by the caller, or with the context. */
    public DeviceStream newStream() {
        return new DeviceStream(this);
    }

    /** An event that has not been recorded; closed by the caller, or with the context. */
    public DeviceEvent newEvent() {
        return new DeviceEvent(this);
    }

    /** Waits for everything enqueued on any stream of the device's primary context. */
    public void synchronize() {
        refuseWhileAnyoneCaptures("waiting for the device");
        makeCurrent();
        check(JCudaDriver.cuCtxSynchronize(), "cuCtxSynchronize");
    }

    /**
     * Records what the work enqueues on the main stream instead of running it. The work must not allocate, copy from or to the
     * heap, nor wait for the device: run it once before, so that workspace, modules and handles exist.
     *
     * @throws IllegalStateException when the work does so, or when a capture is under way already
     */
    public CapturedGraph capture(Runnable work) {
        // Nobody is in the middle of giving memory back, which would be recorded.
        synchronized (memory) {
            if (capturing != null) {
                throw new IllegalStateException("a capture is under way on this context; captures cannot be nested");
            }
            capturing = Thread.currentThread();
        }
        try {
            CapturedGraph graph = CapturedGraph.capture(this, work);
            synchronized (this) {
                openGraphs++;
            }
            return graph;
        } finally {
            capturing = null;
        }
    }

    // --- memory -----------------------------------------------------------------------------------------------------------

    /** Memory with arbitrary contents; the caller closes it. */
    public DeviceMemory allocate(long bytes, String what) {
        return new DeviceMemory(this, memory, memory.allocate(bytes, what));
    }

    /** A tensor of zeros; the caller closes it. */
    public DeviceTensor newTensor(DataType type, TensorShape shape) {
        return newTensor(type, Layout.NCHW, shape);
    }

    /** The same in a layout. */
    public DeviceTensor newTensor(DataType type, Layout layout, TensorShape shape) {
        return DeviceTensor.zeros(this, null, type, layout, shape);
    }

    /** A tensor with the values of one on the heap; the caller closes it. */
    public DeviceTensor upload(HostTensor values) {
        return DeviceTensor.copyOf(this, null, values);
    }

    /** A scope: what is made in it is closed with it. */
    public DeviceScope newScope() {
        return new DeviceScope(this);
    }

    /** Page-locked host memory for asynchronous copies; closed by the caller, or with the context. */
    public PinnedBuffer newPinnedBuffer(long bytes) {
        return new PinnedBuffer(this, bytes);
    }

    /**
     * The address of at least that many bytes of scratch memory, 0 for none. The memory is shared by everything that is enqueued
     * on the main stream; it is valid until the next call that asks for more.
     *
     * @throws IllegalArgumentException beyond the limit that the context was opened with
     */
    public long workspace(long bytes) {
        return workspace.atLeast(bytes, openGraphs > 0);
    }

    /** Gives the workspace back; the next one has exactly the size that is asked for. */
    public void releaseWorkspace() {
        workspace.release(openGraphs > 0);
    }

    /** The present size of the workspace. */
    public long workspaceBytes() {
        return workspace.bytes();
    }

    /** The memory in use, the oldest first. */
    public List<Allocation> liveAllocations() {
        return memory.liveAllocations();
    }

    /** Bytes in use, as asked for. */
    public long liveBytes() {
        return memory.liveBytes();
    }

    /** Gives memory that was freed and kept for later allocations back to the driver. */
    public void releaseKeptMemory() {
        memory.trim();
    }

    /** The same for all contexts of this device, waiting for what they have enqueued; whether there was any. */
    boolean releaseKeptMemoryOfDevice() {
        boolean any = false;
        for (DeviceContext context : openOnDevice()) {
            any |= context.memory.giveBack();
        }
        return any;
    }

    /** What the other contexts of this device have of its memory and what is kept by them all, as the rest of a sentence. */
    String memoryElsewhere() {
        long others = 0;
        long kept = 0;
        for (DeviceContext context : openOnDevice()) {
            others += context == this ? 0 : context.memory.liveBytes();
            kept += context.memory.keptBytes();
        }
        return (others == 0 ? "" : ", " + Sizes.text(others) + " by other contexts of this program")
                + (kept == 0 ? "" : ", " + Sizes.text(kept) + " kept for later allocations, which releaseKeptMemory() gives back");
    }

    private List<DeviceContext> openOnDevice() {
        synchronized (OPEN) {
            return OPEN.stream().filter(context -> context.info.ordinal() == info.ordinal()).toList();
        }
    }

    /** Sets bytes on the device, in the order of the main stream. */
    void fill(long address, int value, long bytes) {
        if (bytes == 0) {
            return;
        }
        makeCurrentToEnqueue();
        synchronized (targetPointer) {
            check(JCudaDriver.cuMemsetD8Async(targetPointer.pointTo(address), (byte) value, bytes, stream.handle()),
                    "cuMemsetD8Async");
        }
    }

    /** Copies between two addresses on the device, in the order of the main stream. */
    public void copy(long from, long to, long bytes) {
        if (bytes == 0) {
            return;
        }
        makeCurrentToEnqueue();
        synchronized (targetPointer) {
            check(JCudaDriver.cuMemcpyDtoDAsync(targetPointer.pointTo(to), sourcePointer.pointTo(from), bytes, stream.handle()),
                    "cuMemcpyDtoDAsync");
        }
    }

    HostStaging staging() {
        return staging;
    }

    // --- kernels and libraries --------------------------------------------------------------------------------------------

    /** The kernels of a family ({@code <family>_sm75.ptx} and its like), loaded when first asked for. */
    public KernelModule module(String family) {
        synchronized (modules) {
            KernelModule module = modules.get(family);
            if (module == null) {
                module = KernelModule.load(this, PtxImage.ofFamily(family));
                modules.put(family, module);
            }
            return module;
        }
    }

    /** Kernels from PTX text; unloaded with the context. */
    public KernelModule loadModule(String name, String ptx) {
        return KernelModule.load(this, List.of(new PtxImage(name, 0, ptx)));
    }

    /** The cuBLAS handle on the main stream, made when first asked for. */
    public CublasHandle cublas() {
        synchronized (modules) {
            if (cublas == null) {
                cublas = new CublasHandle(this);
            }
            return cublas;
        }
    }

    // --- the end ----------------------------------------------------------------------------------------------------------

    public boolean isOpen() {
        return open;
    }

    /**
     * Waits for the device and frees everything. Tensors that are still in use are reported and lose their memory. Does nothing
     * the second time.
     */
    @Override
    public void close() {
        synchronized (this) {
            if (!open) {
                return;
            }
            open = false;
        }
        OPEN.remove(this);
        makeCurrentForFreeing();
        warn(JCudaDriver.cuCtxSynchronize(), "cuCtxSynchronize");
        freeOwned();
        JCudaDriver.cuCtxSetCurrent(new CUcontext());
        warn(JCudaDriver.cuDevicePrimaryCtxRelease(device), "cuDevicePrimaryCtxRelease");
    }

    /** Users of the main stream before the stream itself, which is the first of the owned. */
    private void freeOwned() {
        if (cublas != null) {
            cublas.close();
        }
        reportLeaks();
        memory.close();
        List<AutoCloseable> remaining;
        synchronized (owned) {
            remaining = new ArrayList<>(owned);
        }
        for (int i = remaining.size() - 1; i >= 0; i--) {
            closeQuietly(remaining.get(i));
        }
    }

    private void reportLeaks() {
        List<Allocation> leaked = new ArrayList<>(memory.liveAllocations());
        leaked.removeIf(allocation -> allocation.what().equals(Workspace.NAME));
        if (!leaked.isEmpty()) {
            LOG.warn("Closing {} with {} allocations in use; the first: {}", info, leaked.size(), leaked.get(0));
        }
    }

    private static void closeQuietly(AutoCloseable resource) {
        try {
            resource.close();
        } catch (Exception e) {
            LOG.warn("Closing a device resource failed", e);
        }
    }

    // --- for the other classes of the package -----------------------------------------------------------------------------

    /** Makes the context current for the calling thread, or says why it cannot be used any more. */
    public void makeCurrent() {
        if (!open) {
            throw new IllegalStateException("the device context is closed");
        }
        DeviceException earlier = lost;
        if (earlier != null) {
            throw new DeviceException(earlier.call(), earlier.errorName(),
                    "this earlier error lost the device context; close it and open a new one");
        }
        check(JCudaDriver.cuCtxSetCurrent(primary), "cuCtxSetCurrent");
    }

    /** The same for what is enqueued on the main stream: the graph that another thread captures would swallow it. */
    public void makeCurrentToEnqueue() {
        makeCurrent();
        refuseWhileOthersCapture("enqueueing work on the main stream");
    }

    /** The same for any stream. */
    void makeCurrentToEnqueue(DeviceStream on) {
        if (on == stream) {
            makeCurrentToEnqueue();
        } else {
            makeCurrent();
        }
    }

    /** {@link #makeCurrent} on the way out, when nobody could act on a failure; what is to be freed may be freed all the same. */
    void makeCurrentForFreeing() {
        warn(JCudaDriver.cuCtxSetCurrent(primary), "cuCtxSetCurrent");
    }

    boolean isLost() {
        return lost != null;
    }

    /**
     * The failure of a library's call. After a kernel has failed every call of a library fails too; the kernel's error then is the
     * one to tell.
     *
     * @param errorName the library's name for the error
     * @param asked     what the call was asked for
     */
    public DeviceException libraryFailure(String call, String errorName, String asked) {
        int pending = isCapturing() ? CUresult.CUDA_SUCCESS : JCudaDriver.cuStreamQuery(stream.handle());
        boolean healthy = pending == CUresult.CUDA_SUCCESS || pending == CUresult.CUDA_ERROR_NOT_READY;
        return healthy ? new DeviceException(call, errorName, asked + "; " + info) : failure(pending, call, asked);
    }

    boolean isCapturing() {
        return capturing == Thread.currentThread();
    }

    /** Whether any thread captures work of this context. */
    boolean isCaptured() {
        return capturing != null;
    }

    /** Throws when a capture is under way on this thread, which the thing that is named would spoil. */
    public void refuseWhileCapturing(String what) {
        if (isCapturing()) {
            throw new IllegalStateException(what + " is not possible while work is captured; run the work once before capturing it");
        }
    }

    /** Throws when a capture is under way on another thread, which the thing that is named would spoil or become part of. */
    void refuseWhileOthersCapture(String what) {
        Thread other = capturing;
        if (other != null && other != Thread.currentThread()) {
            throw new IllegalStateException(what + " is not possible while thread '" + other.getName()
                    + "' captures work of this context; let the threads take turns");
        }
    }

    /** Both. */
    void refuseWhileAnyoneCaptures(String what) {
        refuseWhileCapturing(what);
        refuseWhileOthersCapture(what);
    }

    /** Nothing for success, otherwise the exception. */
    void check(int result, String call) {
        if (result != CUresult.CUDA_SUCCESS) {
            throw failure(result, call, null);
        }
    }

    /** @param asked what the call was asked for, or null */
    DeviceException failure(int result, String call, String asked) {
        DeviceException failure = CudaCall.failure(result, call, asked == null ? info.toString() : asked + "; " + info);
        if (failure.contextLost()) {
            lost = failure;
        }
        return failure;
    }

    /** For calls that free something: a failure is only logged, and not at all once the context is lost. True for success. */
    boolean warn(int result, String call) {
        if (result == CUresult.CUDA_SUCCESS) {
            return true;
        }
        if (!isLost()) {
            LOG.warn("{}", failure(result, call, null).getMessage());
        }
        return false;
    }

    /** Remembers something that must be freed before the context is. */
    void own(AutoCloseable resource) {
        synchronized (owned) {
            owned.add(resource);
        }
    }

    /** Forgets it and makes the context current to free it; false when it is not owned any more, so that it is freed once. */
    boolean disown(AutoCloseable resource) {
        boolean first;
        synchronized (owned) {
            first = owned.remove(resource);
        }
        if (first) {
            makeCurrentForFreeing();
        }
        return first;
    }

    void graphClosed() {
        boolean none;
        synchronized (this) {
            openGraphs--;
            none = openGraphs == 0;
        }
        if (none) {
            workspace.releaseOutgrown();
        }
    }
}
