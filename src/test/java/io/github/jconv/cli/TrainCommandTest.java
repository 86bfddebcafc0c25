package io.github.jconv.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.jconv.testing.EmulatedDevice;
import java.awt.image.BufferedImage;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TrainCommandTest {

    @TempDir
    private Path dir;

    /** Ten grey pictures of 12 x 12 in the IDX format, each brighter than the one before. */
    private Path digits() throws IOException {
        Path folder = Files.createDirectories(dir.resolve("digits"));
        try (DataOutputStream images = new DataOutputStream(Files.newOutputStream(folder.resolve("t10k-images-idx3-ubyte")));
                DataOutputStream labels = new DataOutputStream(Files.newOutputStream(folder.resolve("t10k-labels-idx1-ubyte")))) {
            images.write(new byte[] {0, 0, 8, 3, 0, 0, 0, 10, 0, 0, 0, 12, 0, 0, 0, 12});
            labels.write(new byte[] {0, 0, 8, 1, 0, 0, 0, 10});
            for (int n = 0; n < 10; n++) {
                labels.writeByte(n);
                for (int i = 0; i < 144; i++) {
                    images.writeByte(20 * n + i % 12);
                }
            }
        }
        return folder;
    }

    @Test
    void anAutoencoderTrainsStopsAndGoesOn() throws IOException {
        Path out = dir.resolve("out");
        String[] common = {"train", "autoencoder", "--data", digits().toString(), "--batch", "4", "--threads", "1", "--out", out.toString()};
        CommandRun first = CommandRun.of(with(common, "--epochs", "2"));
        assertEquals(0, first.exitCode(), first.err());
        assertTrue(first.out().contains("8 pictures [1, 12, 12] to train, 2 to test"), first.out());
        CommandRun fewer = CommandRun.of(with(common, "--epochs", "1", "--resume"));
        assertEquals(2, fewer.exitCode());
        assertTrue(fewer.err().startsWith("jconv train: --epochs is 1, and the checkpoint was written after 2; allowed: 2 and up"),
                fewer.err());
        byte[] checkpoint = Files.readAllBytes(out.resolve("checkpoint.safetensors"));
        CommandRun anew = CommandRun.of(with(common, "--epochs", "1"));
        assertEquals(2, anew.exitCode());
        assertTrue(anew.err().startsWith("jconv train: --out is " + out + ", which holds checkpoint.safetensors of an earlier training; allowed:"
                + " another folder, --resume to go on from it, or --overwrite to lose it"), anew.err());
        assertArrayEquals(checkpoint, Files.readAllBytes(out.resolve("checkpoint.safetensors")));
        assertEquals(2, CommandRun.of(with(common, "--resume", "--overwrite")).exitCode());
        // As a process leaves the log that is killed before the checkpoint of its third epoch, and in its fourth.
        Files.writeString(out.resolve("log.jsonl"), "{\"epoch\":3,\"loss\":17}\n{\"epoch\":4,", StandardOpenOption.APPEND);
        CommandRun second = CommandRun.of(with(common, "--epochs", "3", "--resume"));
        assertEquals(0, second.exitCode(), second.err());
        assertEquals(1, second.out().lines().filter(line -> line.matches(" +\\d+ +[\\d.e-]+ .*")).count(), second.out());

        List<String> log = Files.readAllLines(out.resolve("log.jsonl"));
        assertEquals(3, log.size());
        JsonNode third = new ObjectMapper().readTree(log.get(2));
        assertEquals(3, third.get("epoch").asInt());
        assertTrue(third.get("loss").asDouble() < new ObjectMapper().readTree(log.get(0)).get("loss").asDouble(), log::toString);
        assertTrue(third.get("gradient_norms").get("conv.weight").asDouble() > 0, log::toString);
        assertNotNull(ImageIO.read(out.resolve("curve.png").toFile()));
        assertNotNull(ImageIO.read(out.resolve("reconstructions.png").toFile()));
        assertTrue(Files.size(out.resolve("weights.safetensors")) > 0);

        Path features = dir.resolve("features.png");
        CommandRun project = CommandRun.of("project", "autoencoder", "--weights", out.resolve("weights.safetensors").toString(), "--data",
                digits().toString(), "--channels", "3", "--top", "2", "--activations", "4", "--out", features.toString());
        assertEquals(0, project.exitCode(), project.err());
        assertEquals(4, project.out().lines().count(), project.out());
        String strongest = "channel \\d+, picture \\(activation\\): \\d \\([\\d.]+\\), \\d \\([\\d.]+\\)";
        assertTrue(project.out().lines().limit(3).allMatch(line -> line.matches(strongest)), project.out());
        assertEquals(2 + 6 * (60 + 2), ImageIO.read(features.toFile()).getHeight());

        CommandRun another = CommandRun.of("train", "deep-autoencoder", "--data", digits().toString(), "--out", out.toString(), "--resume");
        assertEquals(2, another.exitCode());
        assertTrue(another.err().contains(out.resolve("checkpoint.safetensors") + ": value 'conv.weight' is FLOAT32 [16, 1, 5, 5]; the network needs"),
                another.err());
    }

    /** As after a kill between the last checkpoint and the results, or where a result could not be written. */
    @Test
    void aCheckpointOfAllEpochsGivesItsResultsAndIsProjectedItself() throws IOException {
        Path out = dir.resolve("out");
        String[] common = {"train", "autoencoder", "--data", digits().toString(), "--batch", "4", "--threads", "1", "--out", out.toString(),
            "--epochs", "2"};
        assertEquals(0, CommandRun.of(common).exitCode());
        Path moved = dir.resolve("moved");
        List<String> results = List.of("weights.safetensors", "curve.png", "reconstructions.png");
        for (String result : results) {
            Files.move(out.resolve(result), Files.createDirectories(moved).resolve(result));
        }
        byte[] log = Files.readAllBytes(out.resolve("log.jsonl"));
        Path inTheWay = Files.createDirectory(out.resolve("weights.safetensors"));
        Files.createFile(inTheWay.resolve("file"));
        CommandRun failed = CommandRun.of(with(common, "--resume"));
        assertEquals(JConv.BAD_INPUT, failed.exitCode());
        assertTrue(failed.err().contains(inTheWay + ": Is a directory"), failed.err());
        Files.delete(inTheWay.resolve("file"));
        Files.delete(inTheWay);

        CommandRun again = CommandRun.of(with(common, "--resume"));
        assertEquals(0, again.exitCode(), again.err());
        assertTrue(again.out().contains("nothing is left to train: the checkpoint was written after all 2 of --epochs"), again.out());
        for (String result : results) {
            assertArrayEquals(Files.readAllBytes(moved.resolve(result)), Files.readAllBytes(out.resolve(result)), result);
        }
        assertArrayEquals(log, Files.readAllBytes(out.resolve("log.jsonl")));
        Files.delete(out.resolve("log.jsonl"));
        CommandRun withoutLog = CommandRun.of(with(common, "--resume"));
        assertEquals(0, withoutLog.exitCode(), withoutLog.err());
        assertTrue(withoutLog.out().contains("no curve, as " + out.resolve("log.jsonl") + " tells of no epoch"), withoutLog.out());

        List<byte[]> features = new ArrayList<>();
        for (String weights : List.of("weights.safetensors", "checkpoint.safetensors")) {
            Path picture = dir.resolve(weights + ".png");
            CommandRun project = CommandRun.of("project", "autoencoder", "--weights", out.resolve(weights).toString(), "--data",
                    digits().toString(), "--channels", "2", "--top", "2", "--out", picture.toString());
            assertEquals(0, project.exitCode(), project.err());
            features.add(Files.readAllBytes(picture));
        }
        assertArrayEquals(features.get(0), features.get(1));
    }

    @Test
    void anEarlierTrainingIsLostWhenAskedFor() throws IOException {
        Path out = dir.resolve("out");
        String[] common = {"train", "autoencoder", "--data", digits().toString(), "--batch", "4", "--threads", "1", "--out", out.toString()};
        assertEquals(0, CommandRun.of(with(common, "--epochs", "2")).exitCode());
        CommandRun anew = CommandRun.of(with(common, "--epochs", "1", "--overwrite"));
        assertEquals(0, anew.exitCode(), anew.err());
        assertEquals(1, Files.readAllLines(out.resolve("log.jsonl")).size());
    }

    /** As when it is interrupted in its first epoch: --resume must not go on from the training before. */
    @Test
    void aTrainingBegunAnewThatFailsLeavesNoEarlierCheckpoint() throws IOException {
        Path out = dir.resolve("out");
        String[] common = {"train", "lenet", "--data", trainingPart(20, 20).toString(), "--batch", "4", "--threads", "1", "--out",
                out.toString(), "--epochs", "1"};
        assertEquals(0, CommandRun.of(common).exitCode());
        assertTrue(Files.exists(out.resolve("checkpoint.safetensors")));
        CommandRun anew = CommandRun.of(with(common, "--overwrite", "--momentum", "0.9", "--rate", "100"));
        assertEquals(JConv.MISMATCH, anew.exitCode(), anew.out());
        assertTrue(anew.err().contains("A smaller learning rate or a clip norm may help"), anew.err());
        assertFalse(Files.exists(out.resolve("checkpoint.safetensors")));
        assertTrue(CommandRun.of(with(common, "--resume")).err().contains("--resume needs --out with a folder that holds"));
    }

    /** Codes, dropout and weights are of the seed, so another one would go on with something else. */
    @Test
    void anotherSeedDoesNotGoOn() throws IOException {
        Path out = dir.resolve("out");
        String[] common = {"train", "autoencoder", "--data", digits().toString(), "--threads", "1", "--out", out.toString()};
        assertEquals(0, CommandRun.of(with(common, "--epochs", "1", "--seed", "5")).exitCode());
        CommandRun another = CommandRun.of(with(common, "--epochs", "2", "--resume"));
        assertEquals(JConv.BAD_INPUT, another.exitCode());
        assertTrue(another.err().startsWith("jconv train: --seed is 1, and the checkpoint was written with 5; allowed: 5; see"), another.err());
        assertEquals(0, CommandRun.of(with(common, "--epochs", "2", "--resume", "--seed", "5")).exitCode());
        Files.write(out.resolve("log.jsonl"), new byte[] {'{', (byte) 0xFF, '\n'});
        CommandRun damaged = CommandRun.of(with(common, "--epochs", "3", "--resume", "--seed", "5"));
        assertEquals(JConv.BAD_INPUT, damaged.exitCode());
        assertEquals("jconv train: " + out.resolve("log.jsonl") + " is no training log: it is not UTF-8 text", damaged.err().strip());
    }

    /** With a schedule an interruption changes no bit either, and with another one it would not be the same training. */
    @Test
    void aScheduleGoesOnWhereItWas() throws IOException {
        String[] common = {"train", "autoencoder", "--data", digits().toString(), "--batch", "4", "--threads", "1", "--optimizer", "adamw",
            "--beta2", "0.99", "--epsilon", "1e-6", "--weight-decay", "0.1", "--schedule", "cosine", "--warmup", "0.5"};
        Path whole = dir.resolve("whole");
        Path halves = dir.resolve("halves");
        CommandRun atOnce = CommandRun.of(with(common, "--epochs", "3", "--out", whole.toString()));
        assertEquals(0, atOnce.exitCode(), atOnce.err());
        assertTrue(atOnce.out().contains("optimizer adamw: beta1 0.9, beta2 0.99, epsilon 1e-6, weight decay 0.1; schedule cosine: rate 0.001,"
                + " epochs 2.5, warmup 0.5; batch 4, seed 1"), atOnce.out());
        String[] half = with(common, "--cosine-epochs", "2.5", "--out", halves.toString());
        assertEquals(0, CommandRun.of(with(half, "--epochs", "1")).exitCode());
        String[][] others = {{"--cosine-epochs", "2.5", "--rate", "0.01", "--rate is 0.01, and the checkpoint was written with 0.001; allowed: 0.001"},
            {"--warmup", "0", "--cosine-epochs", "2.5", "--warmup is none, and the checkpoint was written with 0.5; allowed: 0.5"},
            {"--epochs", "9", "--cosine-epochs is 8.5, and the checkpoint was written with 2.5; allowed: 2.5"},
            {"--cosine-epochs", "2.5", "--weight-decay", "0", "--weight-decay is 0.0, and the checkpoint was written with 0.1; allowed: 0.1"},
            {"--cosine-epochs", "2.5", "--beta1", "0.8", "--beta1 is 0.8, and the checkpoint was written with 0.9; allowed: 0.9"},
            {"--cosine-epochs", "2.5", "--beta2", "0.999", "--beta2 is 0.999, and the checkpoint was written with 0.99; allowed: 0.99"},
            {"--cosine-epochs", "2.5", "--epsilon", "1e-8", "--epsilon is 1.0E-8, and the checkpoint was written with 1.0E-6; allowed: 1.0E-6"},
            {"--cosine-epochs", "2.5", "--batch", "5", "--batch is 5, and the checkpoint was written with 4; allowed: 4"},
            {"--cosine-epochs", "2.5", "--clip-norm", "5", "--clip-norm is 5.0, and the checkpoint was written with none; allowed: none"}};
        for (String[] other : others) {
            String[] options = with(new String[] {"--out", halves.toString(), "--resume"}, Arrays.copyOf(other, other.length - 1));
            CommandRun refused = CommandRun.of(with(replaced(common, options), options));
            assertEquals(JConv.BAD_INPUT, refused.exitCode());
            assertTrue(refused.err().startsWith("jconv train: " + other[other.length - 1] + "; see"), refused.err());
        }
        CommandRun rest = CommandRun.of(with(half, "--epochs", "3", "--resume"));
        assertEquals(0, rest.exitCode(), rest.err());
        assertArrayEquals(Files.readAllBytes(whole.resolve("weights.safetensors")), Files.readAllBytes(halves.resolve("weights.safetensors")));
        List<String> log = Files.readAllLines(halves.resolve("log.jsonl"));
        // The last step of an epoch of two begins in its middle: cosine's rate then is 0.001 * (1 + cos(pi * (epoch - 0.5 - 0.5) / 2.5)) / 2.
        assertEquals(0.001, new ObjectMapper().readTree(log.get(0)).get("rate").asDouble(), 1e-18);
        assertEquals(0.001 * (1 + Math.cos(Math.PI * 2 / 2.5)) / 2, new ObjectMapper().readTree(log.get(2)).get("rate").asDouble(), 1e-18);
    }

    /** Options without those that others take the place of; all have a value but --resume. */
    private static String[] replaced(String[] options, String[] others) {
        List<String> kept = new ArrayList<>(List.of(options[0], options[1]));
        for (int i = 2; i < options.length; i += 2) {
            if (!List.of(others).contains(options[i])) {
                kept.addAll(List.of(options[i], options[i + 1]));
            }
        }
        return kept.toArray(String[]::new);
    }

    /** The training files of MNIST without those to test with: pictures of noise. */
    private Path trainingPart(int count, int edge) throws IOException {
        Path folder = Files.createDirectories(dir.resolve("train-part"));
        try (DataOutputStream images = new DataOutputStream(Files.newOutputStream(folder.resolve("train-images-idx3-ubyte")));
                DataOutputStream labels = new DataOutputStream(Files.newOutputStream(folder.resolve("train-labels-idx1-ubyte")))) {
            for (int size : new int[] {0x803, count, edge, edge}) {
                images.writeInt(size);
            }
            for (int size : new int[] {0x801, count}) {
                labels.writeInt(size);
            }
            for (int i = 0; i < count * edge * edge; i++) {
                images.writeByte(i * 37 % 251);
            }
            for (int i = 0; i < count; i++) {
                labels.writeByte(i % 10);
            }
        }
        return folder;
    }

    @Test
    void whereNothingIsSetApartToTestOneFifthIs() throws IOException {
        CommandRun digits = CommandRun.of("train", "autoencoder", "--data", trainingPart(20, 12).toString(), "--epochs", "1");
        assertEquals(0, digits.exitCode(), digits.err());
        assertTrue(digits.out().contains("16 pictures [1, 12, 12] to train, 4 to test"), digits.out());
        assertTrue(digits.out().contains(", for batches of 16; "), digits.out());
        Path cifar = Files.createDirectories(dir.resolve("cifar"));
        Files.write(cifar.resolve("data_batch_1.bin"), new byte[10 * 3073]);
        CommandRun coloured = CommandRun.of("train", "autoencoder", "--data", cifar.toString(), "--epochs", "1");
        assertEquals(0, coloured.exitCode(), coloured.err());
        assertTrue(coloured.out().contains("8 pictures [3, 32, 32] to train, 2 to test"), coloured.out());
    }

    @Test
    void tooFewPicturesToSetSomeApartAreRefused() throws IOException {
        Path folder = trainingPart(4, 12);
        assertRefused(folder, folder + " has 4 pictures; allowed: 5 and up, as one fifth is set apart to test");
        Path pictures = dir.resolve("few");
        for (String file : new String[] {"a/1.png", "b/1.png"}) {
            Files.createDirectories(pictures.resolve(file).getParent());
            ImageIO.write(new BufferedImage(8, 8, BufferedImage.TYPE_INT_RGB), "png", pictures.resolve(file).toFile());
        }
        assertRefused(pictures, pictures + " has 2 pictures; allowed: 5 and up, as one fifth is set apart to test");
    }

    /** By number alone, every picture to test with would be of the wrong class. */
    @Test
    void classesToTrainAndToTestWithMustBeTheSame() throws IOException {
        Path folder = dir.resolve("split");
        for (String file : new String[] {"train/cat/1.png", "train/dog/1.png", "test/dog/1.png", "test/emu/1.png"}) {
            Files.createDirectories(folder.resolve(file).getParent());
            ImageIO.write(new BufferedImage(8, 8, BufferedImage.TYPE_INT_RGB), "png", folder.resolve(file).toFile());
        }
        assertRefused(folder, folder.resolve("train") + " has the classes [cat, dog] and " + folder.resolve("test")
                + " has [dog, emu]; they must be the same");
    }

    private static void assertRefused(Path data, String complaint) {
        CommandRun run = CommandRun.of("train", "lenet", "--data", data.toString(), "--epochs", "1");
        assertEquals(JConv.BAD_INPUT, run.exitCode(), run.out());
        assertEquals("jconv train: " + complaint, run.err().strip());
    }

    /** What is opened to be read tells only that it is a folder. */
    @Test
    void aFolderInThePlaceOfAFileIsNamed() throws IOException {
        Path out = dir.resolve("out");
        String[] common = {"train", "autoencoder", "--data", digits().toString(), "--threads", "1", "--out", out.toString()};
        assertEquals(0, CommandRun.of(with(common, "--epochs", "1")).exitCode());
        Path log = out.resolve("log.jsonl");
        Files.delete(log);
        Files.createFile(Files.createDirectory(log).resolve("file"));
        CommandRun resumed = CommandRun.of(with(common, "--epochs", "2", "--resume"));
        assertEquals(JConv.BAD_INPUT, resumed.exitCode());
        assertTrue(resumed.err().startsWith("jconv train: " + log + ": "), resumed.err());
        assertEquals("jconv train: " + log + " is a folder that is not empty",
                CommandRun.of(with(common, "--epochs", "2", "--overwrite")).err().strip());
        CommandRun project = CommandRun.of("project", "autoencoder", "--weights", out.toString(), "--data", digits().toString(), "--out",
                dir.resolve("p.png").toString());
        assertTrue(project.err().startsWith("jconv project: " + out + ": "), project.err());
    }

    @Test
    void aFileInThePlaceOfTheFolderIsRefused() throws IOException {
        Path file = Files.createFile(dir.resolve("results"));
        CommandRun run = CommandRun.of("train", "autoencoder", "--data", digits().toString(), "--out", file.toString());
        assertEquals(2, run.exitCode());
        assertTrue(run.err().startsWith("jconv train: --out is " + file + ", which is not a folder; see"), run.err());
    }

    @Test
    void aDeviceTrainsTheSameModel() throws IOException {
        Path out = dir.resolve("out");
        String place = EmulatedDevice.request().toString();
        String[] common = {"train", "autoencoder", "--data", digits().toString(), "--batch", "4", "--out", out.toString(), "--device"};
        CommandRun first = CommandRun.of(with(common, place, "--epochs", "2"));
        assertEquals(0, first.exitCode(), first.err());
        assertTrue(first.out().contains("compute capability"), first.out());
        CommandRun onCpu = CommandRun.of(with(common, "cpu", "--epochs", "3", "--resume"));
        assertEquals(0, onCpu.exitCode(), onCpu.err());
        assertNotNull(ImageIO.read(out.resolve("reconstructions.png").toFile()));
        assertEquals(3, Files.readAllLines(out.resolve("log.jsonl")).size());

        List<byte[]> pictures = new ArrayList<>();
        for (String where : List.of("cpu", place)) {
            Path features = dir.resolve(where + ".png");
            CommandRun project = CommandRun.of("project", "autoencoder", "--weights", out.resolve("weights.safetensors").toString(), "--data",
                    digits().toString(), "--channels", "2", "--top", "2", "--device", where, "--out", features.toString());
            assertEquals(0, project.exitCode(), project.err());
            pictures.add(grey(ImageIO.read(features.toFile())));
        }
        for (int i = 0; i < pictures.get(0).length; i++) {
            assertEquals(pictures.get(0)[i] & 0xFF, pictures.get(1)[i] & 0xFF, 1, "pixel " + i);
        }
    }

    private static byte[] grey(BufferedImage picture) {
        byte[] values = new byte[picture.getWidth() * picture.getHeight()];
        for (int i = 0; i < values.length; i++) {
            values[i] = (byte) picture.getRGB(i % picture.getWidth(), i / picture.getWidth());
        }
        return values;
    }

    /** Ten coloured pictures of two classes, of which eight train. */
    private Path colouredFolders() throws IOException {
        Path folder = dir.resolve("pictures");
        for (int n = 0; n < 10; n++) {
            BufferedImage picture = new BufferedImage(24, 18, BufferedImage.TYPE_INT_RGB);
            for (int i = 0; i < 24 * 18; i++) {
                picture.setRGB(i % 24, i / 24, n % 2 == 0 ? 0x20FF00 + i : 0xFF0040 - i);
            }
            Path file = folder.resolve((n % 2 == 0 ? "green/" : "red/") + n + ".png");
            Files.createDirectories(file.getParent());
            ImageIO.write(picture, "png", file.toFile());
        }
        return folder;
    }

    @Test
    void googLeNetTrainsOnFoldersOfPicturesBesideThePapersTable() throws IOException {
        CommandRun run = CommandRun.of("train", "googlenet", "--data", colouredFolders().toString(), "--batch", "4", "--epochs", "1");
        assertEquals(0, run.exitCode(), run.err());
        assertTrue(run.out().contains("inception 3b          [480, 28, 28]       379.0K   380K      304.3M   304M"), run.out());
        assertTrue(run.out().contains("8 pictures [3, 224, 224] to train, 2 to test"), run.out());
        assertTrue(run.out().contains(" for activations and their gradients, the activations alone "), run.out());
        assertTrue(run.out().contains(", for batches of 4; parameters, the optimiser's state and workspace are not counted"), run.out());
        assertTrue(run.out().contains("those further off do not follow from the widths in their own rows"), run.out());
    }

    @Test
    void aGeneratorLearnsToMakePicturesFromCodes() throws IOException {
        Path out = dir.resolve("out");
        CommandRun run = CommandRun.of("train", "dcgan-generator", "--data", colouredFolders().toString(), "--batch", "4", "--epochs", "3",
                "--out", out.toString());
        assertEquals(0, run.exitCode(), run.err());
        List<String> log = Files.readAllLines(out.resolve("log.jsonl"));
        assertTrue(new ObjectMapper().readTree(log.get(2)).get("loss").asDouble()
                < new ObjectMapper().readTree(log.get(0)).get("loss").asDouble(), log::toString);
        BufferedImage grid = ImageIO.read(out.resolve("reconstructions.png").toFile());
        assertEquals(2 + 2 * (64 + 2), grid.getWidth());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
            "train lenet --epochs 0 | --epochs is 0; allowed: 1..100000",
            "train lenet --rate 0 | --rate is 0.0; allowed: above 0, up to 100",
            "train lenet --clip-norm 0 | --clip-norm is 0.0; allowed: above 0",
            "train lenet --momentum 1 | --momentum is 1.0; allowed: 0 and up, below 1",
            "train lenet --momentum 0 --nesterov | --momentum is 0 with --nesterov; allowed: above 0, below 1",
            "train lenet --optimizer adam --momentum 0.5 | --momentum is 0.5 with --optimizer adam; allowed: with --optimizer sgd",
            "train lenet --optimizer adamw --nesterov | --nesterov is given with --optimizer adamw; allowed: with --optimizer sgd",
            "train lenet --optimizer lion | 'lion' is no optimizer; allowed: adam, adamw, sgd",
            "train lenet --beta1 1 | --beta1 is 1.0; allowed: 0 and up, below 1",
            "train lenet --beta1 NaN | --beta1 is NaN; allowed: 0 and up, below 1",
            "train lenet --optimizer adamw --beta2 -0.1 | --beta2 is -0.1; allowed: 0 and up, below 1",
            "train lenet --epsilon 0 | --epsilon is 0.0; allowed: 1.0E-37 and up",
            "train lenet --epsilon Infinity | --epsilon is Infinity; allowed: 1.0E-37 and up",
            "train lenet --optimizer sgd --beta1 0.5 | --beta1 is 0.5 with --optimizer sgd; allowed: with --optimizer adam or adamw",
            "train lenet --momentum 0.5 --beta2 0.5 | --beta2 is 0.5 with --optimizer sgd; allowed: with --optimizer adam or adamw",
            "train lenet --nesterov --epsilon 1 | --epsilon is 1.0 with --optimizer sgd; allowed: with --optimizer adam or adamw",
            "train lenet --weight-decay 1 | --weight-decay is 1.0; allowed: 0 and up, below 1",
            "train lenet --schedule linear | 'linear' is no schedule; allowed: constant, step, cosine",
            "train lenet --schedule step | --schedule step needs --step-every; allowed: 1 and up",
            "train lenet --schedule step --step-every 0 | --step-every is 0; allowed: 1 and up",
            "train lenet --schedule step --step-every 1 --step-factor 0 | --step-factor is 0.0; allowed: above 0, up to 1",
            "train lenet --step-factor 0.5 | --step-factor is 0.5 with --schedule constant; allowed: with --schedule step",
            "train lenet --schedule cosine --step-every 2 | --step-every is 2 with --schedule cosine; allowed: with --schedule step",
            "train lenet --cosine-epochs 2 | --cosine-epochs is 2.0 with --schedule constant; allowed: with --schedule cosine",
            "train lenet --schedule cosine --cosine-epochs 0 | --cosine-epochs is 0.0; allowed: above 0, up to 100000",
            "train lenet --epochs 3 --warmup 3 | --warmup is 3.0; allowed: 0 and up, below the 3 of --epochs",
            "train lenet --resume | --resume needs --out",
            "project lenet --weights w --out p --activations 0 | --activations is 0; allowed: 1..100000",
            "project lenet --weights w --out /nowhere/at/all.png | --out is /nowhere/at/all.png; allowed: a file in a folder that is there",
            "project dcgan-generator --weights w --out p | 'dcgan-generator' takes codes; allowed, as they take pictures: lenet, auto",
            "project alexnet --weights w --out p | 'alexnet' is no model; allowed: lenet, autoencoder, deep-autoencoder, googlenet",
            "train alexnet | 'alexnet' is no model; allowed: lenet, autoencoder, deep-autoencoder, googlenet, dcgan-generator",
            "train lenet --backend tpu | backend 'tpu' is not known; allowed: cuda, cudnn, cpu",
            "train lenet --data /nowhere/at/all | there is no file or folder"})
    void badInputIsOneLine(String line, String complaint) {
        CommandRun run = CommandRun.of(line.split(" "));
        assertEquals(JConv.BAD_INPUT, run.exitCode());
        assertEquals(1, run.err().lines().count(), run.err());
        assertTrue(run.err().contains(complaint), run.err());
    }

    private static String[] with(String[] common, String... more) {
        return java.util.stream.Stream.concat(Arrays.stream(common), Arrays.stream(more)).toArray(String[]::new);
    }
}
