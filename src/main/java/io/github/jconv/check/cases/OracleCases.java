package io.github.jconv.check.cases;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectReader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads a folder of oracle cases: {@code cases.jsonl} with one JSON object per line, one per case, and {@code data.f64} with all
 * tensors (fp64, little endian, row-major; offsets count doubles).
 */
public final class OracleCases {

    private static final String CASES = "cases.jsonl";
    private static final String DATA = "data.f64";
    private static final ObjectReader JSON = new ObjectMapper().reader().with(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

    private OracleCases() {
    }

    /**
     * @throws CaseFormatException naming the file, the line and what is wrong there
     */
    public static RecordedSuite read(Path directory) {
        Folder folder = new Folder(directory);
        List<String> lines = folder.lines(CASES);
        OracleData data = new OracleData(folder.file(DATA), folder.bytes(DATA));
        List<RecordedCase> cases = new ArrayList<>();
        for (int i = 0; i < lines.size(); i++) {
            if (!lines.get(i).isBlank()) {
                cases.add(read(folder.file(CASES), i + 1, lines.get(i), data));
            }
        }
        if (cases.isEmpty()) {
            throw new CaseFormatException(folder.file(CASES), "", "there is no case in it");
        }
        return new RecordedSuite("oracle", "--oracle " + directory, cases);
    }

    private static RecordedCase read(Path file, int number, String line, OracleData data) {
        String place = "line " + number;
        try {
            return new OracleCase(new JsonFields(JSON.readTree(line)), data).read();
        } catch (JsonProcessingException e) {
            throw new CaseFormatException(file, place + ", column " + (e.getLocation() == null ? 0 : e.getLocation().getColumnNr()),
                    "cannot be read as JSON: " + e.getOriginalMessage(), e);
        } catch (IllegalArgumentException e) {
            throw new CaseFormatException(file, place, e.getMessage(), e);
        }
    }
}
