package io.github.jconv.device;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.github.jconv.tensor.DataType;
import io.github.jconv.tensor.HostTensor;
import io.github.jconv.tensor.TensorShape;
import io.github.jconv.testing.EmulatedDevice;
import jcuda.Pointer;
import jcuda.jcublas.JCublas2;
import jcuda.jcublas.cublasHandle;
import jcuda.jcublas.cublasOperation;
import jcuda.jcublas.cublasStatus;
import jcuda.jcudnn.JCudnn;
import jcuda.jcudnn.cudnnHandle;
import jcuda.runtime.cudaStream_t;
import org.junit.jupiter.api.Test;

/** That the emulated cuBLAS and cuDNN refuse in a recording what theirs cannot do there. */
class CublasInGraphsTest extends OnEmulatedDevice {

    private static final int WORKSPACE_BYTES = 4096;

    /** C = A for a single element, on a handle of its own. */
    private static int product(cublasHandle handle, DeviceTensor a, DeviceTensor c) {
        Pointer one = Pointer.to(new float[] {1});
        Pointer zero = Pointer.to(new float[] {0});
        Pointer from = new DevicePointer(a.address());
        return JCublas2.cublasSgemm(handle, cublasOperation.CUBLAS_OP_N, cublasOperation.CUBLAS_OP_N, 1, 1, 1, one, from, 1, from, 1, zero,
                new DevicePointer(c.address()), 1);
    }

    @Test
    void aProductIsRecordedOnlyWithAWorkspaceGivenAfterTheStream() {
        try (DeviceContext context = EmulatedDevice.open(); DeviceScope scope = context.newScope();
                DeviceMemory workspace = context.allocate(WORKSPACE_BYTES, "workspace of a test")) {
            DeviceTensor a = scope.upload(HostTensor.of(TensorShape.of(1), 1f));
            DeviceTensor c = scope.newTensor(DataType.FLOAT32, TensorShape.of(1));
            cudaStream_t stream = new cudaStream_t(context.stream().handle());
            Pointer given = new DevicePointer(workspace.address());
            cublasHandle handle = new cublasHandle();
            context.makeCurrent();
            assertEquals(cublasStatus.CUBLAS_STATUS_SUCCESS, JCublas2.cublasCreate(handle));
            assertEquals(cublasStatus.CUBLAS_STATUS_SUCCESS, JCublas2.cublasSetStream(handle, stream));
            assertEquals(cublasStatus.CUBLAS_STATUS_SUCCESS, product(handle, a, c), "outside of a recording");
            assertThrows(DeviceException.class, () -> context.capture(() -> product(handle, a, c)));

            assertEquals(cublasStatus.CUBLAS_STATUS_INVALID_VALUE, JCublas2.cublasSetWorkspace(handle,
                    new DevicePointer(workspace.address() + Float.BYTES), WORKSPACE_BYTES / 2), "alignment");
            assertEquals(cublasStatus.CUBLAS_STATUS_SUCCESS, JCublas2.cublasSetWorkspace(handle, given, WORKSPACE_BYTES));
            c.fillZero();
            try (CapturedGraph graph = context.capture(() -> product(handle, a, c))) {
                graph.run();
                assertArrayEquals(new float[] {1}, c.toHost().floats());
            }

            assertEquals(cublasStatus.CUBLAS_STATUS_SUCCESS, JCublas2.cublasSetStream(handle, stream), "which takes the workspace away");
            assertThrows(DeviceException.class, () -> context.capture(() -> product(handle, a, c)));
            JCublas2.cublasDestroy(handle);
        }
    }

    @Test
    void handlesAreNotMadeInARecording() {
        NativeLibraries.loadCudnn(LibrarySource.EMULATED);
        try (DeviceContext context = EmulatedDevice.open()) {
            assertThrows(DeviceException.class, () -> context.capture(
                    () -> assertNotEquals(cublasStatus.CUBLAS_STATUS_SUCCESS, JCublas2.cublasCreate(new cublasHandle()))));
            assertThrows(DeviceException.class, () -> context.capture(() -> assertNotEquals(0, JCudnn.cudnnCreate(new cudnnHandle()))));
        }
    }
}
