package io.github.jconv.algorithm.deny;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.jconv.algorithm.ConvAlgorithm;
import io.github.jconv.algorithm.ConvRequest;
import io.github.jconv.algorithm.Support;
import io.github.jconv.problem.ConvOperation;
import io.github.jconv.problem.ConvProblem;
import io.github.jconv.tensor.DataType;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The form of a deny-list, and what an entry denies. */
class DenyListTest {

    private static final ConvProblem PROBLEM = ConvProblem.parse("n2c6h7w9k4r3s2_sh2sw1_ph1:0pw0_dh1dw2_g2");

    private record Named(String name, String type) implements ConvAlgorithm {

        @Override
        public Support supports(ConvRequest request) {
            return Support.supported();
        }

        @Override
        public long workspaceBytes(ConvRequest request) {
            return 0;
        }

        @Override
        public String operandType(ConvRequest request) {
            return type;
        }
    }

    private static DenyEntry entry(String conditions) {
        return DenyList.parse("test", List.of("backend=cudnn " + conditions + " | wrong")).entries().get(0);
    }

    private static ConvRequest request(ConvOperation operation, DataType type) {
        return new ConvRequest(PROBLEM, operation, type);
    }

    @ParameterizedTest
    @CsvSource({
        "9.8, 9.8.0, true", "9.8, 9.8.1, true", "9.8, 9.9.0, false", "9.8, 9.80.0, false",
        "9.8..9.14, 9.8.0, true", "9.8..9.14, 9.14.2, true", "9.8..9.14, 9.15.0, false", "9.8..9.14, 9.7.9, false",
        "9.8.., 10.0.0, true", "9.8.., 9.7.0, false", "..8.9, 8.9.7, true", "..8.9, 9.0.0, false", "9.10.2, 9.10.2, true",
        "9.10.2, 9.10, false"})
    void versions(String range, String version, boolean inside) {
        assertEquals(inside, VersionRange.parse(range).contains(version));
    }

    @ParameterizedTest
    @CsvSource({
        "dims=2, true", "dims=3, false", "groups>1, true", "groups<=1, false", "stride>=2, true", "stride>2, false", "stride=1, true",
        "dilation>1, true", "filter=3, true", "filter=5, false", "padding=1, true", "batch<2, false", "channels=6, true",
        "channels-per-group=3, true", "filters=4, true", "filters-per-group=2, true", "input>=9, true", "output>9, false",
        "elements>=756, true", "elements>756, false", "dims=2 groups=2 stride=2, true", "dims=2 groups=3, false"})
    void shapes(String conditions, boolean denied) {
        assertEquals(denied, entry(conditions).denies(request(ConvOperation.FORWARD, DataType.FLOAT32), new Named("ANY", "fp32")));
    }

    @Test
    void operationAlgorithmAndType() {
        DenyEntry entry = entry("operation=backward_filter algorithm=ALGO_1 type=fp64");
        assertTrue(entry.denies(request(ConvOperation.BACKWARD_FILTER, DataType.FLOAT64), new Named("ALGO_1", "fp64")));
        assertFalse(entry.denies(request(ConvOperation.BACKWARD_DATA, DataType.FLOAT64), new Named("ALGO_1", "fp64")));
        assertFalse(entry.denies(request(ConvOperation.BACKWARD_FILTER, DataType.FLOAT32), new Named("ALGO_1", "fp32")));
        assertFalse(entry.denies(request(ConvOperation.BACKWARD_FILTER, DataType.FLOAT64), new Named("FFT", "fp64")));
    }

    @Test
    void aLineHasReasonLinkAndExample() {
        DenyEntry entry = DenyList.parse("test", List.of("# a comment", "",
                " backend=cudnn versions=9.8 example=n1c1w5k1s3 | wrong at the end |  https://example.org/1 ")).entries().get(0);
        assertEquals("wrong at the end", entry.reason());
        assertEquals("https://example.org/1", entry.link());
        assertEquals(ConvProblem.parse("n1c1w5k1s3"), entry.example());
        assertEquals("the deny-list has it: wrong at the end (https://example.org/1)", entry.because());
        assertEquals("the deny-list has it: wrong", entry("").because());
    }

    @ParameterizedTest
    @CsvSource(delimiterString = "=>", value = {
        "backend=cudnn => it has 1 parts; allowed: CONDITIONS | REASON or CONDITIONS | REASON | LINK",
        "backend=cudnn | => it has 2 parts; allowed: CONDITIONS | REASON or CONDITIONS | REASON | LINK",
        "dims=2 | wrong => backend is missing; allowed: backend=NAME, such as backend=cudnn",
        "backend=cudnn nonsense | wrong => 'nonsense' is no condition; allowed: NAME=VALUE, and <, >, <=, >= with numbers",
        "backend>cudnn | wrong => 'backend>cudnn' compares what is no number; allowed: backend=VALUE",
        "backend=cudnn backend=cuda | wrong => backend stands twice",
        "backend=cudnn versions=new | wrong => versions is 'new'; allowed: 9.8, 9.8..9.14, 9.8.. or ..8.9",
        "backend=cudnn versions=99999999999.. | wrong => versions is '99999999999..'; allowed: 9.8, 9.8..9.14, 9.8.. or ..8.9",
        "backend=cudnn versions=.. | wrong => versions is '..'; allowed: 9.8, 9.8..9.14, 9.8.. or ..8.9",
        "backend=cudnn operation=all | wrong => operation is 'all'; allowed: forward, backward_data, backward_filter",
        "backend=cudnn type=float | wrong => type is 'float'; allowed: fp16, bf16, tf32, fp32, fp64",
        "backend=cudnn dims=two | wrong => dims is compared with 'two'; allowed: a whole number",
        "backend=cudnn colour=red | wrong => 'colour' is not known; allowed: backend, versions, device, operation, algorithm, type, "
                + "example, dims, batch, channels, filters, groups, channels-per-group, filters-per-group, input, output, filter, "
                + "stride, dilation, padding, elements"})
    void mistakesAreNamedWithTheirLine(String line, String problem) {
        var error = assertThrows(DenyListFormatException.class, () -> DenyList.parse("list.txt", List.of("# first", line)));
        assertEquals("list.txt, line 2: " + problem, error.getMessage());
    }

    @Test
    void aWrongExampleIsNamed() {
        var error = assertThrows(DenyListFormatException.class, () -> entry("example=n1c"));
        assertTrue(error.getMessage().startsWith("test, line 1: example: "), error::getMessage);
    }

    /** Every entry has what a reader wants to know, and an example that the entry itself is about. */
    @Test
    void theBundledListCanBeReadAndProved() {
        List<DenyEntry> entries = DenyList.bundled().entries();
        assertFalse(entries.isEmpty());
        for (DenyEntry entry : entries) {
            assertTrue(entry.link().startsWith("https://"), entry::line);
            assertFalse(entry.versions().equals(VersionRange.ANY), entry::line);
            assertNotNull(entry.example(), entry::line);
            assertTrue(entry.conditions().stream().allMatch(condition -> condition.holds(entry.example())), entry::line);
        }
    }
}
