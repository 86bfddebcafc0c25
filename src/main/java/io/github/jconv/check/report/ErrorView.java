package io.github.jconv.check.report;

import static io.github.jconv.check.report.HtmlNumbers.count;
import static io.github.jconv.check.report.HtmlNumbers.percent;
import static io.github.jconv.check.report.HtmlNumbers.ratio;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The distribution of error/bound of one subject, as the HTML template shows it. */
record ErrorView(String subject, String elements, String exact, String worst, String svg) {

    /** One for each subject that was ever compared within a bound, over all suites. */
    static List<ErrorView> of(CheckReport report) {
        Map<String, ErrorDistribution> distributions = new LinkedHashMap<>();
        Map<String, WorstError> worst = new LinkedHashMap<>();
        for (SuiteReport suite : report.suites()) {
            for (SubjectReport subject : suite.subjects()) {
                distributions.merge(subject.subject(), subject.distribution(), ErrorDistribution::plus);
                if (subject.worst() != null) {
                    worst.merge(subject.subject(), subject.worst(), (a, b) -> b.ratio() > a.ratio() ? b : a);
                }
            }
        }
        List<ErrorView> views = new ArrayList<>();
        distributions.forEach((subject, distribution) -> {
            if (distribution.elements() > 0) {
                views.add(new ErrorView(subject, count(distribution.elements()),
                        percent((double) distribution.exact() / distribution.elements()), ratio(worst.get(subject)),
                        ErrorPlot.svg(distribution, "errors-" + views.size(), subject)));
            }
        });
        return views;
    }
}
