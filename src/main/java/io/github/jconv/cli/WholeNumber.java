package io.github.jconv.cli;

import picocli.CommandLine.TypeConversionException;

/** Reads whole numbers, and says what numbers there are where one is larger. */
final class WholeNumber {

    private WholeNumber() {
    }

    static int ofInt(String text) {
        return (int) of(text, Integer.MIN_VALUE, Integer.MAX_VALUE);
    }

    static long ofLong(String text) {
        return of(text, Long.MIN_VALUE, Long.MAX_VALUE);
    }

    private static long of(String text, long least, long most) {
        try {
            long number = Long.parseLong(text);
            if (number >= least && number <= most) {
                return number;
            }
        } catch (NumberFormatException e) {
            // Said below, as for those that are out of range.
        }
        throw new TypeConversionException("'" + text + "' is no whole number from " + least + " to " + most);
    }
}
