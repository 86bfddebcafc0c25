package io.github.jconv.emulated;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.jconv.device.LibrarySource;
import io.github.jconv.device.NativeLibraries;
import io.github.jconv.testing.EmulatedDevice;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import jcuda.NativePointerObject;
import jcuda.Pointer;
import jcuda.Sizeof;
import jcuda.driver.CUcontext;
import jcuda.driver.CUdevice;
import jcuda.driver.CUdeviceptr;
import jcuda.driver.CUfunction;
import jcuda.driver.CUmodule;
import jcuda.driver.CUresult;
import jcuda.driver.CUstream;
import jcuda.driver.CUstream_flags;
import jcuda.driver.JCudaDriver;

/**
 * A context of its own on the emulated device, used through JCuda alone: what these tests break stays in it. Closing it gives
 * everything back and undoes every command.
 */
final class DriverSession implements AutoCloseable {

    private final CUcontext context = new CUcontext();

    DriverSession() {
        this(0);
    }

    DriverSession(int ordinal) {
        EmulatedDevice.build();
        NativeLibraries.load(LibrarySource.EMULATED);
        JCudaDriver.setExceptionsEnabled(false);
        check(JCudaDriver.cuInit(0));
        CUdevice device = new CUdevice();
        check(JCudaDriver.cuDeviceGet(device, ordinal));
        check(JCudaDriver.cuCtxCreate(context, 0, device));
    }

    @Override
    public void close() {
        EmulatedDevice.command("reset");
        check(JCudaDriver.cuCtxDestroy(context));
    }

    void makeCurrent() {
        check(JCudaDriver.cuCtxSetCurrent(context));
    }

    static void check(int result) {
        assertEquals(CUresult.CUDA_SUCCESS, result, () -> CUresult.stringFor(result) + ": " + explain(result));
    }

    /** The driver's text of an error, with the emulated device's reason. */
    static String explain(int result) {
        String[] text = new String[1];
        JCudaDriver.cuGetErrorString(result, text);
        return text[0];
    }

    /** The PTX of a kernel family as the jar has it. */
    static String ptx(String file) {
        try (InputStream in = NativeLibraries.class.getResourceAsStream("/io/github/jconv/kernels/" + file)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    CUfunction kernel(String file, String name) {
        CUmodule module = new CUmodule();
        check(JCudaDriver.cuModuleLoadData(module, ptx(file)));
        CUfunction function = new CUfunction();
        check(JCudaDriver.cuModuleGetFunction(function, module, name));
        return function;
    }

    CUfunction fillKernel() {
        return kernel("elementwise_sm75.ptx", "jconv_fill");
    }

    CUdeviceptr allocate(long bytes) {
        CUdeviceptr address = new CUdeviceptr();
        check(JCudaDriver.cuMemAlloc(address, bytes));
        return address;
    }

    CUdeviceptr upload(float... values) {
        CUdeviceptr address = allocate((long) values.length * Sizeof.FLOAT);
        check(JCudaDriver.cuMemcpyHtoD(address, Pointer.to(values), (long) values.length * Sizeof.FLOAT));
        return address;
    }

    float[] download(CUdeviceptr address, int count) {
        float[] values = new float[count];
        check(JCudaDriver.cuMemcpyDtoH(Pointer.to(values), address, (long) count * Sizeof.FLOAT));
        return values;
    }

    CUdeviceptr upload(short... values) {
        CUdeviceptr address = allocate((long) values.length * Sizeof.SHORT);
        check(JCudaDriver.cuMemcpyHtoD(address, Pointer.to(values), (long) values.length * Sizeof.SHORT));
        return address;
    }

    short[] downloadShorts(CUdeviceptr address, int count) {
        short[] values = new short[count];
        check(JCudaDriver.cuMemcpyDtoH(Pointer.to(values), address, (long) count * Sizeof.SHORT));
        return values;
    }

    /** A stream that does not wait for the legacy default stream. */
    CUstream stream() {
        CUstream stream = new CUstream();
        check(JCudaDriver.cuStreamCreate(stream, CUstream_flags.CU_STREAM_NON_BLOCKING));
        return stream;
    }

    /** jconv_fill on a grid of one block; its result is not checked. */
    int fill(CUfunction fill, CUstream stream, CUdeviceptr y, float value, long count) {
        return launch(fill, stream, 1, 64, 0, Pointer.to(y), Pointer.to(new float[] {value}), Pointer.to(new long[] {count}));
    }

    int launch(CUfunction function, CUstream stream, int blocks, int threads, int sharedBytes, NativePointerObject... arguments) {
        return JCudaDriver.cuLaunchKernel(function, blocks, 1, 1, threads, 1, 1, sharedBytes, stream, Pointer.to(arguments), null);
    }

    static float[] filled(float value, int count) {
        float[] values = new float[count];
        Arrays.fill(values, value);
        return values;
    }
}
