/**
 * Convolutions on an NVIDIA GPU by cuDNN 8 or 9, behind the same contract as JConv's own: {@link io.github.jconv.cudnn.CudnnBackend}.
 *
 * <p>A problem becomes a {@code CudnnShape}, cuDNN's view of it; a plan knows which copies it takes ({@code CudnnPlan}), {@code Operands}
 * makes them, and {@code CudnnHandle} is the only one that calls the library with data. Once a request has been run, running it again
 * allocates nothing and does not wait, so it can be captured in a CUDA graph. Results are the same bits in every run, unless algorithms
 * that vary were asked for.
 */
package io.github.jconv.cudnn;
