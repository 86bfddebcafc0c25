package io.github.jconv.cli;

import io.github.jconv.algorithm.Backend;
import io.github.jconv.check.BackendSubject;
import io.github.jconv.check.ConvolutionUnderTest;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Which algorithms of which backends are checked. */
final class SubjectsOption {

    @Mixin
    private final BackendsOption backends;

    @Option(names = "--algorithm", paramLabel = "NAME,...", hideParamSyntax = true, split = ",",
            description = "Algorithms by name, direct or cudnn:ALGO_1, of the backends that have them; all unless given.")
    private List<String> algorithms;

    SubjectsOption(BackendsOption.Source source) {
        backends = new BackendsOption(source);
    }

    /** Opens the backends; the caller closes them. */
    List<Backend> open(int threads) {
        return backends.open(threads);
    }

    /** The algorithms of opened backends. */
    List<ConvolutionUnderTest> of(List<Backend> opened) {
        return List.copyOf(algorithms(opened));
    }

    /** The same, perhaps only as far as their arithmetic is strict. */
    List<ConvolutionUnderTest> of(List<Backend> opened, StrictOption strict) {
        return strict.isAsked() ? algorithms(opened).stream().<ConvolutionUnderTest>map(BackendSubject::strict).toList() : of(opened);
    }

    private List<BackendSubject> algorithms(List<Backend> opened) {
        if (algorithms != null) {
            algorithms.forEach(name -> requireKnown(name, opened));
        }
        List<BackendSubject> subjects = new ArrayList<>();
        for (Backend backend : opened) {
            subjects.addAll(algorithms == null ? BackendSubject.allOf(backend)
                    : BackendSubject.allNamed(backend, algorithms.stream().filter(name -> BackendSubject.isNamed(backend, name)).toList()));
        }
        return subjects;
    }

    private static void requireKnown(String name, List<Backend> opened) {
        if (opened.stream().noneMatch(backend -> BackendSubject.isNamed(backend, name))) {
            throw new IllegalArgumentException("algorithm '" + name + "' is known to no backend that is checked; allowed: "
                    + opened.stream().flatMap(backend -> backend.algorithms().stream().map(known -> backend.name() + ":" + known.name()))
                            .collect(Collectors.joining(", ")));
        }
    }
}
