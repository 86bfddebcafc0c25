package io.github.jconv.check.cases;

import io.github.jconv.tensor.HostTensor;
import io.github.jconv.tensor.TensorShape;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The tensors of a case as its listing names them: {@code x=input_0.pb:float32[1,1,5,5] w=...}. */
final class OnnxTensors {

    private static final Pattern ENTRY = Pattern.compile("([A-Za-z_]\\w*)=([^:/\\\\]+):(float32|int64)\\[(\\d{1,18}(?:,\\d{1,18})*)?\\]");

    private record Entry(String file, TensorShape shape) {
    }

    private final Folder folder;
    private final String caseName;
    private final Map<String, Entry> entries = new LinkedHashMap<>();

    OnnxTensors(Folder folder, String caseName, String listing) {
        if (caseName.isBlank() || Path.of(caseName).isAbsolute() || caseName.contains("..")) {
            throw new IllegalArgumentException("'" + caseName + "' is not the name of a folder below the listing's");
        }
        this.folder = folder;
        this.caseName = caseName;
        for (String entry : listing.strip().split(" +")) {
            Matcher matcher = ENTRY.matcher(entry);
            if (!matcher.matches()) {
                throw new IllegalArgumentException("tensor '" + entry + "' cannot be read; expected: role=file:type[sizes] with type "
                        + "float32 or int64");
            }
            if (entries.put(matcher.group(1), new Entry(matcher.group(2), shape(matcher.group(4)))) != null) {
                throw new IllegalArgumentException("tensor '" + matcher.group(1) + "' is given twice");
            }
        }
    }

    boolean has(String role) {
        return entries.containsKey(role);
    }

    HostTensor tensor(String role) {
        Entry entry = entries.get(role);
        if (entry == null) {
            throw new IllegalArgumentException("tensor '" + role + "' is missing");
        }
        String file = caseName + "/" + entry.file;
        return OnnxTensor.read(folder.file(file), folder.bytes(file)).tensor(folder.file(file), entry.shape);
    }

    /** A tensor whose elements are sizes. */
    long[] integers(String role) {
        HostTensor tensor = tensor(role);
        long[] integers = new long[tensor.length()];
        for (int i = 0; i < integers.length; i++) {
            integers[i] = (long) tensor.get(i);
        }
        return integers;
    }

    private static TensorShape shape(String sizes) {
        if (sizes == null) {
            return TensorShape.of();
        }
        String[] parts = sizes.split(",");
        long[] numbers = new long[parts.length];
        for (int i = 0; i < parts.length; i++) {
            numbers[i] = Long.parseLong(parts[i]);
        }
        return TensorShape.of(numbers);
    }
}
