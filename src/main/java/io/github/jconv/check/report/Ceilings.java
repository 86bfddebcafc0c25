package io.github.jconv.check.report;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.stream.Collectors;

/**
 * What a backend reaches at best, measured: its roofline.
 *
 * @param backend            its name, with which the names of its subjects begin
 * @param flopsPerSecond     multiplications and additions per second when nothing holds them up, by the type of the factors ({@code fp32},
 *                           {@code tf32}, {@code bf16}, ...), without those that are not known
 * @param copyBytesPerSecond bytes read plus bytes written per second of a large copy
 */
public record Ceilings(String backend, Map<String, Double> flopsPerSecond, double copyBytesPerSecond) {

    public Ceilings {
        flopsPerSecond = Collections.unmodifiableMap(new LinkedHashMap<>(flopsPerSecond));
    }

    /** The rate of products of such factors; empty where it is not known. */
    public OptionalDouble flopsPerSecondOf(String operandType) {
        Double flops = flopsPerSecond.get(operandType);
        return flops == null ? OptionalDouble.empty() : OptionalDouble.of(flops);
    }

    /** The most operations per second that so many operations per byte allow; empty where the rate of such products is not known. */
    public OptionalDouble flopsPerSecondAt(double intensity, String operandType) {
        return flopsPerSecondOf(operandType).stream().map(flops -> Math.min(flops, intensity * copyBytesPerSecond)).findFirst();
    }

    /** As {@code 47300 GFLOP/s in fp32, 404100 GFLOP/s in tf32, and 4300.0 GB/s copied}. */
    @Override
    public String toString() {
        String rates = flopsPerSecond.entrySet().stream()
                .map(rate -> String.format(Locale.ROOT, "%.0f GFLOP/s in %s", rate.getValue() * 1e-9, rate.getKey()))
                .collect(Collectors.joining(", "));
        return rates + String.format(Locale.ROOT, ", and %.1f GB/s copied", copyBytesPerSecond * 1e-9);
    }
}
