package io.github.jconv.explain;

import io.github.jconv.algorithm.ConvAlgorithm;
import io.github.jconv.problem.ConvProblem;
import io.github.jconv.problem.InvalidProblemException;
import io.github.jconv.problem.ProblemEntry;
import io.github.jconv.problem.TransposedConvolution;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;

/**
 * The arithmetic of a convolution or of a transposed convolution in words and numbers: sizes with the formula filled in, the way
 * back, the equivalent convolution, the form with inserted zeros, costs, and what each algorithm would need. Immutable; plain
 * text for a terminal, at most {@value #WIDTH} columns wide but for long numbers.
 */
public final class Explanation {

    /** Columns that the text is laid out for. */
    public static final int WIDTH = 100;

    /** A part of the explanation. */
    public record Section(String title, List<String> lines) {

        public Section {
            lines = List.copyOf(lines);
        }
    }

    private final ProblemEntry subject;
    private final long[] wanted;
    private final List<Section> algorithms;

    private Explanation(ProblemEntry subject, long[] wanted, List<Section> algorithms) {
        this.subject = subject;
        this.wanted = wanted;
        this.algorithms = algorithms;
    }

    public static Explanation of(ConvProblem problem) {
        return of(new ProblemEntry.Convolution("", problem));
    }

    public static Explanation of(TransposedConvolution layer) {
        return of(new ProblemEntry.Transposed("", layer));
    }

    public static Explanation of(ProblemEntry subject) {
        return new Explanation(subject, null, List.of());
    }

    /**
     * The same, which also answers how the transposed convolution (the one that leads back, for a convolution) gives an output of
     * these sizes, or why it cannot.
     *
     * @param sizes one per spatial axis, or one for all
     */
    public Explanation wanting(long... sizes) {
        int dimensions = subject.problem().dimensions();
        if (sizes.length != 1 && sizes.length != dimensions) {
            throw new InvalidProblemException("the wanted output has " + sizes.length + " sizes; allowed: 1 or " + dimensions
                    + ", one per spatial axis of " + subject.line());
        }
        long[] perAxis = sizes.clone();
        if (sizes.length < dimensions) {
            perAxis = new long[dimensions];
            Arrays.fill(perAxis, sizes[0]);
        }
        return new Explanation(subject, perAxis, algorithms);
    }

    /** The same with a table of what these algorithms of a backend need for each operation. */
    public Explanation withAlgorithms(String backend, List<? extends ConvAlgorithm> candidates) {
        List<Section> more = new ArrayList<>(algorithms);
        more.add(AlgorithmCosts.section(backend, candidates, subject));
        return new Explanation(subject, wanted, Collections.unmodifiableList(more));
    }

    /** The parts in order. */
    public List<Section> sections() {
        List<Section> sections = new ArrayList<>(subject instanceof ProblemEntry.Transposed transposed
                ? new TransposedArithmetic(transposed.layer(), wanted).sections(subject.name())
                : new ConvolutionArithmetic(subject.problem(), wanted).sections(subject.name()));
        sections.add(InsertedZeros.section(subject));
        sections.add(Costs.section(subject));
        sections.addAll(algorithms);
        return sections;
    }

    /** The whole explanation. */
    public String text() {
        var text = new StringBuilder();
        for (Section section : sections()) {
            text.append(text.isEmpty() ? "" : "\n").append(section.title).append('\n');
            for (String line : section.lines) {
                text.append(line.isEmpty() ? "" : "  ").append(line).append('\n');
            }
        }
        return text.toString();
    }

    @Override
    public String toString() {
        return text();
    }
}
