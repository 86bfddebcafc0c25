package io.github.jconv.cli;

import io.github.jconv.ConvEngine;
import io.github.jconv.algorithm.AlgorithmChooser;
import io.github.jconv.algorithm.Autotuner;
import io.github.jconv.algorithm.Backend;
import io.github.jconv.algorithm.TunedChoices;
import picocli.CommandLine.Option;

/** Whether algorithms are chosen by measuring; {@code check} then checks what would be chosen, too. */
final class AutotuneOption {

    @Option(names = "--autotune", description = "Choose algorithms by measuring them on each problem; what was measured is kept in the"
            + " user's cache folder for the next time.")
    private boolean asked;

    boolean isAsked() {
        return asked;
    }

    /** How an engine on this backend chooses. */
    AlgorithmChooser chooser(Backend backend, StrictOption strict) {
        return strict.applied(asked ? new Autotuner(backend, TunedChoices.inFile(ConvEngine.tunedChoices())) : backend.usualChooser());
    }

    /** An engine on a backend by name, or for null where the device in question is. */
    ConvEngine open(String backend, int threads, StrictOption strict) {
        ConvEngine.Builder builder = ConvEngine.builder().threads(threads);
        if (backend != null) {
            builder.backend(backend);
        }
        if (strict.isAsked()) {
            builder.strictAccuracy();
        }
        return (asked ? builder.autotune() : builder).open();
    }
}
