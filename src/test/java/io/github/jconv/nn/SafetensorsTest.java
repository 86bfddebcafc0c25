package io.github.jconv.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.jconv.nn.data.DataFormatException;
import io.github.jconv.tensor.HostTensor;
import io.github.jconv.tensor.TensorShape;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SafetensorsTest {

    @TempDir
    private Path dir;

    private static Safetensors example() {
        Map<String, HostTensor> tensors = new LinkedHashMap<>();
        tensors.put("a.weight", HostTensor.of(TensorShape.of(2, 3), 1f, -2f, 3.5f, Float.MIN_VALUE, Float.NaN, 0f));
        tensors.put("empty", HostTensor.of(TensorShape.of(0, 3), new float[0]));
        tensors.put("d", HostTensor.of(TensorShape.of(2), Math.PI, -0.0));
        return new Safetensors(Map.of("format", "jconv \"quoted\""), tensors);
    }

    @Test
    void whatIsWrittenIsReadBack() throws IOException {
        Path file = dir.resolve("x.safetensors");
        example().write(file);
        Safetensors read = Safetensors.read(file);
        assertEquals(example().metadata(), read.metadata());
        assertArrayEquals(example().tensors().keySet().toArray(), read.tensors().keySet().toArray());
        assertArrayEquals(example().tensors().get("a.weight").floats(), read.tensors().get("a.weight").floats());
        assertArrayEquals(example().tensors().get("d").doubles(), read.tensors().get("d").doubles());
        try (Stream<Path> files = Files.list(dir)) {
            assertEquals(1, files.count(), "no temporary file stays");
        }
    }

    @Test
    void aFileAsPythonWritesItIsRead() throws IOException {
        String header = "{\"__metadata__\":{\"format\":\"pt\"},\"w\":{\"dtype\":\"F32\",\"shape\":[1,2],\"data_offsets\":[0,8]}}   ";
        ByteBuffer bytes = ByteBuffer.allocate(8 + header.length() + 8).order(ByteOrder.LITTLE_ENDIAN);
        bytes.putLong(header.length()).put(header.getBytes(StandardCharsets.UTF_8)).putFloat(1.5f).putFloat(-2f);
        Path file = Files.write(dir.resolve("pt.safetensors"), bytes.array());
        assertArrayEquals(new float[] {1.5f, -2f}, Safetensors.read(file).tensors().get("w").floats());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
            "{'w':{'dtype':'F32','shape':[2],'data_offsets':[0,9]}} | does not have 9 - 0 bytes",
            "{'w':{'dtype':'F32','shape':[2],'data_offsets':[8,16]}} | begins at 8; expected 0",
            "{'w':{'dtype':'F32','shape':[1],'data_offsets':[0,4]}} | need 4 bytes of data, the file has 8",
            "{'w':{'dtype':'F32','shape':[4],'data_offsets':[0,16]}} | need 16 bytes of data, the file has 8",
            "{'w':{'dtype':'BF16','shape':[4],'data_offsets':[0,8]}} | dtype BF16; allowed: F32, F64",
            "{'w':{'dtype':'F32','shape':[-2],'data_offsets':[0,8]}} | allowed: 0 and up",
            "{'w':{'dtype':'F32','shape':[9000000000000000000],'data_offsets':[0,8]}} | does not have 8 - 0 bytes",
            "{'w':{'dtype':'F32','shape':[1],'data_offsets':[0,4]},'v':{'dtype':'F32','shape':[2],'data_offsets':[0,8]}} | expected 4",
            "{'w':{'dtype':'F32','shape':[1],'data_offsets':[0,4]},'w':{'dtype':'F32','shape':[1],'data_offsets':[4,8]}} | Duplicate",
            "{'w':{'dtype':'F32','shape':[2]}} | lacks dtype, shape or two data_offsets",
            "{'w':{'dtype':'F32','shape':[2],'data_offsets':[0,8],'extra':1}} | unknown field 'extra'",
            "{'w':7} | where START_OBJECT belongs",
            "{'w':{'dtype' | not valid JSON",
            "[] | where START_OBJECT belongs"})
    void aHeaderThatLiesIsRefused(String header, String complaint) throws IOException {
        byte[] json = header.replace('\'', '"').getBytes(StandardCharsets.UTF_8);
        ByteBuffer bytes = ByteBuffer.allocate(8 + json.length + 8).order(ByteOrder.LITTLE_ENDIAN).putLong(json.length).put(json);
        Path file = Files.write(dir.resolve("lie.safetensors"), bytes.array());
        String message = assertThrows(DataFormatException.class, () -> Safetensors.read(file)).getMessage();
        assertTrue(message.contains(complaint) && message.contains("lie.safetensors"), message);
    }

    @Test
    void everyCutAndManyDamagesAreRefusedOrHarmless() throws IOException {
        Path file = dir.resolve("x.safetensors");
        example().write(file);
        byte[] whole = Files.readAllBytes(file);
        for (int length = 0; length < whole.length; length++) {
            Files.write(file, java.util.Arrays.copyOf(whole, length));
            assertThrows(DataFormatException.class, () -> Safetensors.read(file));
        }
        Random random = new Random(1);
        for (int i = 0; i < 2000; i++) {
            byte[] damaged = whole.clone();
            damaged[random.nextInt(damaged.length)] ^= (byte) (1 << random.nextInt(8));
            Files.write(file, damaged);
            try {
                Safetensors.read(file);
            } catch (DataFormatException refused) {
                assertTrue(refused.getMessage().startsWith(file.toString()), refused.getMessage());
            }
        }
    }
}
