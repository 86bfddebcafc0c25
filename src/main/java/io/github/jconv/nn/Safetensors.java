package io.github.jconv.nn;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import io.github.jconv.nn.data.DataFormatException;
import io.github.jconv.nn.data.FileFailures;
import io.github.jconv.tensor.DataType;
import io.github.jconv.tensor.HostTensor;
import io.github.jconv.tensor.Layout;
import io.github.jconv.tensor.TensorShape;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.CharBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Named tensors in the safetensors format, which Python's libraries read and write: eight bytes with the little-endian length of a JSON
 * header, the header ({@code name -> dtype, shape, data_offsets}, and {@code __metadata__} with strings), then the little-endian data.
 *
 * <p>Reading believes nothing: a header that lies about its length, offsets that overlap, leave gaps or reach outside the file, a size that
 * is not that of the shape, names given twice and bytes left over are refused with the place. Writing replaces the file atomically: after a
 * crash there is the old file or the new one, never a part.
 *
 * <p>Whole numbers (I8 to I64, U8 to U64, BOOL) are checked like everything else and passed over: a state of PyTorch counts its batches
 * beside its weights. They are not written.
 *
 * @param metadata strings by name
 * @param tensors  F32, F64, F16 and BF16 tensors by name, in the order of the file
 * @param integers type and shape by name of what was passed over, such as {@code I64 []}
 */
public record Safetensors(Map<String, String> metadata, Map<String, HostTensor> tensors, Map<String, String> integers) {

    /** What the format's own readers allow for a header. */
    private static final long MAX_HEADER = 100_000_000;

    /** Bytes that are read or written at once: a tensor may have more than one buffer holds. */
    private static final int PIECE = 1 << 23;

    /** Bytes of an element of what is passed over. */
    private static final Map<String, Integer> INTEGERS = Map.of("BOOL", 1, "I8", 1, "U8", 1, "I16", 2, "U16", 2, "I32", 4, "U32", 4,
            "I64", 8, "U64", 8);

    /** Names and strings may be as long as the header. */
    private static final JsonFactory JSON = JsonFactory.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .streamReadConstraints(StreamReadConstraints.builder().maxNameLength((int) MAX_HEADER).maxStringLength((int) MAX_HEADER).build())
            .build();

    /** Tensors to be written. */
    public Safetensors(Map<String, String> metadata, Map<String, HostTensor> tensors) {
        this(metadata, tensors, Map.of());
    }

