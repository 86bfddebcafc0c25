package io.github.jconv.check.report;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.jconv.problem.ConvOperation;
import io.github.jconv.tensor.DataType;
import io.github.jconv.tensor.Layout;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class MismatchTest {

    private static String verdict(List<String> inside) {
        return new Mismatch("problems", "cudnn:FFT", "n1c1w2k1s1", ConvOperation.FORWARD, DataType.FLOAT32, Layout.NCHW, Tier.EXACT,
                "overwrite", "it is wrong", 1, null, List.of("cudnn:FFT"), inside, List.of(), null, "").verdict();
    }

    private static Stream<String> names(String prefix, int count) {
        return IntStream.range(0, count).mapToObj(i -> prefix + i);
    }

    @Test
    void whoIsRightIsNamedWhereThereAreFew() {
        assertEquals("cudnn:FFT wrong", verdict(List.of()));
        assertEquals("cudnn:FFT wrong; cuda:direct, cpu:direct right", verdict(List.of("cuda:direct", "cpu:direct")));
        assertEquals("cudnn:FFT wrong; cpu:a0, cpu:a1, cpu:a2, cpu:a3, cpu:a4, cpu:a5, cpu:a6, cpu:a7 right", verdict(names("cpu:a", 8).toList()));
    }

    @Test
    void manyAreCountedForEachBackend() {
        assertEquals("cudnn:FFT wrong; the other 12 (3 of cuda, 2 of cudnn, 7 of cpu) right",
                verdict(Stream.of(names("cuda:a", 3), names("cudnn:a", 2), names("cpu:a", 7)).flatMap(each -> each).toList()));
    }

    @Test
    void theUsersOwnAreNamedHoweverMany() {
        String verdict = verdict(Stream.concat(names("cpu:a", 9), Stream.of("Mine")).toList());
        assertEquals("cudnn:FFT wrong; cpu:a0, cpu:a1, cpu:a2, cpu:a3, cpu:a4, cpu:a5, cpu:a6, cpu:a7, cpu:a8, Mine right", verdict);
    }
}
