package io.github.jconv.check.cases;

import java.util.List;

/**
 * Recorded cases that belong together.
 *
 * @param name    for reports: {@code oracle}
 * @param command the option of {@code jconv check} that reads them again: {@code --oracle DIR}
 * @param cases   in the order of their file
 */
public record RecordedSuite(String name, String command, List<RecordedCase> cases) {

    public RecordedSuite {
        cases = List.copyOf(cases);
    }
}
