package io.github.jconv.cli;

import io.github.jconv.explain.Units;
import io.github.jconv.check.ScopedProblem;
import io.github.jconv.problem.ConvProblem;
import io.github.jconv.problem.ProblemReduction;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** How large the problems of a command may be; larger ones keep their geometry, but get a smaller batch or fewer channels. */
final class ReductionOption {

    /** How often the three tensors of a problem are in memory during a check: operands, guarded copies, outputs, bounds. */
    private static final long COPIES = 8;

    @Option(names = "--max-macs", paramLabel = "N", converter = Macs.class,
            description = "Run problems of more multiply-adds than this (20M, 1G) in a smaller batch or with fewer channels,"
                    + " geometry whole. Without it only what does not fit into memory is reduced.")
    private Long most;

    /** A suite in sizes that are allowed, without repetitions. */
    List<ScopedProblem> apply(ScopedSelection.Suite suite) {
        return suite.problems().stream().distinct()
                .map(scoped -> scoped.with(ProblemReduction.until(this::isSmallEnough, scoped.problem()))).distinct().toList();
    }

    /** What {@link #apply} does to the suites, and what was noted before. */
    List<String> notes(ScopedSelection selected) {
        return Stream.concat(selected.notes().stream(), selected.suites().stream().map(this::note).filter(Objects::nonNull)).toList();
    }

    /** What {@link #apply} does to a suite, in a sentence, or null when it does nothing. */
    private String note(ScopedSelection.Suite suite) {
        long changed = suite.plain().stream().filter(problem -> !isSmallEnough(problem)).count();
        return changed == 0 ? null : changed + (changed == 1 ? " problem of " : " problems of ") + suite.name()
                + " in a smaller batch or with fewer channels,"
                + " geometry whole" + (most == null ? ", to fit into memory" : ": at most " + Units.count(most) + " multiply-adds");
    }

    private boolean isSmallEnough(ConvProblem problem) {
        return fitsIntoMemory(problem) && (most == null || problem.macs() <= most);
    }

    private static boolean fitsIntoMemory(ConvProblem problem) {
        long elements = problem.xShape().elements() + problem.wShape().elements() + problem.yShape().elements();
        return elements <= Runtime.getRuntime().maxMemory() / (COPIES * Float.BYTES);
    }

    /** Reads 250000, 20M or 1G. */
    static final class Macs implements ITypeConverter<Long> {

        private static final Pattern NUMBER = Pattern.compile("([1-9]\\d{0,8})([kMG]?)");
        private static final Map<String, Long> FACTORS = Map.of("", 1L, "k", 1_000L, "M", 1_000_000L, "G", 1_000_000_000L);

        @Override
        public Long convert(String text) {
            Matcher matcher = NUMBER.matcher(text);
            if (!matcher.matches()) {
                throw new TypeConversionException("'" + text + "' is no number above 0; expected one such as 250000, 20M or 1G");
            }
            return Long.parseLong(matcher.group(1)) * FACTORS.get(matcher.group(2));
        }
    }
}
