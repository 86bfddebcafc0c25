package io.github.jconv.problem;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * The bundled problems: convolutions of published networks, written down from the papers, and cases at the edges. They are the
 * text files of the resource folder {@code io/github/jconv/suites}, one problem per line.
 *
 * <p>All have a batch of 1, but for some edge cases.
 */
public final class ProblemSuites {

    private static final String FOLDER = "/io/github/jconv/suites/";
    private static final List<String> NAMES = List.of("googlenet", "resnet50", "vgg16", "mobilenet", "dcgan", "unet", "fcn",
            "autoencoder", "sequence", "volume", "edge");

    private ProblemSuites() {
    }

    /** The names of all suites. */
    public static List<String> names() {
        return NAMES;
    }

    public static List<ProblemSuite> all() {
        return NAMES.stream().map(ProblemSuites::load).toList();
    }

    /**
     * @throws InvalidProblemException listing the names, when there is no such suite
     */
    public static ProblemSuite named(String name) {
        if (!NAMES.contains(name)) {
            throw new InvalidProblemException("suite is '" + LineQuote.of(name) + "'; allowed: " + String.join(", ", NAMES));
        }
        return load(name);
    }

    /** The 57 convolutions of GoogLeNet (Inception v1); {@code 3a_5x5_reduce} is one of module 3a. */
    public static ProblemSuite googlenet() {
        return load("googlenet");
    }

    /** The 53 convolutions of ResNet-50. */
    public static ProblemSuite resnet50() {
        return load("resnet50");
    }

    /** The 13 convolutions of VGG-16. */
    public static ProblemSuite vgg16() {
        return load("vgg16");
    }

    /** The 27 convolutions of MobileNet v1, 13 of them depthwise. */
    public static ProblemSuite mobilenet() {
        return load("mobilenet");
    }

    /** The DCGAN generator: transposed convolutions. */
    public static ProblemSuite dcgan() {
        return load("dcgan");
    }

    /** The up-convolutions of U-Net: transposed. */
    public static ProblemSuite unet() {
        return load("unet");
    }

    /** The upsampling of fully convolutional networks, up to 64x64 filters with stride 32: transposed. */
    public static ProblemSuite fcn() {
        return load("fcn");
    }

    /** Convolutions from 64x64 to 32x32 and their transposed mates. */
    public static ProblemSuite autoencoder() {
        return load("autoencoder");
    }

    /** One-dimensional: audio and sequences. */
    public static ProblemSuite sequence() {
        return load("sequence");
    }

    /** Three-dimensional: video and volumes. */
    public static ProblemSuite volume() {
        return load("volume");
    }

    /** Small cases at the edges of what is allowed. */
    public static ProblemSuite edge() {
        return load("edge");
    }

    private static ProblemSuite load(String name) {
        String resource = FOLDER + name + ".txt";
        try (InputStream stream = ProblemSuites.class.getResourceAsStream(resource)) {
            if (stream == null) {
                throw new IllegalStateException("resource " + resource + " is missing from the jar");
            }
            var reader = new BufferedReader(new InputStreamReader(stream, StandardCharsets.UTF_8));
            String title = reader.readLine().substring(1).strip();
            return new ProblemSuite(name, title, ProblemFile.read(reader, resource, false));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
