package io.github.jconv.cpu.simd;

import java.util.Locale;

/** Vector kernels that belong together: they are compiled and checked at the same time, when an algorithm first needs one of them. */
public enum KernelFamily {
    /** {@link SimdProvider#gemmTile}. */
    GEMM_TILES("VectorProvider"),
    /** {@link SimdProvider#shiftedTile}. */
    SHIFTED_TILES("VectorShiftedTiles"),
    /** {@link SimdProvider#tapTile}. */
    TAP_TILES("VectorTapTiles"),
    /** {@link SimdProvider#interleavedTile}. */
    INTERLEAVED_TILES("VectorInterleavedTiles"),
    /** {@link SimdProvider#panelTile}. */
    PANEL_TILES("VectorPanelTiles"),
    /** {@link SimdProvider#rowTile}. */
    ROW_TILES("VectorPanelTiles"),
    /** {@link SimdProvider#packedTile}. */
    PACKED_TILES("VectorPackedTiles"),
    /** {@link SimdProvider#transpose}. */
    TRANSPOSES("VectorTransposes"),
    /** {@link SimdProvider#winograd}. */
    WINOGRAD("VectorWinograd"),
    /** {@link SimdProvider#fourier}. */
    FOURIER("VectorFourier"),
    /** {@link SimdProvider#correlate}. */
    CORRELATION("VectorRowCorrelator"),
    /** {@link SimdProvider#addShifted}, {@link SimdProvider#correlateRows} and {@link SimdProvider#dotShifted}. */
    PLANE_SUMS("VectorProvider"),
    /** {@link SimdProvider#channelLoops}. */
    CHANNEL_LOOPS("VectorChannelLoops"),
    /** {@link SimdProvider#depthwiseLoops}. */
    DEPTHWISE_LOOPS("VectorDepthwiseLoops"),
    /** {@link SimdProvider#gatherRows}, {@link SimdProvider#copyShifted}, {@link SimdProvider#copyColumns}, {@link SimdProvider#copyKept}. */
    GATHERED_ROWS("VectorProvider"),
    /** What copies, places, parts, merges and adds rows. */
    ROWS("VectorProvider");

    private final String className;

    KernelFamily(String className) {
        this.className = className;
    }

    /** Simple name of the class that holds the kernels. */
    String className() {
        return className;
    }

    /** As {@code shifted tiles}, for messages. */
    String text() {
        return name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }
}
