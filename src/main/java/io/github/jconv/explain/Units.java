package io.github.jconv.explain;

import java.util.Locale;

/** Numbers with units, as a person reads them: three digits and a prefix. */
public final class Units {

    private static final String[] DECIMAL = {"", " k", " M", " G", " T", " P", " E"};
    private static final String[] BINARY = {" B", " KiB", " MiB", " GiB", " TiB", " PiB", " EiB"};

    private Units() {
    }

    /** {@code 1536} as {@code 1.50 KiB}. */
    public static String bytes(long bytes) {
        return scaled(bytes, 1024, BINARY);
    }

    /** {@code 20000000} as {@code 20.0 M}. */
    public static String count(long count) {
        return scaled(count, 1000, DECIMAL);
    }

    /** {@code 1850000000} as {@code 1.85 GFLOP}. */
    public static String flops(long flops) {
        String text = count(flops);
        return text + (text.contains(" ") ? "FLOP" : " FLOP");
    }

    /** {@code 0.00123} seconds as {@code 1.23 ms}. */
    public static String seconds(double seconds) {
        if (seconds < 1e-3) {
            return digits(seconds * 1e6) + " us";
        }
        if (seconds < 1) {
            return digits(seconds * 1e3) + " ms";
        }
        if (seconds < 120) {
            return digits(seconds) + " s";
        }
        return String.format(Locale.ROOT, "%d min %02d s", (long) seconds / 60, (long) seconds % 60);
    }

    private static String scaled(long value, long base, String[] prefixes) {
        double rest = value;
        int prefix = 0;
        while (rest >= base && prefix < prefixes.length - 1) {
            rest /= base;
            prefix++;
        }
        return (prefix == 0 ? Long.toString(value) : digits(rest)) + prefixes[prefix];
    }

    private static String digits(double value) {
        return String.format(Locale.ROOT, value < 10 ? "%.2f" : value < 100 ? "%.1f" : "%.0f", value);
    }
}
