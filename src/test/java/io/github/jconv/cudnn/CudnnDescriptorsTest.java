package io.github.jconv.cudnn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.jconv.algorithm.ConvRequest;
import io.github.jconv.check.cases.OnnxCases;
import io.github.jconv.check.random.RandomProblems;
import io.github.jconv.device.CudnnAlone;
import io.github.jconv.device.CudnnVersion;
import io.github.jconv.device.MathMode;
import io.github.jconv.problem.ConvOperation;
import io.github.jconv.problem.ConvProblem;
import io.github.jconv.problem.ProblemFile;
import io.github.jconv.problem.ProblemSuite;
import io.github.jconv.problem.ProblemSuites;
import io.github.jconv.tensor.DataType;
import io.github.jconv.testing.EmulatedCudnn;
import io.github.jconv.testing.SharedMaterial;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import jcuda.jcudnn.JCudnn;
import jcuda.jcudnn.cudnnConvolutionMode;
import jcuda.jcudnn.cudnnDataType;
import jcuda.jcudnn.cudnnMathType;
import jcuda.jcudnn.cudnnTensorFormat;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * What cuDNN makes of its descriptors: its own size arithmetic gives our output sizes, and it reads back what it was told. On the
 * emulated library, or with the property {@code jconv.test.cudnn=real} on NVIDIA's own ({@code mvn -Preal-cudnn test}), which needs no GPU
 * for that.
 */
class CudnnDescriptorsTest {

    private static final int RANDOM = 1000;
    private static final int LEAST_SHAPES = 1000;
    private static final int SUCCESS = 0;

    @BeforeAll
    static void load() {
        if ("real".equals(System.getProperty("jconv.test.cudnn"))) {
            CudnnAlone.load();
            JCudnn.setExceptionsEnabled(false);
            assertTrue(CudnnVersion.text().matches("[89]\\..*"), CudnnVersion::text);
        } else {
            EmulatedCudnn.open().close();
        }
    }

    @Test
    void cudnnReadsBundledAndRandomProblemsAsWeDo() {
        assertReadAlike(bundledAndRandom());
    }

    @Test
    void cudnnReadsPublishedProblemsAsWeDo() throws IOException {
        assertReadAlike(published());
    }

    /** The same output sizes, and descriptors that read back what was said. */
    private static void assertReadAlike(List<ConvProblem> problems) {
        for (CudnnShape shape : shapes(problems)) {
            try (Descriptors descriptors = new Descriptors(shape)) {
                int[] sizes = new int[shape.y().length];
                assertEquals(SUCCESS, JCudnn.cudnnGetConvolutionNdForwardOutputDim(descriptors.convolution(), descriptors.x(),
                        descriptors.w(), sizes.length, sizes), shape::toString);
                assertArrayEquals(shape.y(), sizes, shape::toString);
                assertTensor(shape, shape.x(), descriptors.x());
                assertTensor(shape, shape.y(), descriptors.y());
                assertFilter(shape, descriptors);
                assertConvolution(shape, descriptors);
            }
        }
    }

    private static void assertTensor(CudnnShape shape, int[] expected, jcuda.jcudnn.cudnnTensorDescriptor tensor) {
        int[] type = new int[1];
        int[] rank = new int[1];
        int[] sizes = new int[expected.length];
        int[] strides = new int[expected.length];
        assertEquals(SUCCESS, JCudnn.cudnnGetTensorNdDescriptor(tensor, sizes.length, type, rank, sizes, strides), shape::toString);
        assertEquals(cudnnDataType.CUDNN_DATA_FLOAT, type[0]);
        assertEquals(expected.length, rank[0]);
        assertArrayEquals(expected, sizes, shape::toString);
        int[] dense = IntStream.range(0, expected.length).map(axis -> Arrays.stream(expected, axis + 1, expected.length)
                .reduce(1, (a, b) -> a * b)).toArray();
        assertArrayEquals(dense, strides, shape::toString);
    }

