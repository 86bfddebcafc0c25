package io.github.jconv.check.cases;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Reads a folder of ONNX backend cases: {@code cases.tsv} lists them, with a header line and the columns {@code case},
 * {@code op}, {@code attributes} and {@code tensors} (others are ignored); the tensors are serialized {@code TensorProto}s in the
 * folder of their case. Serves Conv, ConvTranspose and Col2Im.
 */
public final class OnnxCases {

    private static final String LISTING = "cases.tsv";
    private static final String TAB = "\t";

    private OnnxCases() {
    }

    /**
     * @throws CaseFormatException naming the file, the line or byte, and what is wrong there
     */
    public static RecordedSuite read(Path directory) {
        Folder folder = new Folder(directory);
        List<String> lines = folder.lines(LISTING);
        if (lines.isEmpty()) {
            throw new CaseFormatException(folder.file(LISTING), "", "is empty");
        }
        Columns columns = new Columns(folder.file(LISTING), lines.get(0));
        List<RecordedCase> cases = new ArrayList<>();
        for (int i = 1; i < lines.size(); i++) {
            if (!lines.get(i).isBlank()) {
                cases.add(read(folder, columns, i + 1, lines.get(i)));
            }
        }
        if (cases.isEmpty()) {
            throw new CaseFormatException(folder.file(LISTING), "", "there is no case in it");
        }
        return new RecordedSuite("onnx", "--onnx " + directory, cases);
    }

    private static RecordedCase read(Folder folder, Columns columns, int number, String line) {
        try {
            String[] cells = columns.cells(line);
            String name = columns.cell(cells, "case");
            OnnxTensors tensors = new OnnxTensors(folder, name, columns.cell(cells, "tensors"));
            OnnxAttributes attributes = new OnnxAttributes(columns.cell(cells, "attributes"));
            return OnnxCase.read(name, columns.cell(cells, "op"), attributes, tensors);
        } catch (CaseFormatException e) {
            throw e;
        } catch (IllegalArgumentException | ArithmeticException e) {
            throw new CaseFormatException(folder.file(LISTING), "line " + number, e.getMessage(), e);
        }
    }

    /** The columns of the listing, by the names in its header. */
    private static final class Columns {

        private final List<String> names;

        Columns(Path file, String header) {
            names = Arrays.asList(header.split(TAB, -1));
            for (String name : List.of("case", "op", "attributes", "tensors")) {
                if (!names.contains(name)) {
                    throw new CaseFormatException(file, "line 1", "there is no column '" + name + "' in the header");
                }
            }
        }

        String[] cells(String line) {
            String[] cells = line.split(TAB, -1);
            if (cells.length != names.size()) {
                throw new IllegalArgumentException("has " + cells.length + " columns; the header has " + names.size());
            }
            return cells;
        }

        String cell(String[] cells, String name) {
            return cells[names.indexOf(name)];
        }
    }
}
