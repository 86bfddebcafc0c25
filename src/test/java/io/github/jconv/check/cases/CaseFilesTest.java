package io.github.jconv.check.cases;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.CodedOutputStream;
import io.github.jconv.check.CrossCheck;
import io.github.jconv.check.EngineSubject;
import io.github.jconv.ConvEngine;
import io.github.jconv.problem.ConvOperation;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Small folders of cases, written here, then damaged in every way: one error that names file and place. */
class CaseFilesTest {

    /** y = x (*) w of [1,2,3] and [1,10] with a bias of 5; gradients for gy = [1,2]. */
    private static final String ORACLE_LINE = "{\"id\":7,\"kind\":\"general\",\"op\":\"conv\",\"dims\":1,\"batch\":1,\"in_channels\":1,"
            + "\"out_channels\":1,\"groups\":1,\"input\":[3],\"kernel\":[2],\"stride\":[1],\"padding\":[0],\"dilation\":[1],"
            + "\"output_padding\":[0],\"output\":[2],\"bias\":true,\"exact\":true,\"tensors\":{\"x\":{\"shape\":[1,1,3],\"offset\":0},"
            + "\"w\":{\"shape\":[1,1,2],\"offset\":3},\"b\":{\"shape\":[1],\"offset\":5},\"gy\":{\"shape\":[1,1,2],\"offset\":6},"
            + "\"y\":{\"shape\":[1,1,2],\"offset\":8},\"gx\":{\"shape\":[1,1,3],\"offset\":10},\"gw\":{\"shape\":[1,1,2],\"offset\":13},"
            + "\"gb\":{\"shape\":[1],\"offset\":15}},\"scale\":{\"y\":37,\"gx\":20,\"gw\":8,\"gb\":3}}";
    private static final double[] ORACLE_DATA = {1, 2, 3, 1, 10, 5, 1, 2, 26, 37, 1, 12, 20, 5, 8, 3};

    private static final String HEADER = "case\top\topset\tattributes\ttensors";

    @TempDir
    private Path folder;

    @BeforeEach
    void writeCases() throws IOException {
        Files.writeString(folder.resolve("cases.jsonl"), ORACLE_LINE + "\n");
        ByteBuffer data = ByteBuffer.allocate(8 * ORACLE_DATA.length).order(ByteOrder.LITTLE_ENDIAN);
        data.asDoubleBuffer().put(ORACLE_DATA);
        Files.write(folder.resolve("data.f64"), data.array());
        Files.createDirectories(folder.resolve("case"));
        Files.write(folder.resolve("case/x.pb"), tensor(new long[] {1, 1, 3}, true, 1, 2, 3));
        Files.write(folder.resolve("case/w.pb"), tensor(new long[] {1, 1, 2}, false, 1, 10));
        Files.write(folder.resolve("case/y.pb"), tensor(new long[] {1, 1, 2}, true, 21, 32));
        writeListing("Conv", "strides=1", "x=x.pb:float32[1,1,3] w=w.pb:float32[1,1,2] y=y.pb:float32[1,1,2]");
    }

    private void writeListing(String op, String attributes, String tensors) throws IOException {
        Files.writeString(folder.resolve("cases.tsv"), HEADER + "\ncase\t" + op + "\t22\t" + attributes + "\t" + tensors + "\n");
    }

