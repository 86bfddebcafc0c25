package io.github.jconv.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.jconv.ConvEngine;
import io.github.jconv.nn.data.DataFormatException;
import io.github.jconv.tensor.DataType;
import io.github.jconv.tensor.HostTensor;
import io.github.jconv.tensor.Layout;
import io.github.jconv.tensor.TensorShape;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class SafetensorsTest {

    @TempDir
    private Path dir;

    private static Safetensors example() {
        Map<String, HostTensor> tensors = new LinkedHashMap<>();
        tensors.put("a.weight", HostTensor.of(TensorShape.of(2, 3), 1f, -2f, 3.5f, Float.MIN_VALUE, Float.NaN, 0f));
        tensors.put("empty", HostTensor.of(TensorShape.of(0, 3), new float[0]));
        tensors.put("d", HostTensor.of(TensorShape.of(2), Math.PI, -0.0));
        tensors.put("half", HostTensor.of(TensorShape.of(1, 3, 2), 1f, -65504f, 0x1p-24f, Float.NaN, -0f, 0.1f).to(DataType.FLOAT16));
        tensors.put("brain", HostTensor.of(TensorShape.of(3), 0x1p-133f, Float.NEGATIVE_INFINITY, 0.1f).to(DataType.BFLOAT16));
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
        for (String narrow : List.of("half", "brain")) {
            assertEquals(example().tensors().get(narrow).dataType(), read.tensors().get(narrow).dataType());
            assertArrayEquals(example().tensors().get(narrow).shorts(), read.tensors().get(narrow).shorts());
        }
        try (Stream<Path> files = Files.list(dir)) {
            assertEquals(1, files.count(), "no temporary file stays");
        }
    }

    /** Whatever order a map gives its entries in. */
    @Test
    void theSameContentMakesTheSameBytes() throws IOException {
        Map<String, String> first = new LinkedHashMap<>();
        Map<String, String> second = new LinkedHashMap<>();
        for (int i = 0; i < 5; i++) {
            first.put("key" + i, "v");
            second.put("key" + (4 - i), "v");
        }
        new Safetensors(first, example().tensors()).write(dir.resolve("1.safetensors"));
        new Safetensors(second, example().tensors()).write(dir.resolve("2.safetensors"));
        assertEquals(-1, Files.mismatch(dir.resolve("1.safetensors"), dir.resolve("2.safetensors")));
    }

    @Test
    void aFileAsPythonWritesItIsRead() throws IOException {
        String header = "{\"__metadata__\":{\"format\":\"pt\"},\"w\":{\"dtype\":\"F32\",\"shape\":[1,2],\"data_offsets\":[0,8]}}   ";
        ByteBuffer bytes = ByteBuffer.allocate(8 + header.length() + 8).order(ByteOrder.LITTLE_ENDIAN);
        bytes.putLong(header.length()).put(header.getBytes(StandardCharsets.UTF_8)).putFloat(1.5f).putFloat(-2f);
        Path file = Files.write(dir.resolve("pt.safetensors"), bytes.array());
        assertArrayEquals(new float[] {1.5f, -2f}, Safetensors.read(file).tensors().get("w").floats());
    }

    @Test
    void sixteenBitsAreThoseOfPython() throws IOException {
        String header = "{\"h\":{\"dtype\":\"F16\",\"shape\":[2],\"data_offsets\":[0,4]},"
                + "\"b\":{\"dtype\":\"BF16\",\"shape\":[2],\"data_offsets\":[4,8]}}";
        ByteBuffer bytes = ByteBuffer.allocate(8 + header.length() + 8).order(ByteOrder.LITTLE_ENDIAN);
        bytes.putLong(header.length()).put(header.getBytes(StandardCharsets.UTF_8));
        bytes.putShort((short) 0x3e00).putShort((short) 0xc000).putShort((short) 0x3fc0).putShort((short) 0xc000);
        Safetensors read = Safetensors.read(Files.write(dir.resolve("pt.safetensors"), bytes.array()));
        assertArrayEquals(new float[] {1.5f, -2f}, read.to(DataType.FLOAT32).tensors().get("h").floats());
        assertArrayEquals(new float[] {1.5f, -2f}, read.to(DataType.FLOAT32).tensors().get("b").floats());
    }

    /** As PyTorch's state of a batch normalisation: the count of batches has no part in the network. */
    @Test
    void wholeNumbersArePassedOver() throws IOException {
        String header = "{\"batchNorm.num_batches_tracked\":{\"dtype\":\"I64\",\"shape\":[],\"data_offsets\":[0,8]},"
                + "\"batchNorm.weight\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[8,12]},"
                + "\"batchNorm.bias\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[12,16]},"
                + "\"batchNorm.running_mean\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[16,20]},"
                + "\"batchNorm.running_var\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[20,24]}}";
        Path file = dir.resolve("pt.safetensors");
        for (String name : List.of("num_batches_tracked", "mask")) {
            byte[] json = header.replace("num_batches_tracked", name).getBytes(StandardCharsets.UTF_8);
            ByteBuffer bytes = ByteBuffer.allocate(8 + json.length + 24).order(ByteOrder.LITTLE_ENDIAN).putLong(json.length).put(json);
            bytes.putLong(7).putFloat(1).putFloat(2).putFloat(3).putFloat(4);
            Files.write(file, bytes.array());
            Safetensors read = Safetensors.read(file);
            assertEquals(Map.of("batchNorm." + name, "I64 []"), read.integers());
            assertEquals(Set.of("batchNorm.weight", "batchNorm.bias", "batchNorm.running_mean", "batchNorm.running_var"),
                    read.tensors().keySet());
            try (ConvEngine engine = ConvEngine.builder().backend("cpu").open();
                    Network network = Network.on(engine, 7).input(1, 6).build(Layers.batchNorm())) {
                if (name.equals("mask")) {
                    assertEquals(file + ": value 'batchNorm.mask' is I64 []; of whole numbers a network passes over num_batches_tracked"
                            + " only", assertThrows(IllegalArgumentException.class, () -> network.load(file)).getMessage());
                } else {
                    network.load(file);
                    assertArrayEquals(new float[] {3}, network.values().get("batchNorm.running_mean").floats());
                }
            }
        }
    }

    /** Longer than what is written at once: 8 MiB. */
    @ParameterizedTest
    @EnumSource(names = {"FLOAT32", "FLOAT64", "BFLOAT16"})
    void aLongTensorIsWrittenAndReadInPieces(DataType type) throws IOException {
        HostTensor tensor = HostTensor.zeros(type, TensorShape.of((2 << 23) / type.bytes() + 3));
        for (int i = 0; i < tensor.length(); i += 1021) {
            tensor.set(i, i % 251);
        }
        Path file = dir.resolve("long.safetensors");
        new Safetensors(Map.of(), Map.of("w", tensor)).write(file);
        HostTensor read = Safetensors.read(file).tensors().get("w");
        for (int i = 0; i < tensor.length(); i++) {
            if (tensor.get(i) != read.get(i)) {
                assertEquals(tensor.get(i), read.get(i), "value " + i);
            }
        }
    }

    @Test
    void aFolderInThePlaceOfAFileIsNamed() {
        String read = assertThrows(IOException.class, () -> Safetensors.read(dir)).getMessage();
        assertTrue(read.startsWith(dir + ": "), read);
        Path root = dir.getRoot();
        assertEquals("file is " + root + "; allowed: a path with a name at its end",
                assertThrows(IllegalArgumentException.class, () -> example().write(root)).getMessage());
    }

    @Test
    void conversionRoundsOnce() {
        Safetensors one = new Safetensors(Map.of(), Map.of("w", HostTensor.of(TensorShape.of(2), 1 + 0x1p-11 + 0x1p-40, 1 + 0x1p-11)));
        HostTensor half = one.to(DataType.FLOAT16).tensors().get("w");
        assertEquals(1 + 0x1p-10, half.get(0));
        assertEquals(1, half.get(1));
    }

    @ParameterizedTest
    @EnumSource(names = {"FLOAT16", "BFLOAT16"})
    void aNetworkTakesValuesOfSixteenBits(DataType type) throws IOException {
        Path file = dir.resolve("net.safetensors");
        try (ConvEngine engine = ConvEngine.builder().backend("cpu").open()) {
            Network written = Network.on(engine, 7).input(2, 6, 5).build(Layers.conv(3, 3), Layers.linear(4));
            Network read = Network.on(engine, 8).input(2, 6, 5).build(Layers.conv(3, 3), Layers.linear(4));
            written.save(file, type);
            read.load(file);
            written.values().forEach((name, value) ->
                    assertArrayEquals(value.to(type).to(DataType.FLOAT32).floats(), read.values().get(name).floats(), name));
            Map<String, HostTensor> wider = new Safetensors(Map.of(), written.values()).to(DataType.FLOAT64).tensors();
            new Safetensors(Map.of(), wider).write(file);
            String message = assertThrows(IllegalArgumentException.class, () -> read.load(file)).getMessage();
            assertTrue(message.contains("the network needs FLOAT32"), message);
        }
    }

    @Test
    void elementsLieInTheOrderOfTheShapeWhateverTheLayout() throws IOException {
        HostTensor tensor = HostTensor.of(TensorShape.of(1, 2, 3), 1f, 2f, 3f, 4f, 5f, 6f);
        Path file = dir.resolve("nhwc.safetensors");
        new Safetensors(Map.of(), Map.of("w", tensor.to(Layout.NHWC))).write(file);
        assertArrayEquals(tensor.floats(), Safetensors.read(file).tensors().get("w").floats());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
            "{'w':{'dtype':'F32','shape':[2],'data_offsets':[0,9]}} | does not have 9 - 0 bytes",
            "{'w':{'dtype':'F32','shape':[2],'data_offsets':[8,16]}} | begins at 8; expected 0",
            "{'w':{'dtype':'F32','shape':[1],'data_offsets':[0,4]}} | need 4 bytes of data, the file has 8",
            "{'w':{'dtype':'F32','shape':[4],'data_offsets':[0,16]}} | need 16 bytes of data, the file has 8",
            "{'w':{'dtype':'C64','shape':[1],'data_offsets':[0,8]}} | dtype C64; allowed: F32, F64, F16, BF16, and whole numbers",
            "{'w':{'dtype':'I64','shape':[2],'data_offsets':[0,8]}} | does not have 8 - 0 bytes",
            "{'w':{'dtype':'I16','shape':[4],'data_offsets':[2,10]}} | begins at 2; expected 0",
            "{'w':{'dtype':'BOOL','shape':[9],'data_offsets':[0,9]}} | need 9 bytes of data, the file has 8",
            "{'w':{'dtype':'U64','shape':[9000000000000000000],'data_offsets':[0,8]}} | does not have 8 - 0 bytes",
            "{'w':{'dtype':'BF16','shape':[3000000000],'data_offsets':[0,6000000000]}} | has 3000000000 elements; allowed: up to",
            "{'w':{'dtype':'BF16','shape':[2],'data_offsets':[0,8]}} | does not have 8 - 0 bytes",
            "{'w':{'dtype':'F16','shape':[8],'data_offsets':[0,8]}} | does not have 8 - 0 bytes",
            "{'w':{'dtype':'F32','shape':[-2],'data_offsets':[0,8]}} | allowed: 0 and up",
            "{'w':{'dtype':'F32','shape':[9000000000000000000],'data_offsets':[0,8]}} | does not have 8 - 0 bytes",
            "{'w':{'dtype':'F32','shape':[1],'data_offsets':[0,4]},'v':{'dtype':'F32','shape':[2],'data_offsets':[0,8]}} | expected 4",
            "{'w':{'dtype':'F32','shape':[1],'data_offsets':[0,4]},'w':{'dtype':'F32','shape':[1],'data_offsets':[4,8]}} | Duplicate",
            "{'w':{'dtype':'F32','shape':[2]}} | lacks dtype, shape or two data_offsets",
            "{'w':{'dtype':'F32','shape':[2],'data_offsets':[0,8],'extra':1}} | unknown field 'extra'",
            "{'w':7} | where START_OBJECT belongs",
            "{'w':{'dtype' | not valid JSON at offset 21: ",
            "{'w':nothing} | not valid JSON at offset 20: ",
            "[] | where START_OBJECT belongs"})
    void aHeaderThatLiesIsRefused(String header, String complaint) throws IOException {
        byte[] json = header.replace('\'', '"').getBytes(StandardCharsets.UTF_8);
        ByteBuffer bytes = ByteBuffer.allocate(8 + json.length + 8).order(ByteOrder.LITTLE_ENDIAN).putLong(json.length).put(json);
        Path file = Files.write(dir.resolve("lie.safetensors"), bytes.array());
        String message = assertThrows(DataFormatException.class, () -> Safetensors.read(file)).getMessage();
        assertTrue(message.contains(complaint) && message.contains("lie.safetensors"), message);
    }

    @Test
    void aHeaderOfBytesThatAreNoTextOrANumberBeyondBoundsIsRefused() throws IOException {
        byte[] json = "{'é?':{'dtype':'F32','shape':[2],'data_offsets':[0,8]}}".replace('\'', '"').getBytes(StandardCharsets.UTF_8);
        json[4] = (byte) 0xFF;
        ByteBuffer bytes = ByteBuffer.allocate(8 + json.length + 8).order(ByteOrder.LITTLE_ENDIAN).putLong(json.length).put(json);
        Path file = Files.write(dir.resolve("bytes.safetensors"), bytes.array());
        assertEquals(file + ": the header is not UTF-8 text at offset 12",
                assertThrows(DataFormatException.class, () -> Safetensors.read(file)).getMessage());
        aHeaderThatLiesIsRefused("{'w':{'dtype':'F32','shape':[" + "1".repeat(3000) + "],'data_offsets':[0,8]}}", "is not valid JSON: Number");
    }

    /** The format bounds the header alone. */
    @Test
    void namesAndStringsMayBeLong() throws IOException {
        Path file = dir.resolve("long.safetensors");
        String name = "n".repeat(60_000);
        new Safetensors(Map.of("text", "t".repeat(21_000_000)), Map.of(name, HostTensor.zeros(TensorShape.of(1)))).write(file);
        Safetensors read = Safetensors.read(file);
        assertEquals(Set.of(name), read.tensors().keySet());
        assertEquals(21_000_000, read.metadata().get("text").length());
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
