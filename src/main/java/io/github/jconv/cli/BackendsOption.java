package io.github.jconv.cli;

import io.github.jconv.Backends;
import io.github.jconv.algorithm.Backend;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Option;

/** Which backends a command works on. */
final class BackendsOption {

    /** Where backends come from: this host, or a test with backends of its own. */
    interface Source {

        /** The backends of this host. */
        Source HOST = new Source() {
            @Override
            public List<Backend> openAll(int threads) {
                return Backends.openAll(threads);
            }

            @Override
            public Backend open(String name, int threads) {
                return Backends.open(name, threads);
            }
        };

        List<Backend> openAll(int threads);

        Backend open(String name, int threads);
    }

    private final Source source;

    @Option(names = "--backend", paramLabel = "NAME,...", hideParamSyntax = true, split = ",",
            description = "Backends by name; every one of this host unless given.")
    private List<String> names;

    BackendsOption(Source source) {
        this.source = source;
    }

    /** Opens them; the caller closes them. */
    List<Backend> open(int threads) {
        if (names == null) {
            return source.openAll(threads);
        }
        List<Backend> opened = new ArrayList<>();
        try {
            names.stream().distinct().forEach(name -> opened.add(source.open(name, threads)));
            return opened;
        } catch (RuntimeException e) {
            opened.forEach(Backend::close);
            throw e;
        }
    }
}
