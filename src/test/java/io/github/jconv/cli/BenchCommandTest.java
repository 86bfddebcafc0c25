package io.github.jconv.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.jconv.ConvEngine;
import io.github.jconv.bench.Measurement;
import io.github.jconv.problem.ConvProblem;
import io.github.jconv.tensor.DataType;
import io.github.jconv.tensor.Layout;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;

class BenchCommandTest {

    private static final String LINE = "n1c3h8w6k4r3s2";

    /** A Linux device on which there is never any space left. */
    private static final Path FULL_DISK = Path.of("/dev/full");

    @TempDir
    private Path folder;

    @Test
    void everyOperationIsARowOfTheCsvFile() throws IOException {
        Path csv = folder.resolve("bench.csv");
        CommandRun run = CommandRun.of("bench", "--problem", LINE, "--algorithm", "reference", "--threads", "1", "--seconds", "0",
                "--csv", csv.toString());
        assertEquals(0, run.exitCode(), run.err());
        List<String> lines = Files.readAllLines(csv);
        assertEquals("backend,algorithm,threads,problem,operation,type,layout,operands,median_ms,min_ms,runs,gflops,floor_ms,"
                + "percent_of_floor,floor_of", lines.get(0));
        assertEquals(4, lines.size());
        for (String line : lines.subList(1, 4)) {
            String[] cells = line.split(",");
            assertEquals(15, cells.length, line);
            assertTrue(line.startsWith("cpu,reference,1," + LINE + ","), line);
            assertEquals(List.of("float32", "nchw", "fp32"), List.of(cells).subList(5, 8));
            double medianMs = Double.parseDouble(cells[8]);
            assertTrue(Double.parseDouble(cells[9]) <= medianMs, line);
            double gflops = ConvProblem.parse(LINE).flops() / medianMs / 1e6;
            assertEquals(gflops, Double.parseDouble(cells[11]), 1e-3 + 1e-3 * gflops, line);
            assertEquals(Double.parseDouble(cells[12]) / medianMs * 100, Double.parseDouble(cells[13]), 1, line);
            assertTrue(List.of("arithmetic", "memory").contains(cells[14]), line);
        }
    }

    /** Both types of 16 bits are multiplied in fp32 there. */
    @Test
    void everyTypeAndLayoutIsARowThatNamesThem() throws IOException {
        Path csv = folder.resolve("forms.csv");
        CommandRun run = CommandRun.of("bench", LINE, "--algorithm", "direct", "--backend", "cpu", "--threads", "1", "--warm-up", "0",
                "--seconds", "0", "--operation", "forward,backward_data", "--type", "float16,bfloat16", "--layout", "nhwc,nchw",
                "--csv", csv.toString());
        assertEquals(0, run.exitCode(), run.err());
        List<Measurement> rows = Files.readAllLines(csv).stream().skip(1).map(Measurement::ofCsv).toList();
        assertEquals(List.of("forward float16 nhwc fp32", "backward_data float16 nhwc fp32", "forward float16 nchw fp32",
                "backward_data float16 nchw fp32", "forward bfloat16 nhwc fp32", "backward_data bfloat16 nhwc fp32",
                "forward bfloat16 nchw fp32", "backward_data bfloat16 nchw fp32"), rows.stream().map(row -> row.operation().text() + " "
                        + row.dataType().text() + " " + row.layout().text() + " " + row.operandType()).toList());
        List<String> table = run.out().lines().filter(line -> line.startsWith(LINE)).toList();
        assertEquals(8, table.size(), run.out());
        assertTrue(table.get(0).matches(".* forward +float16 +nhwc +cpu:direct .*%.*"), table.get(0));
        assertTrue(table.get(6).matches(".* forward +bfloat16 +nchw +cpu:direct .*%.*"), table.get(6));
    }

