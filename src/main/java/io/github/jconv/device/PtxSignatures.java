package io.github.jconv.device;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads from PTX text which kernels it has and how many bytes each of their parameters takes. */
final class PtxSignatures {

    private static final Pattern ENTRY = Pattern.compile("\\.entry\\s+([\\w$]+)\\s*(?:\\(([^)]*)\\))?");
    private static final Pattern PARAMETER = Pattern.compile(
            "\\.param\\s+(?:\\.align\\s+(\\d+)\\s+)?\\.[busf](8|16|32|64)\\b[^\\[]*(?:\\[(\\d+)])?");
    private static final Pattern COMMENT = Pattern.compile("//[^\\n]*|/\\*.*?\\*/", Pattern.DOTALL);

    private PtxSignatures() {
    }

    /**
     * One parameter of a kernel.
     *
     * @param bytes     its size
     * @param alignment of its address, a power of two
     */
    record Parameter(int bytes, int alignment) {
    }

    /** The parameters of each kernel, in order. */
    static Map<String, List<Parameter>> of(String ptx) {
        Map<String, List<Parameter>> kernels = new HashMap<>();
        Matcher entry = ENTRY.matcher(COMMENT.matcher(ptx).replaceAll(" "));
        while (entry.find()) {
            kernels.put(entry.group(1), parameters(entry.group(1), entry.group(2)));
        }
        return kernels;
    }

    private static List<Parameter> parameters(String kernel, String list) {
        List<Parameter> parameters = new ArrayList<>();
        if (list == null || list.isBlank()) {
            return parameters;
        }
        for (String text : list.split(",")) {
            Matcher parameter = PARAMETER.matcher(text.strip());
            if (!parameter.matches()) {
                throw new IllegalArgumentException("cannot read the parameter '" + text.strip() + "' of kernel " + kernel);
            }
            int element = Integer.parseInt(parameter.group(2)) / Byte.SIZE;
            int count = parameter.group(3) == null ? 1 : Integer.parseInt(parameter.group(3));
            int alignment = parameter.group(1) == null ? element : Integer.parseInt(parameter.group(1));
            parameters.add(new Parameter(element * count, alignment));
        }
        return parameters;
    }
}
