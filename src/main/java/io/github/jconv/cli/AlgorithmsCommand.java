package io.github.jconv.cli;

import io.github.jconv.ConvEngine;
import io.github.jconv.DenyLists;
import io.github.jconv.algorithm.Backend;
import io.github.jconv.algorithm.ConvAlgorithm;
import io.github.jconv.algorithm.ConvPlan;
import io.github.jconv.algorithm.ConvRequest;
import io.github.jconv.algorithm.FilterForm;
import io.github.jconv.algorithm.FilterUse;
import io.github.jconv.algorithm.Support;
import io.github.jconv.algorithm.UnsupportedRequestException;
import io.github.jconv.explain.Units;
import io.github.jconv.problem.ConvOperation;
import io.github.jconv.problem.ConvProblem;
import io.github.jconv.problem.ProblemNotation;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Every algorithm of every backend for every operation of a problem: yes or why not, workspace, and which one is chosen. */
@Command(name = "algorithms", mixinStandardHelpOptions = true, versionProvider = JConv.Version.class,
        abbreviateSynopsis = true, sortOptions = false,
        description = {"Lists every algorithm for a problem, and which one is chosen.",
            "For every backend of this host and every operation: can it compute the operation or why not, the scratch memory it"
                + " needs, and why it is chosen or not.", ""},
        footer = {"", "Example:",
            "  jconv algorithms n1c64h56w56k192r3s3_ph1pw1"})
final class AlgorithmsCommand implements Callable<Integer> {

    private final Console console;

    @Parameters(paramLabel = "LINE", description = "The problem, such as n2c6h7w9k4r3s2_sh2sw1_ph1:0_g2.")
    private String line;

    @Option(names = "--deconv", description = "A line that does not say it itself describes a transposed convolution.")
    private boolean deconv;

    @Mixin
    private ThreadsOption threads;

    @Mixin
    private StrictOption strict;

    @Mixin
    private FiltersOption filters;

    @Mixin
    private final BackendsOption backends;

    AlgorithmsCommand(Console console, BackendsOption.Source source) {
        this.console = console;
        this.backends = new BackendsOption(source);
    }

    @Override
    public Integer call() {
        ConvProblem problem = ProblemNotation.readOne(line, deconv).problem();
        console.out().println(problem);
        console.out().println("x " + problem.xShape() + "  w " + problem.wShape() + "  y " + problem.yShape() + "  "
                + Units.flops(problem.flops()) + " per operation");
        for (Backend backend : backends.open(threads.threads())) {
            try (backend) {
                console.out().println();
                console.out().println("backend " + backend.name() + ": " + backend.description());
                for (ConvOperation operation : ConvOperation.values()) {
                    console.out().println();
                    table(backend, filters.applied(ConvRequest.fp32(problem, operation))).print(console.out());
                }
            }
        }
        return 0;
    }

    private TextTable table(Backend backend, ConvRequest request) {
        TextTable table = new TextTable().left(request.operation().text()).left("can").right("workspace");
        if (filters.areConstant()) {
            table.right("kept");
        }
        table.left("");
        ConvPlan chosen = chosen(backend, request);
        for (ConvAlgorithm algorithm : backend.algorithms()) {
            Support support = algorithm.supports(request);
            List<Object> row = new ArrayList<>(List.of(algorithm.name(), support.yes() ? "yes" : "no",
                    support.yes() ? Units.bytes(algorithm.workspaceBytes(request)) : ""));
            if (filters.areConstant()) {
                row.add(support.yes() ? kept(algorithm, request) : "");
            }
            row.add(note(algorithm, request, chosen));
            table.row(row.toArray());
        }
        return table;
    }

    private static String kept(ConvAlgorithm algorithm, ConvRequest request) {
        FilterForm form = algorithm.filterForm(request);
        return form == null || request.filters() == FilterUse.CHANGING ? "" : Units.bytes(form.bytes());
    }

    private ConvPlan chosen(Backend backend, ConvRequest request) {
        try {
            return strict.applied(DenyLists.usualChooser(backend)).choose(request, backend.name(), backend.algorithms(),
                    ConvEngine.DEFAULT_WORKSPACE_LIMIT);
        } catch (UnsupportedRequestException none) {
            return null;
        }
    }

    private static String note(ConvAlgorithm algorithm, ConvRequest request, ConvPlan chosen) {
        if (chosen != null && chosen.algorithm() == algorithm) {
            return "<- chosen: " + chosen.reason()
                    + (chosen.conversions().isEmpty() ? "" : ", through " + String.join(" and ", chosen.conversions()));
        }
        if (!algorithm.supports(request).yes()) {
            return algorithm.supports(request).reason();
        }
        if (chosen == null) {
            return "";
        }
        return chosen.passedOver().stream().filter(p -> p.algorithm().equals(algorithm.name())).findFirst()
                .map(p -> "not chosen: " + p.because()).orElse("not needed: stands behind the chosen one");
    }
}