    /** Of fp64 no ceiling is measured. */
    @Test
    void whatHasNoCeilingHasNoFloor() throws IOException {
        Path csv = folder.resolve("doubles.csv");
        CommandRun run = CommandRun.of("bench", LINE, "--algorithm", "reference", "--backend", "cpu", "--threads", "1", "--warm-up", "0",
                "--seconds", "0", "--operation", "forward", "--type", "float64", "--csv", csv.toString());
        assertEquals(0, run.exitCode(), run.err());
        String row = Files.readAllLines(csv).get(1);
        assertTrue(row.contains(",float64,nchw,fp64,") && row.endsWith(",,,"), row);
        assertFalse(run.out().contains(" %"), run.out());
    }

    /** Behind the forward it follows, and compared with it. */
    @Test
    void aFusedForwardIsARowOfItsOwn() throws IOException {
        Path csv = folder.resolve("fused.csv");
        CommandRun run = CommandRun.of("bench", LINE, "--algorithm", "direct,reference", "--backend", "cpu", "--threads", "1", "--warm-up",
                "0", "--seconds", "0", "--fused", "--csv", csv.toString());
        assertEquals(0, run.exitCode(), run.err());
        List<Measurement> rows = Files.readAllLines(csv).stream().skip(1).map(Measurement::ofCsv).toList();
        assertEquals(List.of("direct forward", "direct forward_bias_relu", "direct backward_data", "direct backward_filter"),
                rows.subList(0, 4).stream().map(row -> row.algorithm() + " " + row.work()).toList());
        assertEquals("reference forward_bias_relu", rows.get(5).algorithm() + " " + rows.get(5).work());
        assertEquals(2, run.out().lines().filter(line -> line.matches(LINE + " +forward_bias_relu .*")).count(), run.out());
        CommandRun wrong = CommandRun.of("bench", LINE, "--operation", "backward_data,backward_filter", "--fused");
        assertEquals(JConv.BAD_INPUT, wrong.exitCode());
        assertTrue(wrong.err().contains("--fused is given with --operation backward_data,backward_filter; allowed: with forward among them"),
                wrong.err());
    }

    @Test
    void whatIsWrongInOneFormIsNotTimedInThatFormAlone() {
        var backend = new WrongBackend(request -> request.dataType() == DataType.BFLOAT16 && request.layout() == Layout.NHWC);
        CommandRun run = CommandRun.on(backend, "bench", LINE, "--algorithm", "reference", "--operation", "forward", "--warm-up", "0",
                "--seconds", "0", "--type", "float32,bfloat16", "--layout", "nchw,nhwc");
        assertEquals(1, run.exitCode(), run.err());
        assertTrue(run.out().contains("wrong, so not timed: forward " + LINE + " BFLOAT16 NHWC"), run.out());
        assertEquals(3, run.out().lines().filter(line -> line.startsWith(LINE)).count(), run.out());
    }

    @Test
    void aFormThatThereIsNotIsRefused() {
        CommandRun type = CommandRun.of("bench", LINE, "--type", "int8");
        assertTrue(type.exitCode() == JConv.BAD_INPUT && type.err().contains("'int8'") && type.err().contains("bfloat16"), type.err());
        CommandRun layout = CommandRun.of("bench", LINE, "--layout", "chwn");
        assertTrue(layout.exitCode() == JConv.BAD_INPUT && layout.err().contains("'chwn'") && layout.err().contains("nhwc"), layout.err());
    }

    /** The choice that was measured is remembered where the user's caches are. */
    @Test
    void algorithmsCanBeChosenByMeasuring() {
        System.setProperty("jconv.cache", folder.toString());
        try {
            for (String command : List.of("bench", "check")) {
                CommandRun run = CommandRun.of(command, "--problem", LINE, "--autotune", "--backend", "cpu", "--threads", "1",
                        "--operation", "forward");
                assertEquals(0, run.exitCode(), run.err());
            }
            assertTrue(Files.exists(ConvEngine.tunedChoices()));
        } finally {
            System.clearProperty("jconv.cache");
        }
    }

