package io.github.jconv.check.report;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * How fast the algorithms of a backend were, as the HTML template shows it.
 *
 * @param backend the backend's name
 * @param ceiling what it reaches at best, in a sentence
 * @param svg     the roofline
 * @param rows    the algorithms
 */
record SpeedView(String backend, String ceiling, String svg, List<Row> rows) {

    /**
     * One algorithm.
     *
     * @param timed     requests timed
     * @param fastest   those among them in which no other algorithm of the backend was faster
     * @param ofRoof    the median share of what the roofline allows; empty when that is not known
     * @param gflops    the fastest request
     */
    record Row(String subject, String timed, String fastest, String ofRoof, String gflops) {
    }

    /** One for each backend of which something was timed. */
    static List<SpeedView> of(CheckReport report) {
        Map<String, List<TimeRecord>> byBackend = new LinkedHashMap<>();
        report.suites().stream().flatMap(suite -> suite.times().stream())
                .sorted(Comparator.comparingInt(time -> report.subjects().indexOf(time.subject())))
                .forEach(time -> byBackend.computeIfAbsent(backendOf(time.subject()), name -> new ArrayList<>()).add(time));
        List<SpeedView> views = new ArrayList<>();
        byBackend.forEach((backend, times) -> views.add(of(backend, times, report.ceilings().stream()
                .filter(ceilings -> ceilings.backend().equals(backend)).findFirst().orElse(null))));
        return views;
    }

    private static SpeedView of(String backend, List<TimeRecord> times, Ceilings ceilings) {
        Map<Object, TimeRecord> fastest = new HashMap<>();
        Map<String, List<TimeRecord>> bySubject = new LinkedHashMap<>();
        for (TimeRecord time : times) {
            fastest.merge(request(time), time, (a, b) -> b.medianSeconds() < a.medianSeconds() ? b : a);
            bySubject.computeIfAbsent(time.subject(), subject -> new ArrayList<>()).add(time);
        }
        List<Row> rows = new ArrayList<>();
        bySubject.forEach((subject, own) -> rows.add(new Row(subject, HtmlNumbers.count(own.size()),
                HtmlNumbers.count(own.stream().filter(time -> fastest.get(request(time)) == time).count()),
                ceilings == null ? "" : medianShare(own, ceilings),
                String.format(Locale.ROOT, "%.1f", own.stream().mapToDouble(TimeRecord::flopsPerSecond).max().orElse(0) * 1e-9))));
        String ceiling = ceilings == null ? "Its ceilings are not known." : "Measured at best: " + ceilings + ".";
        return new SpeedView(backend, ceiling, RooflinePlot.svg(times, ceilings, "speed-" + backend, backend), rows);
    }

    private static Object request(TimeRecord time) {
        return List.of(time.suite(), time.problem(), time.operation(), time.dataType(), time.layout());
    }

    /** Of the requests under a roof that is known: each has that of its type and its products. */
    private static String medianShare(List<TimeRecord> times, Ceilings ceilings) {
        double[] shares = times.stream().filter(time -> time.intensity() > 0)
                .flatMapToDouble(time -> ceilings.flopsPerSecondAt(time.intensity(), time.operandType()).stream()
                        .map(roof -> time.flopsPerSecond() / roof))
                .sorted().toArray();
        return shares.length == 0 ? "" : HtmlNumbers.percent(shares[shares.length / 2]);
    }

    private static String backendOf(String subject) {
        int end = subject.indexOf(':');
        return end < 0 ? subject : subject.substring(0, end);
    }
}