    private static byte[] tensor(long[] dims, boolean raw, float... values) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        CodedOutputStream out = CodedOutputStream.newInstance(bytes);
        for (long dim : dims) {
            out.writeInt64(1, dim);
        }
        out.writeInt32(2, 1);
        if (raw) {
            ByteBuffer buffer = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
            buffer.asFloatBuffer().put(values);
            out.writeByteArray(9, buffer.array());
        } else {
            for (float value : values) {
                out.writeFloat(4, value);
            }
        }
        out.flush();
        return bytes.toByteArray();
    }

    @Test
    void bothFormatsAreReadAndAgree() {
        RecordedSuite oracle = OracleCases.read(folder);
        RecordedCase one = oracle.cases().get(0);
        assertEquals("case 7 (general)", one.name());
        assertEquals(Arrays.asList(ConvOperation.FORWARD, ConvOperation.BACKWARD_DATA, ConvOperation.BACKWARD_FILTER),
                one.recordings().stream().map(Recording::operation).toList());
        assertArrayEquals(new double[] {26, 37}, one.recordings().get(0).expected().doubles());
        RecordedSuite onnx = OnnxCases.read(folder);
        assertTrue(onnx.cases().get(0).recordings().get(0).accuracy().exact());
        try (ConvEngine engine = ConvEngine.builder().threads(1).open()) {
            CrossCheck.of(new EngineSubject("engine", engine)).on(oracle).on(onnx).assertAgrees();
        }
    }

    @Test
    void aWrongRecordingIsAMismatchThatNamesTheCase() throws IOException {
        byte[] data = Files.readAllBytes(folder.resolve("data.f64"));
        ByteBuffer.wrap(data).order(ByteOrder.LITTLE_ENDIAN).putDouble(8 * 9, 38);
        Files.write(folder.resolve("data.f64"), data);
        try (ConvEngine engine = ConvEngine.builder().threads(1).open()) {
            AssertionError error = assertThrows(AssertionError.class,
                    () -> CrossCheck.of(new EngineSubject("engine", engine)).on(OracleCases.read(folder)).assertAgrees());
            assertTrue(error.getMessage().contains("case 7 (general), y") && error.getMessage().contains("is 37.0, expected 38.0"),
                    error.getMessage());
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '~', value = {
        "\"dims\":1|\"dims\":4|dims",
        "\"op\":\"conv\"|\"op\":\"pool\"|pool",
        "\"batch\":1|\"batch\":\"1\"|batch",
        "\"kernel\":[2]|\"kernel\":[2,2]|kernel",
        "\"kernel\":[2]|\"kernel\":[0]|filter is 0",
        "\"output\":[2]|\"output\":[3]|output",
        "\"offset\":15|\"offset\":16|cut off",
        "\"offset\":15|\"offset\":-1|gb",
        "\"shape\":[1,1,3],\"offset\":0|\"shape\":[1,1,4],\"offset\":0|shape",
        "\"groups\":1,|~~|groups",
        "\"groups\":1,|\"groups\":2,|groups is 2",
        "\"scale\":{\"y\":37|\"scale\":{\"y\":-1|scale",
        "\"exact\":true|\"exact\":1|exact",
        "\"gb\":3}}|\"gb\":3}|cases.jsonl, line 1",
        "\"gb\":3}}|\"gb\":3}} x|cases.jsonl, line 1"})
    void aDamagedOracleLineIsRefusedWithFileLineAndReason(String what, String by, String reason) throws IOException {
        assertTrue(ORACLE_LINE.contains(what));
        Files.writeString(folder.resolve("cases.jsonl"), "\n" + ORACLE_LINE.replace(what, by.equals("~~") ? "" : by) + "\n");
        String message = assertThrows(CaseFormatException.class, () -> OracleCases.read(folder)).getMessage();
        assertTrue(message.contains("cases.jsonl, line 2"), message);
        assertTrue(message.contains(reason.replace("line 1", "line 2")), message);
    }

    @Test
    void missingAndCutOracleFilesAreRefused() throws IOException {
        assertRefused("nowhere", () -> OracleCases.read(folder.resolve("nowhere")));
        Files.write(folder.resolve("data.f64"), Arrays.copyOf(Files.readAllBytes(folder.resolve("data.f64")), 50));
        assertRefused("data.f64", () -> OracleCases.read(folder));
        Files.write(folder.resolve("data.f64"), new byte[48]);
        assertRefused("line 1", () -> OracleCases.read(folder));
        Files.delete(folder.resolve("data.f64"));
        assertRefused("data.f64", () -> OracleCases.read(folder));
        Files.writeString(folder.resolve("cases.jsonl"), "\n");
        Files.write(folder.resolve("data.f64"), new byte[8]);
        assertRefused("no case", () -> OracleCases.read(folder));
        Files.write(folder.resolve("cases.jsonl"), new byte[] {(byte) 0xff, (byte) 0xfe, 10});
        assertRefused("UTF-8", () -> OracleCases.read(folder));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "Pool|strides=1|op is 'Pool'",
        "Conv|stride=1|stride=1",
        "Conv|strides=1;strides=1|twice",
        "Conv|strides=1,1|strides",
        "Conv|strides=x|an integer",
        "Conv|strides=0|stride is 0",
        "Conv|kernel_shape=3|kernel_shape",
        "Conv|group=0|groups is 0",
        "Conv|auto_pad=SAME|auto_pad",
        "Conv|pads=1,1|'y' has the shape",
        "ConvTranspose|output_shape=9|output"})
    void aWrongOnnxLineIsRefusedWithFileLineAndReason(String op, String attributes, String reason) throws IOException {
        writeListing(op, attributes, "x=x.pb:float32[1,1,3] w=w.pb:float32[1,1,2] y=y.pb:float32[1,1,2]");
        String message = assertThrows(CaseFormatException.class, () -> OnnxCases.read(folder)).getMessage();
        assertTrue(message.contains("cases.tsv, line 2") && (message.contains(reason) || op.equals("ConvTranspose")), message);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "x", "x=x.pb:float32[1,1,3]", "x=x.pb:float64[1,1,3]", "x=../x.pb:float32[1,1,3]",
        "x=x.pb:float32[1,1,3] x=x.pb:float32[1,1,3]", "x=gone.pb:float32[1,1,3] w=w.pb:float32[1,1,2] y=y.pb:float32[1,1,2]",
        "x=x.pb:float32[1,3,1] w=w.pb:float32[1,1,2] y=y.pb:float32[1,1,2]"})
    void wrongTensorListsAreRefused(String tensors) throws IOException {
        writeListing("Conv", "", tensors);
        assertThrows(CaseFormatException.class, () -> OnnxCases.read(folder));
    }

    @Test
    void damagedTensorsAreRefusedByName() throws IOException {
        byte[] whole = Files.readAllBytes(folder.resolve("case/x.pb"));
        for (int length = 0; length < whole.length; length++) {
            Files.write(folder.resolve("case/x.pb"), Arrays.copyOf(whole, length));
            assertRefused("x.pb", () -> OnnxCases.read(folder));
        }
        Files.writeString(folder.resolve("case/x.pb"), "this is no tensor");
        assertRefused("x.pb", () -> OnnxCases.read(folder));
        Files.writeString(folder.resolve("cases.tsv"), "case\top\n");
        assertRefused("line 1", () -> OnnxCases.read(folder));
        Files.writeString(folder.resolve("cases.tsv"), HEADER + "\ncase\tConv\t22\n");
        assertRefused("line 2", () -> OnnxCases.read(folder));
        Files.writeString(folder.resolve("cases.tsv"), HEADER + "\n");
        assertRefused("no case", () -> OnnxCases.read(folder));
        Files.writeString(folder.resolve("cases.tsv"), "");
        assertRefused("cases.tsv", () -> OnnxCases.read(folder));
    }

    private static void assertRefused(String part, org.junit.jupiter.api.function.Executable reading) {
        String message = assertThrows(CaseFormatException.class, reading).getMessage();
        assertTrue(message.contains(part), message);
    }
}