    /** Reads a whole file. */
    public static Safetensors read(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            long size = channel.size();
            if (size < 8) {
                throw new DataFormatException(file + ": " + size + " bytes; a safetensors file has at least 8");
            }
            long headerLength = readBytes(channel, file, 0, 8).getLong();
            if (headerLength < 2 || headerLength > Math.min(MAX_HEADER, size - 8)) {
                throw new DataFormatException(file + ": the header length at offset 0 is " + headerLength + "; allowed: 2.."
                        + Math.min(MAX_HEADER, size - 8));
            }
            Header header = Header.parse(file, readBytes(channel, file, 8, (int) headerLength).array());
            header.requireDense(file, size - 8 - headerLength);
            Map<String, HostTensor> tensors = new LinkedHashMap<>();
            Map<String, String> integers = new LinkedHashMap<>();
            for (Entry entry : header.entries) {
                if (entry.dataType == null) {
                    integers.put(entry.name, entry.type + " " + entry.shape);
                } else {
                    tensors.put(entry.name, readTensor(channel, file, 8 + headerLength + entry.begin, entry));
                }
            }
            return new Safetensors(header.metadata, tensors, integers);
        } catch (IOException e) {
            throw FileFailures.in(file, e);
        }
    }

    /** The same with all tensors in a type, each value rounded once where that is narrower: to the nearest, ties to even. */
    public Safetensors to(DataType type) {
        Map<String, HostTensor> converted = new LinkedHashMap<>();
        tensors.forEach((name, tensor) -> converted.put(name, tensor.to(type)));
        return new Safetensors(metadata, converted, integers);
    }

    /**
     * Writes beside the file, into {@code FILE.RANDOM.part}, and moves the result into its place. A lock is held on the part meanwhile;
     * parts of that file whose lock can be had are of processes that were killed in the middle of writing, on whatever host, and are
     * deleted. (A network file system whose locks do not reach other hosts, NFS mounted with {@code nolock}, must not be written to by
     * several of them.)
     */
    public void write(Path file) throws IOException {
        Path target = file.toAbsolutePath();
        if (target.getFileName() == null) {
            throw new IllegalArgumentException("file is " + file + "; allowed: a path with a name at its end");
        }
        PartFile.deleteLeftOver(target);
        try (PartFile part = PartFile.of(target)) {
            FileChannel channel = part.channel();
            byte[] header = header();
            writeBytes(channel, ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(header.length).flip());
            writeBytes(channel, ByteBuffer.wrap(header));
            for (HostTensor tensor : tensors.values()) {
                writeTensor(channel, tensor);
            }
            part.complete();
        } catch (IOException e) {
            throw FileFailures.in(file, e);
        }
    }

    private byte[] header() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (JsonGenerator json = JSON.createGenerator(bytes)) {
            json.writeStartObject();
            if (!metadata.isEmpty()) {
                json.writeObjectFieldStart("__metadata__");
                // In an order that does not depend on the map: the same content makes the same bytes.
                for (Map.Entry<String, String> entry : new TreeMap<>(metadata).entrySet()) {
                    json.writeStringField(entry.getKey(), entry.getValue());
                }
                json.writeEndObject();
            }
            long at = 0;
            for (Map.Entry<String, HostTensor> entry : tensors.entrySet()) {
                HostTensor tensor = entry.getValue();
                json.writeObjectFieldStart(entry.getKey());
                json.writeStringField("dtype", nameOf(tensor.dataType()));
                writeLongs(json, "shape", tensor.shape().sizes());
                writeLongs(json, "data_offsets", at, at + tensor.bytes());
                json.writeEndObject();
                at += tensor.bytes();
            }
            json.writeEndObject();
        }
        // Spaces make the data begin at a multiple of eight bytes.
        while (bytes.size() % 8 != 0) {
            bytes.write(' ');
        }
        return bytes.toByteArray();
    }

    private static String nameOf(DataType type) {
        return switch (type) {
            case FLOAT32 -> "F32";
            case FLOAT64 -> "F64";
            case FLOAT16 -> "F16";
            case BFLOAT16 -> "BF16";
        };
    }

    private static void writeLongs(JsonGenerator json, String name, long... values) throws IOException {
        json.writeFieldName(name);
        json.writeArray(values, 0, values.length);
    }

    /** In the order of the shape, whatever the layout. */
    private static void writeTensor(FileChannel channel, HostTensor given) throws IOException {
        HostTensor tensor = given.layout() == Layout.NCHW ? given : given.to(Layout.NCHW);
        int size = tensor.dataType().bytes();
        ByteBuffer bytes = ByteBuffer.allocate((int) Math.min(tensor.bytes(), PIECE)).order(ByteOrder.LITTLE_ENDIAN);
        for (long at = 0; at < tensor.length(); at += PIECE / size) {
            int count = (int) Math.min(PIECE / size, tensor.length() - at);
            int from = tensor.offset() + (int) at;
            bytes.clear().limit(count * size);
            switch (tensor.dataType()) {
                case FLOAT32 -> bytes.asFloatBuffer().put(tensor.floats(), from, count);
                case FLOAT64 -> bytes.asDoubleBuffer().put(tensor.doubles(), from, count);
                case FLOAT16, BFLOAT16 -> bytes.asShortBuffer().put(tensor.shorts(), from, count);
            }
            writeBytes(channel, bytes);
        }
    }

    private static HostTensor readTensor(FileChannel channel, Path file, long offset, Entry entry) throws IOException {
        HostTensor tensor = HostTensor.zeros(entry.dataType, entry.shape);
        int size = entry.dataType.bytes();
        for (long at = 0; at < tensor.length(); at += PIECE / size) {
            int count = (int) Math.min(PIECE / size, tensor.length() - at);
            ByteBuffer bytes = readBytes(channel, file, offset + at * size, count * size);
            switch (entry.dataType) {
                case FLOAT32 -> bytes.asFloatBuffer().get(tensor.floats(), (int) at, count);
                case FLOAT64 -> bytes.asDoubleBuffer().get(tensor.doubles(), (int) at, count);
                case FLOAT16, BFLOAT16 -> bytes.asShortBuffer().get(tensor.shorts(), (int) at, count);
            }
        }
        return tensor;
    }

    private static void writeBytes(FileChannel channel, ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }

    private static ByteBuffer readBytes(FileChannel channel, Path file, long offset, int length) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
        while (bytes.hasRemaining()) {
            if (channel.read(bytes, offset + bytes.position()) < 0) {
                throw new DataFormatException(file + ": cut off at offset " + (offset + bytes.position()));
            }
        }
        return bytes.flip();
    }

    /**
     * @param type     as in the file
     * @param dataType the same; null of what is passed over
     */
    private record Entry(String name, String type, DataType dataType, TensorShape shape, long begin, long end) {
    }

    private record Header(Map<String, String> metadata, List<Entry> entries) {

        static Header parse(Path file, byte[] bytes) throws IOException {
            Header header = new Header(new LinkedHashMap<>(), new ArrayList<>());
            try (JsonParser json = JSON.createParser(text(file, bytes))) {
                expect(json, file, json.nextToken(), JsonToken.START_OBJECT);
                while (json.nextToken() == JsonToken.FIELD_NAME) {
                    String name = json.currentName();
                    expect(json, file, json.nextToken(), JsonToken.START_OBJECT);
                    if (name.equals("__metadata__")) {
                        readMetadata(json, file, header.metadata);
                    } else {
                        header.entries.add(readEntry(json, file, name));
                    }
                }
                expect(json, file, json.currentToken(), JsonToken.END_OBJECT);
                if (json.nextToken() != null) {
                    throw new DataFormatException(file + ": the header goes on behind its end");
                }
            } catch (JsonProcessingException e) {
                String place = e.getLocation() == null ? "" : " at offset " + (8 + e.getLocation().getCharOffset());
                throw new DataFormatException(file + ": the header is not valid JSON" + place + ": " + e.getOriginalMessage(), e);
            }
            return header;
        }

        private static String text(Path file, byte[] bytes) throws DataFormatException {
            ByteBuffer rest = ByteBuffer.wrap(bytes);
            CharBuffer text = CharBuffer.allocate(bytes.length);
            if (StandardCharsets.UTF_8.newDecoder().decode(rest, text, true).isError()) {
                throw new DataFormatException(file + ": the header is not UTF-8 text at offset " + (8 + rest.position()));
            }
            return text.flip().toString();
        }

        private static void readMetadata(JsonParser json, Path file, Map<String, String> metadata) throws IOException {
            while (json.nextToken() == JsonToken.FIELD_NAME) {
                String name = json.currentName();
                expect(json, file, json.nextToken(), JsonToken.VALUE_STRING);
                metadata.put(name, json.getText());
            }
        }

        private static Entry readEntry(JsonParser json, Path file, String name) throws IOException {
            String type = null;
            long[] sizes = null;
            long[] offsets = null;
            while (json.nextToken() == JsonToken.FIELD_NAME) {
                String field = json.currentName();
                json.nextToken();
                switch (field) {
                    case "dtype" -> type = json.getText();
                    case "shape" -> sizes = readLongs(json, file);
                    case "data_offsets" -> offsets = readLongs(json, file);
                    default -> throw new DataFormatException(file + ": tensor '" + name + "' has the unknown field '" + field + "'");
                }
            }
            if (type == null || sizes == null || offsets == null || offsets.length != 2) {
                throw new DataFormatException(file + ": tensor '" + name + "' lacks dtype, shape or two data_offsets");
            }
            return entry(file, name, type, sizes, offsets);
        }

        private static Entry entry(Path file, String name, String type, long[] sizes, long[] offsets) throws IOException {
            DataType dataType = Arrays.stream(DataType.values()).filter(known -> nameOf(known).equals(type)).findFirst().orElse(null);
            if (dataType == null && !INTEGERS.containsKey(type)) {
                throw new DataFormatException(file + ": tensor '" + name + "' has dtype " + type + "; allowed: "
                        + Arrays.stream(DataType.values()).map(Safetensors::nameOf).collect(Collectors.joining(", "))
                        + ", and whole numbers, which are passed over");
            }
            TensorShape shape;
            try {
                shape = TensorShape.of(sizes);
            } catch (IllegalArgumentException e) {
                throw new DataFormatException(file + ": tensor '" + name + "': " + e.getMessage(), e);
            }
            int size = dataType == null ? INTEGERS.get(type) : dataType.bytes();
            if (shape.elements() > Long.MAX_VALUE / size || offsets[1] - offsets[0] != shape.elements() * size) {
                throw new DataFormatException(file + ": tensor '" + name + "' of shape " + shape + " and dtype " + type
                        + " does not have " + offsets[1] + " - " + offsets[0] + " bytes");
            }
            if (dataType != null && shape.elements() > HostTensor.MAX_ELEMENTS) {
                throw new DataFormatException(file + ": tensor '" + name + "' of shape " + shape + " has " + shape.elements()
                        + " elements; allowed: up to " + HostTensor.MAX_ELEMENTS);
            }
            return new Entry(name, type, dataType, shape, offsets[0], offsets[1]);
        }

        private static long[] readLongs(JsonParser json, Path file) throws IOException {
            expect(json, file, json.currentToken(), JsonToken.START_ARRAY);
            List<Long> values = new ArrayList<>();
            while (json.nextToken() == JsonToken.VALUE_NUMBER_INT) {
                values.add(json.getLongValue());
            }
            expect(json, file, json.currentToken(), JsonToken.END_ARRAY);
            return values.stream().mapToLong(Long::longValue).toArray();
        }

        private static void expect(JsonParser json, Path file, JsonToken token, JsonToken expected) throws IOException {
            if (token != expected) {
                throw new DataFormatException(file + ": the header has " + token + " at offset "
                        + (8 + json.currentLocation().getCharOffset()) + " where " + expected + " belongs");
            }
        }

        /** The data of all tensors must lie one behind the other and fill the file. */
        void requireDense(Path file, long dataLength) throws IOException {
            List<Entry> sorted = new ArrayList<>(entries);
            sorted.sort(Comparator.comparingLong(Entry::begin).thenComparingLong(Entry::end));
            long at = 0;
            for (Entry entry : sorted) {
                if (entry.begin != at) {
                    throw new DataFormatException(file + ": the data of tensor '" + entry.name + "' begins at " + entry.begin
                            + "; expected " + at);
                }
                at = entry.end;
            }
            if (at != dataLength) {
                throw new DataFormatException(file + ": the tensors need " + at + " bytes of data, the file has " + dataLength);
            }
        }
    }
}
