package io.github.jconv.peers;

import io.github.jconv.problem.ConvOperation;
import java.util.Locale;

/**
 * What a pass of one layer took, in milliseconds of the median run; NaN for a library that does not compute it.
 *
 * @param group     the network or class that the problem belongs to
 * @param problem   its name
 * @param line      its canonical line, in which a transposed layer says that it is one
 * @param algorithm JConv's
 * @param gflop     operations of the pass, in 10^9
 * @param spread    median over fastest run of the least steady library; far above 1 when something disturbed the measurement
 */
public record ResultRow(String group, String problem, String line, long batch, ConvOperation pass, int threads, String algorithm,
                 double jconvMs, double pytorchMs, double onnxruntimeMs, double gflop,
                 double spread) {

    static final String CSV_HEADER =
            "class,problem,line,batch,pass,threads,algorithm,jconv_ms,pytorch_ms,onnxruntime_ms,ratio,jconv_gflops,spread";

    /** The time of the fastest other library in units of JConv's; above 1 JConv is faster, NaN where there is no other. */
    public double ratio() {
        double best = Double.isNaN(onnxruntimeMs) ? pytorchMs : Double.isNaN(pytorchMs) ? onnxruntimeMs
                : Math.min(pytorchMs, onnxruntimeMs);
        return best / jconvMs;
    }

    /** Which measurement this is, whatever it yielded. */
    public String key() {
        return key(problem, line, pass, threads);
    }

    public static String key(String problem, String line, ConvOperation pass, int threads) {
        return String.join(",", problem, line, pass.text(), Integer.toString(threads));
    }

    String csv() {
        return String.join(",", group, problem, line, Long.toString(batch), pass.text(), Integer.toString(threads), algorithm,
                number(jconvMs), number(pytorchMs), number(onnxruntimeMs), number(ratio()), number(gflop / jconvMs * 1e3),
                number(spread));
    }

    static ResultRow parse(String csv) {
        String[] cells = csv.split(",", -1);
        if (cells.length != CSV_HEADER.split(",").length) {
            throw new IllegalArgumentException("row '" + csv + "' has " + cells.length + " cells; expected: " + CSV_HEADER);
        }
        double jconvMs = number(cells[7]);
        return new ResultRow(cells[0], cells[1], cells[2], Long.parseLong(cells[3]),
                ConvOperation.valueOf(cells[4].toUpperCase(Locale.ROOT)), Integer.parseInt(cells[5]), cells[6], jconvMs,
                number(cells[8]), number(cells[9]), number(cells[11]) * jconvMs * 1e-3, number(cells[12]));
    }

    private static String number(double value) {
        return Double.isNaN(value) ? "" : String.format(Locale.ROOT, "%.5f", value);
    }

    private static double number(String cell) {
        return cell.isEmpty() ? Double.NaN : Double.parseDouble(cell);
    }
}