    private static void assertFilter(CudnnShape shape, Descriptors descriptors) {
        int[] type = new int[1];
        int[] format = new int[1];
        int[] rank = new int[1];
        int[] sizes = new int[shape.w().length];
        assertEquals(SUCCESS, JCudnn.cudnnGetFilterNdDescriptor(descriptors.w(), sizes.length, type, format, rank, sizes));
        assertEquals(cudnnDataType.CUDNN_DATA_FLOAT, type[0]);
        assertEquals(cudnnTensorFormat.CUDNN_TENSOR_NCHW, format[0]);
        assertArrayEquals(shape.w(), sizes, shape::toString);
    }

    private static void assertConvolution(CudnnShape shape, Descriptors descriptors) {
        int axes = shape.padding().length;
        int[] count = new int[1];
        int[] padding = new int[axes];
        int[] strides = new int[axes];
        int[] dilations = new int[axes];
        int[] mode = new int[1];
        int[] type = new int[1];
        assertEquals(SUCCESS, JCudnn.cudnnGetConvolutionNdDescriptor(descriptors.convolution(), axes, count, padding, strides, dilations,
                mode, type));
        assertEquals(axes, count[0]);
        assertArrayEquals(shape.padding(), padding, shape::toString);
        assertArrayEquals(shape.strides(), strides, shape::toString);
        assertArrayEquals(shape.dilations(), dilations, shape::toString);
        assertEquals(cudnnConvolutionMode.CUDNN_CROSS_CORRELATION, mode[0]);
        assertEquals(cudnnDataType.CUDNN_DATA_FLOAT, type[0]);
        assertEquals(SUCCESS, JCudnn.cudnnGetConvolutionGroupCount(descriptors.convolution(), count));
        assertEquals(shape.groups(), count[0], shape::toString);
        assertEquals(SUCCESS, JCudnn.cudnnGetConvolutionMathType(descriptors.convolution(), type));
        assertEquals(cudnnMathType.CUDNN_FMA_MATH, type[0]);
    }

    /** Every bundled problem, and random ones. */
    private static List<ConvProblem> bundledAndRandom() {
        List<ConvProblem> problems = new ArrayList<>();
        for (ProblemSuite suite : ProblemSuites.all()) {
            problems.addAll(suite.problems());
        }
        RandomProblems.of(RANDOM, 1).list().forEach(random -> problems.add(random.problem()));
        return problems;
    }

    /** Every problem of the published sets of oneDNN, MIOpen, DeepBench and ONNX. */
    private static List<ConvProblem> published() throws IOException {
        Path cases = SharedMaterial.path("cases");
        List<ConvProblem> problems = new ArrayList<>();
        for (String folder : List.of("benchdnn/conv", "benchdnn/deconv", "miopen", "deepbench")) {
            try (DirectoryStream<Path> files = Files.newDirectoryStream(cases.resolve(folder), "*.txt")) {
                for (Path file : files) {
                    ProblemFile.read(file, folder.endsWith("deconv")).forEach(entry -> problems.add(entry.problem()));
                }
            }
        }
        OnnxCases.read(cases.resolve("onnx")).cases().forEach(recorded -> problems.add(recorded.problem()));
        return problems;
    }

    /** Those that cuDNN can be told of: its descriptors know neither an empty batch nor more than 2^31 - 1 elements. */
    private static List<CudnnShape> shapes(List<ConvProblem> problems) {
        List<CudnnShape> shapes = problems.stream().filter(problem -> problem.batch() > 0).distinct()
                .map(problem -> new CudnnShape(new ConvRequest(problem, ConvOperation.FORWARD, DataType.FLOAT32), MathMode.FP32))
                .filter(shape -> shape.describable().yes()).toList();
        assertTrue(shapes.size() >= LEAST_SHAPES, () -> shapes.size() + " shapes");
        return shapes;
    }
}
