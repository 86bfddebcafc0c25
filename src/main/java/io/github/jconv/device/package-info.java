/**
 * The only owner of CUDA resources: native libraries, devices, contexts, streams, memory, kernels and the cuBLAS handle.
 * Holds as well what every backend on a device does alike ({@link io.github.jconv.device.DeviceBackend}).
 *
 * <p>Everything goes through the CUDA driver API as JCuda binds it; the CUDA runtime is not used. On a host without a GPU the
 * classes {@link io.github.jconv.device.NativeLibraries}, {@link io.github.jconv.device.DevicePolicy} and
 * {@link io.github.jconv.device.Doctor} work and load no class of JCuda; every other class of this package is met only after
 * {@code NativeLibraries} has found and loaded what it needs.
 *
 * <p>Device addresses are plain {@code long}s here, so that work that is repeated allocates no Java object.
 */
package io.github.jconv.device;
