package io.github.jconv.check;

/**
 * How much a run may cost, in multiply-adds, so that it checks the same on every machine.
 *
 * @param reference  what the reference may cost per operation and kind of data. A problem beyond it is <em>sampled</em>: all corners
 *                   of the output, elements at each end of every axis and others anywhere are compared with the reference, and
 *                   whole outputs with one another.
 * @param problem    the largest problem on which every check is made. Of a larger one a <em>thinner</em> relative is checked:
 *                   the same geometry with fewer channels, groups and images ({@link io.github.jconv.problem.ProblemReduction}).
 * @param whole      the largest problem that is, beside its thinner relative, also run as it is, on integers, by the
 *                   subjects that {@linkplain ConvolutionUnderTest#suits suit} it
 * @param identities the largest problem on which identities are checked; beyond it a thinner relative. They run a subject about
 *                   twenty times.
 * @param definition the largest problem on which the definition itself is a subject: it is slow, and what others are compared with
 */
public record Effort(long reference, long problem, long whole, long identities, long definition) {

    /** Up to here every problem is checked as it is, however large. */
    private static final int FEW_PROBLEMS = 8;

    private static final long MILLION = 1L << 20;

    public Effort {
        requirePositive("reference", reference);
        requirePositive("problem", problem);
        requirePositive("whole", whole);
        requirePositive("identities", identities);
        requirePositive("definition", definition);
    }

    /** What suits so many problems: thorough up to eight, else quick. */
    public static Effort forProblems(int problems) {
        return problems <= FEW_PROBLEMS ? thorough() : quick();
    }

    /** For hundreds of problems: a layer of a network takes a fraction of a second. */
    public static Effort quick() {
        return new Effort(MILLION, MILLION, 128 * MILLION, MILLION / 4, MILLION / 16);
    }

    /** For a few problems, which are all checked as they are: a large layer takes seconds. */
    public static Effort thorough() {
        return new Effort(4 * MILLION, Long.MAX_VALUE, Long.MAX_VALUE, MILLION, 4 * MILLION);
    }

    /** Every element of every problem against the reference, whatever it takes. */
    public static Effort full() {
        return new Effort(Long.MAX_VALUE, Long.MAX_VALUE, Long.MAX_VALUE, MILLION, Long.MAX_VALUE);
    }

    /** The same, but every problem is also run as it is, however large. */
    public Effort wholeAlways() {
        return new Effort(reference, problem, Long.MAX_VALUE, identities, definition);
    }

    /** The same with another limit for the reference. */
    public Effort withReference(long multiplyAdds) {
        return new Effort(multiplyAdds, problem, whole, identities, definition);
    }

    private static void requirePositive(String name, long value) {
        if (value < 1) {
            throw new IllegalArgumentException(name + " is " + value + "; allowed: 1 and up");
        }
    }
}
