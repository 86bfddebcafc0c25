package io.github.jconv.cli;

import io.github.jconv.algorithm.ConvRequest;
import picocli.CommandLine.Option;

/** What is said of the filters: whether they may change from call to call. */
final class FiltersOption {

    @Option(names = "--constant-filters", description = "Filters that do not change from call to call, as those of a trained network: what"
            + " algorithms make of them is kept.")
    private boolean constant;

    boolean areConstant() {
        return constant;
    }

    ConvRequest applied(ConvRequest request) {
        return constant ? request.withConstantFilters() : request;
    }
}
