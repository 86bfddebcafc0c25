package io.github.jconv.cli;

import io.github.jconv.algorithm.AlgorithmChooser;
import picocli.CommandLine.Option;

/** Whether only algorithms that multiply what the definition multiplies are used. */
final class StrictOption {

    @Option(names = "--strict", description = "Leave out algorithms whose products are not those of the definition (Winograd, Fourier,"
            + " TF32) and whose results may therefore be further off.")
    private boolean asked = Boolean.getBoolean("jconv.strict");

    boolean isAsked() {
        return asked;
    }

    /** A choice from what is left. */
    AlgorithmChooser applied(AlgorithmChooser chooser) {
        return asked ? AlgorithmChooser.strict(chooser) : chooser;
    }

    /** An algorithm by name, refused where it would have to be left out. */
    AlgorithmChooser fixed(String name) {
        AlgorithmChooser fixed = AlgorithmChooser.fixed(name);
        return asked ? AlgorithmChooser.refusedUnlessStrict(fixed) : fixed;
    }
}
