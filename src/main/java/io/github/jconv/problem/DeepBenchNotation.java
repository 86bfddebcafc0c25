package io.github.jconv.problem;

import java.util.Arrays;

/**
 * A line of DeepBench's list of convolutions: {@code w h c n k filter_w filter_h pad_w pad_h stride_w stride_h}, width before
 * height, with commas or blanks between the numbers.
 */
final class DeepBenchNotation {

    private static final String ORDER = "w h c n k filter_w filter_h pad_w pad_h stride_w stride_h";

    private DeepBenchNotation() {
    }

    static ProblemEntry read(String line, boolean transposed) {
        String[] words = line.strip().split("\\s*,\\s*|\\s+");
        int expected = ORDER.split(" ").length;
        if (words.length != expected) {
            throw new InvalidProblemException("it has " + words.length + " numbers; expected the " + expected + " of DeepBench: " + ORDER);
        }
        long[] numbers = Arrays.stream(words).mapToLong(KeyedNumbers::number).toArray();
        var parameters = new LayerParameters(2);
        parameters.input = new long[] {numbers[1], numbers[0]};
        parameters.inputChannels = numbers[2];
        parameters.batch = numbers[3];
        parameters.outputChannels = numbers[4];
        parameters.filter = new long[] {numbers[6], numbers[5]};
        parameters.padBegin = new long[] {numbers[8], numbers[7]};
        parameters.padEnd = parameters.padBegin.clone();
        parameters.stride = new long[] {numbers[10], numbers[9]};
        return ProblemNotation.entry("", parameters, transposed);
    }
}
