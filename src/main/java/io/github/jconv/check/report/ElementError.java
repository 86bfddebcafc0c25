package io.github.jconv.check.report;

/**
 * The worst element of a comparison.
 *
 * @param index     row-major index in the output
 * @param position  the same as coordinates: {@code [0, 3, 11, 7]}
 * @param got       what the subject wrote
 * @param expected  what it should have written, in double
 * @param bound     how far from it is allowed; 0 where equality was demanded
 */
public record ElementError(long index, String position, double got, double expected, double bound) {

    /** |got - expected| / bound; infinite where equality was demanded and missed. */
    public double ratio() {
        double error = Math.abs(got - expected);
        if (error == 0) {
            return 0;
        }
        return Double.isNaN(error) || bound == 0 ? Double.POSITIVE_INFINITY : error / bound;
    }

    @Override
    public String toString() {
        return "element " + position + " is " + got + ", expected " + expected
                + (bound == 0 ? " exactly" : " within " + bound + " (error/bound " + ratio() + ")");
    }
}
