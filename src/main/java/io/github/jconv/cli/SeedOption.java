package io.github.jconv.cli;

import io.github.jconv.check.CrossCheck;
import picocli.CommandLine.Option;

/** The seed of what a command makes up. */
final class SeedOption {

    @Option(names = "--seed", paramLabel = "N",
            description = "Seed of the data, and of random problems; " + CrossCheck.DEFAULT_SEED + " unless given.")
    private Long seed;

    boolean isGiven() {
        return seed != null;
    }

    /** The seed given, or else what the lines of files say, if they do. */
    long seed(ScopedSelection selected) {
        return seed != null ? seed : selected.seed().orElse(CrossCheck.DEFAULT_SEED);
    }
}
