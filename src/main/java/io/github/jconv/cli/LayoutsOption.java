package io.github.jconv.cli;

import io.github.jconv.check.CrossCheck;
import io.github.jconv.tensor.Layout;
import java.util.List;
import picocli.CommandLine.Option;

/** The layouts of tensors that a command checks or times. */
final class LayoutsOption {

    @Option(names = "--layout", paramLabel = "NAME,...", hideParamSyntax = true, split = ",", converter = ByText.class,
            description = "Layouts of tensors: nchw, nhwc (channels last); nchw unless given.")
    private List<Layout> layouts;

    /** The layouts given, or NCHW. */
    void applyTo(CrossCheck check) {
        List<Layout> wanted = orElse(List.of(Layout.NCHW));
        check.layouts(wanted.get(0), wanted.toArray(Layout[]::new));
    }

    /** The layouts given, or others when none is. */
    List<Layout> orElse(List<Layout> others) {
        return layouts == null ? others : layouts.stream().distinct().toList();
    }

    /** The layouts given, if any, in a text. */
    @Override
    public String toString() {
        return String.join(",", orElse(List.of()).stream().sorted().map(Layout::text).toList());
    }

    /** Reads the names that reports use. */
    static final class ByText extends ByName<Layout> {

        ByText() {
            super("layout of tensors", Layout.values(), Layout::text);
        }
    }
}
