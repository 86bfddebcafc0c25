/**
 * Convolutions on an NVIDIA GPU with JConv's own kernels ({@code kernels/} in the source tree) and the matrix products of cuBLAS.
 * One file per algorithm; {@link io.github.jconv.cuda.CudaBackend} lists them. What else a network needs is in {@code CudaOps}, a kernel
 * or two for each operation.
 *
 * <p>Everything is enqueued on the context's main stream. Once a request has been run, running it again allocates nothing and does
 * not wait for the device, so it can be captured in a CUDA graph ({@link io.github.jconv.device.DeviceContext#capture}); tensors
 * on the heap are the exception, as they are copied to the device and back. Results are the same bits in every run.
 */
package io.github.jconv.cuda;
