package io.github.jconv.check.cases;

import java.nio.file.Path;

/** A file of recorded cases is missing, damaged or cut off; the message names the file, the place and what is wrong there. */
public final class CaseFormatException extends IllegalArgumentException {

    private static final long serialVersionUID = 1L;

    public CaseFormatException(Path file, String place, String problem) {
        this(file, place, problem, null);
    }

    public CaseFormatException(Path file, String place, String problem, Throwable cause) {
        super(file + (place.isEmpty() ? "" : ", " + place) + ": " + problem, cause);
    }
}
