package io.github.jconv.cpu;

import io.github.jconv.cpu.MatrixView.Of;
import io.github.jconv.cpu.simd.FourierTransforms;

/** Which signals of a chunk are side by side in a transform: for each lane where its channel lies, and in which tile it is. */
final class FourierLanes {

    int count;
    /** Elements of the tensor in front of the channel. */
    final int[] channel = new int[FourierTransforms.LANES];
    final int[] tileDepth = new int[FourierTransforms.LANES];
    final int[] tileHeight = new int[FourierTransforms.LANES];
    final int[] tileWidth = new int[FourierTransforms.LANES];

    /** Signals from {@code first} on, in the order of {@link FourierPlan}'s rows. */
    void set(FourierPlan plan, Of of, int chunk, int first) {
        int signals = plan.signals(of, chunk);
        int channels = plan.channels(of);
        int blocks = plan.blocks(of, chunk);
        int groups = plan.groups(of, chunk);
        int size = plan.axes[0].size(of) * plan.axes[1].size(of) * plan.axes[2].size(of);
        count = Math.min(FourierTransforms.LANES, signals - first);
        for (int lane = 0; lane < count; lane++) {
            int signal = first + lane;
            int group = plan.groupsSideBySide ? signal % groups : signal / blocks / channels;
            int within = plan.groupsSideBySide ? signal / groups : signal % (blocks * channels);
            int c = plan.channelsSideBySide(of) ? within % channels : within / blocks;
            int block = plan.firstBlock(of, chunk) + (plan.channelsSideBySide(of) ? within / channels : within % blocks);
            int image = block / plan.tiles;
            int tile = block % plan.tiles;
            channel[lane] = ((image * plan.groups + plan.firstGroup(of, chunk) + group) * channels + c) * size;
            tileWidth[lane] = tile % plan.axes[2].tiles;
            tileHeight[lane] = tile / plan.axes[2].tiles % plan.axes[1].tiles;
            tileDepth[lane] = tile / plan.axes[2].tiles / plan.axes[1].tiles;
        }
    }
}
