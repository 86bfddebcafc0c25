package io.github.jconv.check.sweep;

/**
 * The first line of a sweep's file.
 *
 * @param format      {@link #FORMAT}
 * @param arguments   what was asked for
 * @param environment the machine and the JVM, in a sentence
 * @param build       the program: its version, and what tells builds of it apart; null in files of before it was written down
 */
public record SweepHeader(String format, SweepArguments arguments, String environment, String build) {

    /** Changes when a reader would have to. */
    public static final String FORMAT = "jconv-sweep-1";
}
