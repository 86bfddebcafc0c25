package io.github.jconv.device;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import jcuda.Pointer;
import jcuda.driver.CUfunction;
import jcuda.driver.CUjit_option;
import jcuda.driver.CUmodule;
import jcuda.driver.CUresult;
import jcuda.driver.JCudaDriver;
import jcuda.driver.JITOptions;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The kernels of one PTX file, compiled for the device by its driver when loaded. Of a family's files the one with the highest
 * target that the device has is taken; when the driver refuses it, the next lower one, and the compiler's log is kept.
 */
public final class KernelModule {

    private static final Logger LOG = LoggerFactory.getLogger(KernelModule.class);
    private static final int LOG_BYTES = 16 << 10;

    private final DeviceContext context;
    private final String name;
    private final CUmodule module;
    private final Map<String, List<PtxSignatures.Parameter>> signatures;
    private final Map<String, Kernel> kernels = new HashMap<>();

    private KernelModule(DeviceContext context, PtxImage image, CUmodule module) {
        this.context = context;
        this.name = image.name();
        this.module = module;
        this.signatures = PtxSignatures.of(image.text());
    }

    /** @param images the highest target first */
    static KernelModule load(DeviceContext context, List<PtxImage> images) {
        context.refuseWhileCapturing("loading kernels");
        context.makeCurrent();
        DeviceException first = null;
        for (PtxImage image : images) {
            if (image.target() > context.info().computeCapability()) {
                continue;
            }
            try {
                return load(context, image);
            } catch (DeviceException e) {
                LOG.warn("The driver refused {}: {}", image.name(), e.getMessage());
                first = first == null ? e : first;
                if (e.contextLost()) {
                    break;
                }
            }
        }
        throw first != null ? first : new DeviceException("cuModuleLoadDataEx", "CUDA_ERROR_NO_BINARY_FOR_GPU", context.info()
                + " has none of the targets of " + images.stream().map(PtxImage::name).toList());
    }

    private static KernelModule load(DeviceContext context, PtxImage image) {
        JITOptions options = new JITOptions();
        options.putBytes(CUjit_option.CU_JIT_ERROR_LOG_BUFFER, new byte[LOG_BYTES]);
        options.putInt(CUjit_option.CU_JIT_ERROR_LOG_BUFFER_SIZE_BYTES, LOG_BYTES);
        CUmodule module = new CUmodule();
        byte[] zeroTerminated = (image.text() + '\0').getBytes(StandardCharsets.UTF_8);
        // Outside of the heap: an array would be held fast there, and with it the garbage collector, for the seconds of a compilation.
        ByteBuffer text = ByteBuffer.allocateDirect(zeroTerminated.length).put(zeroTerminated).flip();
        int result = JCudaDriver.cuModuleLoadDataJIT(module, Pointer.to(text), options);
        if (result == CUresult.CUDA_ERROR_OUT_OF_MEMORY && context.releaseKeptMemoryOfDevice()) {
            result = JCudaDriver.cuModuleLoadDataJIT(module, Pointer.to(text), options);
        }
        if (result != CUresult.CUDA_SUCCESS) {
            String log = options.getString(CUjit_option.CU_JIT_ERROR_LOG_BUFFER);
            throw context.failure(result, "cuModuleLoadDataEx", image.name()
                    + (log == null || log.isBlank() ? "" : ", compiler log: " + log.strip()));
        }
        LOG.debug("{} loaded on {}", image.name(), context.info());
        KernelModule loaded = new KernelModule(context, image, module);
        context.own(loaded.unloading());
        return loaded;
    }

    /** The kernel of that name, with the signature that the PTX states. */
    public synchronized Kernel kernel(String kernelName) {
        Kernel kernel = kernels.get(kernelName);
        if (kernel == null) {
            List<PtxSignatures.Parameter> signature = signatures.get(kernelName);
            if (signature == null) {
                throw new IllegalArgumentException("kernel '" + kernelName + "' is not in " + name + "; it has "
                        + signatures.keySet().stream().sorted().toList());
            }
            CUfunction function = new CUfunction();
            context.makeCurrent();
            context.check(JCudaDriver.cuModuleGetFunction(function, module, kernelName), "cuModuleGetFunction");
            kernel = new Kernel(context, kernelName, function, signature);
            kernels.put(kernelName, kernel);
        }
        return kernel;
    }

    /** The file that was loaded, as {@code im2col_sm75.ptx}. */
    public String name() {
        return name;
    }

    private AutoCloseable unloading() {
        return () -> context.warn(JCudaDriver.cuModuleUnload(module), "cuModuleUnload");
    }
}
