package io.github.jconv.device;

import java.util.List;

/**
 * The functions that JConv calls in NVIDIA's libraries, by the names that the libraries export. They are looked for before a
 * library is loaded, because a function that is missing later would end the JVM. Every one of them has the same C signature in
 * all versions of its library that JConv accepts.
 */
final class NativeFunctions {

    static final List<String> DRIVER = List.of(
            "cuCtxSetCurrent", "cuCtxSynchronize",
            "cuDeviceGet", "cuDeviceGetAttribute", "cuDeviceGetCount", "cuDeviceGetName", "cuDevicePrimaryCtxRelease_v2",
            "cuDevicePrimaryCtxRetain", "cuDeviceTotalMem_v2", "cuDriverGetVersion",
            "cuEventCreate", "cuEventDestroy_v2", "cuEventElapsedTime", "cuEventQuery", "cuEventRecord", "cuEventSynchronize",
            "cuFuncGetAttribute", "cuFuncSetAttribute",
            "cuGetErrorName", "cuGetErrorString",
            "cuGraphDestroy", "cuGraphExecDestroy", "cuGraphInstantiateWithFlags", "cuGraphLaunch",
            "cuInit", "cuLaunchKernel",
            "cuMemAlloc_v2", "cuMemAllocAsync", "cuMemFree_v2", "cuMemFreeAsync", "cuMemFreeHost", "cuMemHostAlloc",
            "cuMemcpyDtoDAsync_v2", "cuMemcpyDtoHAsync_v2", "cuMemcpyHtoDAsync_v2", "cuMemsetD8Async",
            "cuModuleGetFunction", "cuModuleLoadDataEx", "cuModuleUnload",
            "cuOccupancyMaxActiveBlocksPerMultiprocessor",
            "cuStreamBeginCapture_v2", "cuStreamCreate", "cuStreamDestroy_v2", "cuStreamEndCapture", "cuStreamQuery",
            "cuStreamSynchronize", "cuStreamWaitEvent");

    static final List<String> CUBLAS = List.of(
            "cublasCreate_v2", "cublasDestroy_v2", "cublasGemmEx", "cublasGemmStridedBatchedEx", "cublasGetPointerMode_v2",
            "cublasGetVersion_v2", "cublasSetAtomicsMode", "cublasSetMathMode", "cublasSetPointerMode_v2", "cublasSetStream_v2",
            "cublasSetWorkspace_v2", "cublasSgemm_v2", "cublasSgemmStridedBatched");

    /** Called only for sizes beyond 2^31, and only with cuBLAS 12 or newer. */
    static final List<String> CUBLAS_64 = List.of("cublasGemmEx_64", "cublasGemmStridedBatchedEx_64", "cublasSgemm_v2_64",
            "cublasSgemmStridedBatched_64");

    static final List<String> CUDNN = List.of(
            "cudnnActivationForward", "cudnnAddTensor",
            "cudnnConvolutionBackwardBias", "cudnnConvolutionBackwardData", "cudnnConvolutionBackwardFilter",
            "cudnnConvolutionBiasActivationForward", "cudnnConvolutionForward",
            "cudnnCreate", "cudnnCreateActivationDescriptor", "cudnnCreateConvolutionDescriptor", "cudnnCreateFilterDescriptor", "cudnnCreateTensorDescriptor",
            "cudnnDestroy", "cudnnDestroyActivationDescriptor", "cudnnDestroyConvolutionDescriptor", "cudnnDestroyFilterDescriptor", "cudnnDestroyTensorDescriptor",
            "cudnnGetConvolutionBackwardDataAlgorithm_v7", "cudnnGetConvolutionBackwardDataWorkspaceSize",
            "cudnnGetConvolutionBackwardFilterAlgorithm_v7", "cudnnGetConvolutionBackwardFilterWorkspaceSize",
            "cudnnGetConvolutionForwardAlgorithm_v7", "cudnnGetConvolutionForwardWorkspaceSize",
            "cudnnGetErrorString", "cudnnGetVersion",
            "cudnnSetActivationDescriptor", "cudnnSetConvolutionGroupCount", "cudnnSetConvolutionMathType", "cudnnSetConvolutionNdDescriptor",
            "cudnnSetFilterNdDescriptor", "cudnnSetStream", "cudnnSetTensorNdDescriptorEx");

    private NativeFunctions() {
    }
}
