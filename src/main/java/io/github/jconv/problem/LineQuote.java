package io.github.jconv.problem;

/** Somebody else's text inside a message: short, and without characters that a terminal would obey. */
final class LineQuote {

    private static final int LONGEST = 200;

    private LineQuote() {
    }

    static String of(String text) {
        String start = text.length() <= LONGEST ? text : text.substring(0, LONGEST) + "...";
        return start.codePoints().map(c -> Character.isISOControl(c) ? '\uFFFD' : c)
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append).toString();
    }

    /** Adds the line to a message about it, once. */
    static InvalidProblemException quote(String line, InvalidProblemException e) {
        return new InvalidProblemException("problem line '" + of(line) + "': " + e.getMessage(), e);
    }
}
