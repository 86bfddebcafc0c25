package io.github.jconv.cpu.simd;

/** The families of vector kernels that a provider is made of, each in a class of its own, all in one width. */
record VectorParts(ShiftedTiles shiftedTiles, TapTiles tapTiles, InterleavedTiles interleavedTiles, PanelTiles panelTiles,
                   PanelTiles rowTiles, PackedTiles packedTiles, Transposes transposes, WinogradTransforms winograd, ElementwiseLoops elementwise,
                   DoubleSums doubleSums, RowCorrelator rowCorrelator, FourierTransforms fourier, ChannelLoops channelLoops,
                   DepthwiseLoops depthwiseLoops) {
}
