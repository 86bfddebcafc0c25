package io.github.jconv.nn.data;

import io.github.jconv.tensor.TensorShape;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;

/**
 * Handwritten digits in the IDX format (LeCun, Cortes and Burges): {@code train-images-idx3-ubyte}, {@code train-labels-idx1-ubyte} and the
 * {@code t10k-} pair, plain or with {@code .gz}.
 *
 * <p>An IDX file of bytes begins with the 32-bit big-endian number 0x0000080d, d being the number of sizes that follow.
 */
public final class Mnist {

    private static final int CLASSES = 10;
    private static final long MAX_IMAGES = 1_000_000;

    private Mnist() {
    }

    /** Reads the training digits (60,000 in the full set), or the test digits where only those are present. */
    public static Dataset read(Path dir) throws IOException {
        return exists(dir, "train-images-idx3-ubyte") ? readTraining(dir) : readTest(dir);
    }

    /** Reads the {@code train-} pair. */
    public static Dataset readTraining(Path dir) throws IOException {
        return read(dir, "train");
    }

    /** Reads the {@code t10k-} pair. */
    public static Dataset readTest(Path dir) throws IOException {
        return read(dir, "t10k");
    }

    /** Whether the directory holds the {@code train-} pair. */
    public static boolean hasTraining(Path dir) {
        return exists(dir, "train-images-idx3-ubyte");
    }

    /** Whether the directory holds the {@code t10k-} pair. */
    public static boolean hasTest(Path dir) {
        return exists(dir, "t10k-images-idx3-ubyte");
    }

    private static Dataset read(Path dir, String prefix) throws IOException {
        Path images = find(dir, prefix + "-images-idx3-ubyte");
        Path labels = find(dir, prefix + "-labels-idx1-ubyte");
        IdxBytes pixels = IdxBytes.read(images, 3);
        IdxBytes digits = IdxBytes.read(labels, 1);
        if (pixels.sizes[0] != digits.sizes[0]) {
            throw new DataFormatException(images + " has " + pixels.sizes[0] + " images, but " + labels + " has " + digits.sizes[0]
                    + " labels");
        }
        for (int i = 0; i < digits.bytes.length; i++) {
            if (digits.bytes[i] < 0 || digits.bytes[i] >= CLASSES) {
                throw new DataFormatException(labels + ": label " + (digits.bytes[i] & 0xFF) + " at offset " + (8 + i)
                        + "; allowed: 0.." + (CLASSES - 1));
            }
        }
        return new ByteImages(TensorShape.of(1, pixels.sizes[1], pixels.sizes[2]), CLASSES, pixels.bytes, digits.bytes);
    }

    private static boolean exists(Path dir, String name) {
        return Files.exists(dir.resolve(name)) || Files.exists(dir.resolve(name + ".gz"));
    }

    private static Path find(Path dir, String name) throws IOException {
        for (String candidate : new String[] {name, name + ".gz"}) {
            if (Files.exists(dir.resolve(candidate))) {
                return dir.resolve(candidate);
            }
        }
        throw new NoSuchFileException(dir.resolve(name) + " (nor with .gz)");
    }

    private record IdxBytes(int[] sizes, byte[] bytes) {

        static IdxBytes read(Path file, int dimensions) throws IOException {
            CountedBytes raw = new CountedBytes(Files.newInputStream(file));
            try (raw; DataInputStream in = new DataInputStream(open(file, raw))) {
                int magic = in.readInt();
                if (magic != 0x0800 + dimensions) {
                    throw new DataFormatException(String.format("%s: begins with 0x%08x at offset 0; an IDX file of bytes with %d"
                            + " dimensions begins with 0x%08x", file, magic, dimensions, 0x0800 + dimensions));
                }
                int[] sizes = new int[dimensions];
                long length = 1;
                for (int i = 0; i < dimensions; i++) {
                    sizes[i] = in.readInt();
                    if (sizes[i] < 1 || sizes[i] > MAX_IMAGES || (length *= sizes[i]) > Integer.MAX_VALUE - 8) {
                        throw new DataFormatException(file + ": size " + sizes[i] + " at offset " + (4 + 4 * i) + " is out of range");
                    }
                }
                byte[] bytes = in.readNBytes((int) length);
                if (bytes.length < length) {
                    throw new DataFormatException(file + ": cut off at offset " + (4 + 4 * dimensions + bytes.length) + "; "
                            + (length - bytes.length) + " bytes are missing");
                }
                if (in.read() >= 0) {
                    throw new DataFormatException(file + ": more bytes than its sizes tell, from offset "
                            + (4 + 4 * dimensions + length));
                }
                return new IdxBytes(sizes, bytes);
            } catch (EOFException e) {
                throw new DataFormatException(file + ": cut off at offset " + raw.count + ", before the end of its data", e);
            } catch (ZipException e) {
                throw new DataFormatException(file + ": damaged gzip data before offset " + raw.count + ": " + e.getMessage(), e);
            } catch (IOException e) {
                throw FileFailures.in(file, e);
            }
        }

        private static InputStream open(Path file, InputStream raw) throws IOException {
            return file.toString().endsWith(".gz") ? new GZIPInputStream(raw, 1 << 16) : new BufferedInputStream(raw);
        }
    }

    /** Knows how much of a file has been read. */
    private static final class CountedBytes extends FilterInputStream {

        long count;

        CountedBytes(InputStream in) {
            super(in);
        }

        @Override
        public int read() throws IOException {
            int value = super.read();
            count += value < 0 ? 0 : 1;
            return value;
        }

        @Override
        public int read(byte[] into, int offset, int length) throws IOException {
            int read = super.read(into, offset, length);
            count += Math.max(read, 0);
            return read;
        }
    }
}
