package io.github.jconv.problem;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.jconv.testing.SharedMaterial;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.ToLongFunction;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Every published problem line reads as exactly the numbers of the table beside it, in which somebody else wrote out what the
 * short notation leaves out.
 */
class SharedProblemFilesTest {

    private static final String HEADER =
            "op\tspatial\tn\tc_in\tc_out\tgroups\tin\tout\tkernel\tstride\tdilation\tpad_begin\tpad_end\tmacs\tsource\tname";

    @ParameterizedTest
    @CsvSource({
        "cases/benchdnn/conv,   cases/benchdnn/conv-expanded.tsv,   false, 2541",
        "cases/benchdnn/deconv, cases/benchdnn/deconv-expanded.tsv, true,  118",
        "cases/miopen,          cases/miopen/finddb_sample-expanded.tsv, false, 372",
    })
    void folderReadsAsItsTable(String folder, String table, boolean transposed, int count) throws IOException {
        List<ProblemEntry> entries = new ArrayList<>();
        Map<String, List<ProblemEntry>> bySource = new HashMap<>();
        for (Path file : textFiles(SharedMaterial.path(folder))) {
            bySource.put(file.getFileName().toString().replace(".txt", ""), ProblemFile.read(file, transposed));
        }
        bySource.values().forEach(entries::addAll);
        assertEquals(count, entries.size());
        assertSameAsTable(SharedMaterial.path(table), source -> bySource.get(source.replace("miopen_finddb", "finddb_sample")));
    }

    @ParameterizedTest
    @ValueSource(strings = {"training_set", "inference_server_set", "inference_device_set"})
    void deepBenchReadsAsItsTable(String set) throws IOException {
        List<ProblemEntry> entries = ProblemFile.read(SharedMaterial.path("cases/deepbench/" + set + ".txt"), false);
        assertSameAsTable(SharedMaterial.path("cases/deepbench/" + set + "-expanded.tsv"), source -> entries);
    }

    /** The list of the peers' measurements: 231 layers, some with two batch sizes. */
    @ParameterizedTest
    @ValueSource(strings = {"peers/cpu-problems.txt", "peers/gpu-problems.txt"})
    void keyValueListsAreRead(String list) throws IOException {
        Path file = SharedMaterial.path(list);
        List<String> lines = Files.readAllLines(file).stream().filter(l -> !l.isBlank() && !l.startsWith("#")).toList();
        List<ProblemEntry> entries = ProblemFile.read(file, false);
        int expected = 0;
        for (String line : lines) {
            Map<String, String> values = Arrays.stream(line.split(" ")).filter(w -> w.contains("="))
                    .collect(Collectors.toMap(w -> w.split("=")[0], w -> w.split("=")[1]));
            for (String batch : values.get("n").split(",")) {
                ProblemEntry entry = entries.get(expected++);
                assertTrue(entry.name().startsWith(line.split(" ")[0]), line);
                assertEquals(values.get("op").equals("deconv"), entry.isTransposed(), line);
                assertEquals(Long.parseLong(batch), entry.problem().batch(), line);
                assertEquals(flops(values, Long.parseLong(batch)), entry.problem().flops(), line);
            }
        }
        assertEquals(expected, entries.size());
    }

    @Test
    void canonicalLinesOfAllPublishedProblemsReadBack() throws IOException {
        for (Path file : textFiles(SharedMaterial.path("cases"))) {
            for (ProblemEntry entry : ProblemFile.read(file, file.toString().contains("deconv"))) {
                assertEquals(entry.named(""), ProblemNotation.readOne(entry.line(), false), entry.line());
            }
        }
    }

    private static void assertSameAsTable(Path table, Function<String, List<ProblemEntry>> entriesOf) throws IOException {
        List<String> lines = Files.readAllLines(table);
        assertEquals(HEADER, lines.get(0));
        Map<String, Integer> next = new HashMap<>();
        for (String row : lines.subList(1, lines.size())) {
            String[] cells = row.split("\t", -1);
            int index = next.merge(cells[14], 1, Integer::sum) - 1;
            ProblemEntry entry = entriesOf.apply(cells[14]).get(index);
            assertEquals(row, row(entry, cells[14], cells[15]), row);
        }
    }

    /** The table's row, computed from what was read; source and name are not compared. */
    private static String row(ProblemEntry entry, String source, String name) {
        if (entry instanceof ProblemEntry.Transposed t) {
            TransposedConvolution layer = t.layer();
            return String.join("\t", "deconv", layer.dimensions() + "", layer.batch() + "", layer.inputChannels() + "",
                    layer.outputChannels() + "", layer.groups() + "", join(layer.axes(), TransposedAxis::input),
                    join(layer.axes(), TransposedAxis::output), join(layer.axes(), TransposedAxis::filter),
                    join(layer.axes(), TransposedAxis::stride), join(layer.axes(), TransposedAxis::dilation),
                    join(layer.axes(), TransposedAxis::padBegin), join(layer.axes(), a -> a.padEnd() - a.outputPadding()),
                    entry.problem().macs() + "", source, name);
        }
        ConvProblem problem = entry.problem();
        return String.join("\t", "conv", problem.dimensions() + "", problem.batch() + "", problem.inputChannels() + "",
                problem.outputChannels() + "", problem.groups() + "", join(problem.axes(), SpatialAxis::input),
                join(problem.axes(), SpatialAxis::output), join(problem.axes(), SpatialAxis::filter),
                join(problem.axes(), SpatialAxis::stride), join(problem.axes(), SpatialAxis::dilation),
                join(problem.axes(), SpatialAxis::padBegin), join(problem.axes(), SpatialAxis::padEnd),
                problem.macs() + "", source, name);
    }

    private static <A> String join(List<A> axes, ToLongFunction<A> value) {
        return axes.stream().map(axis -> String.valueOf(value.applyAsLong(axis))).collect(Collectors.joining("x"));
    }

    /** The operation count as the list's header states it. */
    private static long flops(Map<String, String> values, long batch) {
        long c = Long.parseLong(values.get("c"));
        long k = Long.parseLong(values.get("k"));
        long[] in = sizes(values.get("in"), 0);
        long[] kernel = sizes(values.get("kernel"), 0);
        long[] stride = sizes(values.get("stride"), in.length);
        long[] pad = sizes(values.get("pad"), in.length);
        long[] dilation = sizes(values.get("dil"), in.length);
        boolean deconv = values.get("op").equals("deconv");
        long flops = 2 * batch * c * k / Long.parseLong(values.get("groups"));
        for (int i = 0; i < in.length; i++) {
            flops *= kernel[i];
            flops *= deconv ? in[i] : (in[i] + 2 * pad[i] - dilation[i] * (kernel[i] - 1) - 1) / stride[i] + 1;
        }
        return flops;
    }

    private static long[] sizes(String text, int count) {
        long[] sizes = Arrays.stream(text.split("x")).mapToLong(Long::parseLong).toArray();
        if (sizes.length < count) {
            long[] filled = new long[count];
            Arrays.fill(filled, sizes[0]);
            return filled;
        }
        return sizes;
    }

    private static List<Path> textFiles(Path folder) {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(file -> file.toString().endsWith(".txt")).sorted().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