    @Test
    void theWarmUpCanBeShort() {
        CommandRun run = CommandRun.of("bench", "--problem", LINE, "--algorithm", "direct,reference", "--backend", "cpu", "--threads", "1",
                "--warm-up", "0", "--seconds", "0");
        assertEquals(0, run.exitCode(), run.err());
        assertEquals(6, run.out().lines().filter(line -> line.startsWith(LINE)).count(), run.out());
        CommandRun wrong = CommandRun.of("bench", "--problem", LINE, "--warm-up", "-1");
        assertTrue(wrong.exitCode() != 0 && wrong.err().contains("--warm-up is -1.0; allowed: 0..3600"), wrong.err());
    }

    @Test
    void strictAccuracyRefusesWinogradByName() {
        CommandRun run = CommandRun.of("bench", "--problem", "n1c8h9w10k6r3s3_ph1pw1", "--algorithm", "winograd-4x4", "--backend", "cpu",
                "--operation", "forward", "--strict");
        assertTrue(run.exitCode() != 0 && run.err().contains("strict accuracy forbids its arithmetic, WINOGRAD_4X4"), run.err());
    }

    @Test
    void whatIsWrongIsNotTimed() throws IOException {
        Path csv = folder.resolve("bench.csv");
        CommandRun run = CommandRun.on(new WrongBackend(), "bench", "--problem", LINE, "--algorithm", "reference", "--operation",
                "forward", "--seconds", "0", "--csv", csv.toString());
        assertEquals(1, run.exitCode(), run.err());
        assertTrue(run.out().contains("wrong, so not timed: forward " + LINE), run.out());
        assertEquals(1, Files.readAllLines(csv).size());
    }

    /** Two JVMs of their own, each with a row for every operation, behind one table. */
    @Test
    void newJvmsMeasureTheSameRows() throws IOException {
        Path csv = folder.resolve("fresh.csv");
        CommandRun run = CommandRun.of("bench", LINE, "--algorithm", "direct", "--backend", "cpu", "--threads", "1",
                "--type", "float16", "--seconds=0", "--fresh-jvms", "2", "--csv=" + csv);
        assertEquals(0, run.exitCode(), run.err());
        List<String> lines = Files.readAllLines(csv);
        assertEquals("jvm," + Measurement.CSV_HEADER, lines.get(0));
        assertEquals(List.of("1", "1", "1", "2", "2", "2"), lines.stream().skip(1).map(line -> line.substring(0, 1)).toList());
        for (String line : lines.subList(1, lines.size())) {
            Measurement measurement = Measurement.ofCsv(line.substring(2));
            assertEquals(LINE, measurement.problem().toString());
            assertEquals("direct", measurement.algorithm());
            assertEquals(DataType.FLOAT16, measurement.dataType());
        }
        assertEquals(3, run.out().lines().filter(line -> line.matches(LINE + " +\\w+ +float16 +nchw +direct .*")).count(), run.out());
    }

    /** What a new JVM says of a mistake is what the user sees. */
    @Test
    void aMistakeInANewJvmEndsTheRun() {
        CommandRun run = CommandRun.of("bench", "--problem", LINE, "--algorithm", "winograd-4x4", "--backend", "cpu", "--fresh-jvms", "2");
        assertEquals(JConv.BAD_INPUT, run.exitCode());
        assertTrue(run.err().contains("it serves 3x3 filters"), run.err());
    }

    @Test
    void allMeansEveryOneThatServesButTheDefinition() {
        CommandRun run = CommandRun.of("bench", "--problem", LINE, "--algorithm", "all", "--seconds", "0", "--operation", "forward");
        assertEquals(0, run.exitCode(), run.err());
        assertFalse(run.out().contains("cpu:reference"), run.out());
        assertTrue(run.out().contains("cpu:"), run.out());
    }

    @Test
    @EnabledIf("thereIsAFullDisk")
    void rowsThatCannotBeWrittenAreNotLostSilently() {
        CommandRun run = CommandRun.of("bench", "--problem", LINE, "--algorithm", "reference", "--threads", "1", "--seconds", "0",
                "--csv", FULL_DISK.toString());
        assertEquals(2, run.exitCode(), run.out());
        assertTrue(run.err().startsWith("jconv bench: " + FULL_DISK + " cannot be written: "), run.err());
    }

    static boolean thereIsAFullDisk() {
        return Files.exists(FULL_DISK);
    }
}
