package io.github.jconv.check.report;

/**
 * What a backend reaches at best, measured: its roofline.
 *
 * @param backend            its name, with which the names of its subjects begin
 * @param flopsPerSecond     multiplications and additions per second when nothing holds them up
 * @param copyBytesPerSecond bytes read plus bytes written per second of a large copy
 */
public record Ceilings(String backend, double flopsPerSecond, double copyBytesPerSecond) {

    /** The most operations per second that so many operations per byte allow. */
    public double flopsPerSecondAt(double intensity) {
        return Math.min(flopsPerSecond, intensity * copyBytesPerSecond);
    }
}
