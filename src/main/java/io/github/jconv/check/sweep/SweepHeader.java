package io.github.jconv.check.sweep;

/**
 * The first line of a sweep's file.
 *
 * @param format      {@link #FORMAT}
 * @param arguments   what was asked for
 * @param environment the machine and the JVM, in a sentence
 */
public record SweepHeader(String format, SweepArguments arguments, String environment) {

    /** Changes when a reader would have to. */
    public static final String FORMAT = "jconv-sweep-1";
}
