package io.github.jconv.bench;

import io.github.jconv.algorithm.ConvAlgorithm;
import io.github.jconv.problem.ConvOperation;
import io.github.jconv.problem.ConvProblem;
import io.github.jconv.tensor.DataType;
import io.github.jconv.tensor.Layout;
import java.util.Locale;

/**
 * What one operation of one problem cost.
 *
 * @param fused       whether a bias was added and negative results set to zero in the same call; of FORWARD only
 * @param dataType    of the tensors
 * @param layout      of the tensors
 * @param operandType of the factors of products when they are multiplied, see {@link ConvAlgorithm#operandType}
 * @param medianMs    milliseconds of the median run
 * @param minMs       milliseconds of the fastest run
 * @param runs        how many runs were timed
 */
public record Measurement(String backend, String algorithm, int threads, ConvProblem problem, ConvOperation operation,
                          boolean fused, DataType dataType, Layout layout, String operandType, double medianMs, double minMs,
                          int runs) {

    /** The heading of a table of measurements in CSV. */
    public static final String CSV_HEADER =
            "backend,algorithm,threads,problem,operation,type,layout,operands,median_ms,min_ms,runs,gflops,floor_ms,percent_of_floor,floor_of";

    private static final int CELLS = 15;

    /** What a fused forward is called in the place of the operation's name. */
    private static final String FUSED = "forward_bias_relu";

    /**
     * Reads a row back that {@link #csv} wrote.
     *
     * @throws IllegalArgumentException when it is none
     */
    public static Measurement ofCsv(String row) {
        String[] cells = row.split(",", -1);
        if (cells.length != CELLS) {
            throw new IllegalArgumentException("a row of measurements has " + cells.length + " cells, '" + row + "'; allowed: " + CELLS);
        }
        boolean fused = cells[4].equals(FUSED);
        return new Measurement(cells[0], cells[1], Integer.parseInt(cells[2]), ConvProblem.parse(cells[3]),
                fused ? ConvOperation.FORWARD : ConvOperation.valueOf(cells[4].toUpperCase(Locale.ROOT)), fused,
                DataType.valueOf(cells[5].toUpperCase(Locale.ROOT)),
                Layout.valueOf(cells[6].toUpperCase(Locale.ROOT)), cells[7], Double.parseDouble(cells[8]),
                Double.parseDouble(cells[9]), Integer.parseInt(cells[10]));
    }

    /** What was done: the operation's name, or {@code forward_bias_relu}. */
    public String work() {
        return work(operation, fused);
    }

    /** The same of what is to be measured. */
    public static String work(ConvOperation operation, boolean fused) {
        return fused ? FUSED : operation.text();
    }

    /** Bytes of the tensors, each counted once, those of the bias among them. */
    long tensorBytes() {
        return problem.tensorBytes(dataType) + (fused ? problem.outputChannels() * dataType.bytes() : 0);
    }

    /** {@link ConvProblem#flops()} per second of the median run, in 10^9. */
    public double gflops() {
        return problem.flops() / (medianMs * 1e6);
    }

    /**
     * The row under {@link #CSV_HEADER}; no value holds a comma or a quote.
     *
     * @param floor null leaves its columns empty
     */
    public String csv(Floor floor) {
        return String.format(Locale.ROOT, "%s,%s,%d,%s,%s,%s,%s,%s,%.6f,%.6f,%d,%.3f,", backend, algorithm, threads, problem,
                work(), dataType.text(), layout.text(), operandType, medianMs, minMs, runs, gflops())
                + (floor == null ? ",," : String.format(Locale.ROOT, "%.6f,%.2f,%s", floor.seconds() * 1e3, floor.percentOf(this),
                        floor.ofMemory() ? "memory" : "arithmetic"));
    }
}
