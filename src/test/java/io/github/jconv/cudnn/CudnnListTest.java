package io.github.jconv.cudnn;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.jconv.problem.ConvOperation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import jcuda.jcudnn.cudnnConvolutionBwdDataAlgo;
import jcuda.jcudnn.cudnnConvolutionBwdFilterAlgo;
import jcuda.jcudnn.cudnnConvolutionFwdAlgo;
import org.junit.jupiter.api.Test;

/** The list of algorithms is cuDNN's own. */
class CudnnListTest {

    @Test
    void theNumbersAreThoseOfTheirNames() {
        assertEquals(names(ConvOperation.FORWARD, cudnnConvolutionFwdAlgo.CUDNN_CONVOLUTION_FWD_ALGO_COUNT),
                named(ConvOperation.FORWARD));
        assertEquals(names(ConvOperation.BACKWARD_DATA, cudnnConvolutionBwdDataAlgo.CUDNN_CONVOLUTION_BWD_DATA_ALGO_COUNT),
                named(ConvOperation.BACKWARD_DATA));
        assertEquals(names(ConvOperation.BACKWARD_FILTER, cudnnConvolutionBwdFilterAlgo.CUDNN_CONVOLUTION_BWD_FILTER_ALGO_COUNT),
                named(ConvOperation.BACKWARD_FILTER));
    }

    /** cuDNN's names by number, as JCudnn has them. */
    private static List<String> names(ConvOperation operation, int count) {
        List<String> names = new ArrayList<>();
        for (int number = 0; number < count; number++) {
            String name = switch (operation) {
                case FORWARD -> cudnnConvolutionFwdAlgo.stringFor(number);
                case BACKWARD_DATA -> cudnnConvolutionBwdDataAlgo.stringFor(number);
                case BACKWARD_FILTER -> cudnnConvolutionBwdFilterAlgo.stringFor(number);
            };
            String own = name.substring(name.indexOf("_ALGO_") + "_ALGO_".length());
            names.add(own.matches("\\d") ? "ALGO_" + own : own);
        }
        return names;
    }

    private static List<String> named(ConvOperation operation) {
        return Arrays.stream(LibraryAlgorithm.values()).filter(algorithm -> algorithm.number(operation) >= 0)
                .sorted((a, b) -> Integer.compare(a.number(operation), b.number(operation))).map(Enum::name).toList();
    }

    @Test
    void theReadmeListsTheAlgorithmsWithTheirOperations() throws IOException {
        List<String> rows = Arrays.stream(LibraryAlgorithm.values()).map(algorithm -> "| `" + algorithm + "` | "
                + Arrays.stream(ConvOperation.values()).filter(operation -> algorithm.number(operation) >= 0).map(ConvOperation::text)
                        .collect(Collectors.joining(", ")) + " |").toList();
        List<String> table = Files.readAllLines(Path.of("README.md")).stream().dropWhile(line -> !line.startsWith("| cuDNN algorithm"))
                .skip(2).takeWhile(line -> line.startsWith("|")).map(line -> line.substring(0, line.indexOf('|', line.indexOf(" | ") + 3) + 1))
                .toList();
        assertEquals(rows, table);
    }
}
