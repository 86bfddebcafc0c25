package io.github.jconv.cli;

import org.bytedeco.pytorch.global.torch;
import picocli.CommandLine.Option;

/** Whether PyTorch may use oneDNN, which on some processors computes convolutions wrong. */
final class OneDnnOption {

    @Option(names = "--without-onednn",
            description = "PyTorch computes without oneDNN: slower, but right on processors on which oneDNN is wrong.")
    private boolean without;

    /** Tells PyTorch, for the rest of the process. */
    void apply() {
        torch.globalContext().setUserEnabledMkldnn(!without);
        // What it would try next; where that is missing, it says so in every call, which takes time.
        torch.globalContext().setUserEnabledNNPACK(!without);
    }
}
