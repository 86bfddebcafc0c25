package io.github.jconv.device;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.tngtech.archunit.core.domain.JavaMethodCall;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import io.github.jconv.testing.Tools;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The lists of functions relied upon are exactly what the code calls: a function that is missing at run time ends the JVM. */
class NativeFunctionsTest {

    /** JCuda's methods whose name is not that of the function, apart from a version suffix. */
    private static final Map<String, String> OTHER_NAMES = Map.of(
            "cuGraphInstantiate", "cuGraphInstantiateWithFlags",
            "cuModuleLoadDataJIT", "cuModuleLoadDataEx",
            "cublasGemmEx_new", "cublasGemmEx",
            "cublasGemmEx_64_new", "cublasGemmEx_64",
            "cublasGemmStridedBatchedEx_new", "cublasGemmStridedBatchedEx",
            "cublasGemmStridedBatchedEx_64_new", "cublasGemmStridedBatchedEx_64");

    /** What JCublas2 calls by itself to learn where alpha and beta lie. */
    private static final Set<String> CALLED_BY_JCUDA = Set.of("cublasGetPointerMode_v2");

    @TempDir
    Path folder;

    @Test
    void theListsNameWhatIsCalled() {
        assertEquals(called("jcuda.driver.JCudaDriver", "cu"), withoutVersions(NativeFunctions.DRIVER));
        Set<String> blas = new TreeSet<>(NativeFunctions.CUBLAS);
        blas.removeAll(CALLED_BY_JCUDA);
        Set<String> calledBlas = called("jcuda.jcublas.JCublas2", "cublas");
        assertTrue(calledBlas.removeAll(NativeFunctions.CUBLAS_64), "the functions for large sizes are called");
        assertEquals(calledBlas, withoutVersions(blas));
        assertEquals(called("jcuda.jcudnn.JCudnn", "cudnn"), new TreeSet<>(NativeFunctions.CUDNN));
    }

    /** The names with their versions are those that JCuda's published libraries ask for. */
    @ParameterizedTest
    @EnumSource(NativeLibrary.class)
    void jcudaAsksForThemUnderTheseNames(NativeLibrary library) throws Exception {
        assumeTrue(Tools.isThere("readelf"), "readelf is not on the PATH");
        String said = Tools.run(List.of("readelf", "--wide", "--dyn-syms", JniFiles.copyOf(library, folder).toString()));
        Set<String> asked = Pattern.compile("UND (cu\\w+)").matcher(said).results().map(match -> match.group(1))
                .collect(Collectors.toSet());
        Stream<String> large = library == NativeLibrary.CUBLAS ? NativeFunctions.CUBLAS_64.stream() : Stream.empty();
        Stream.concat(library.functions().stream(), large).forEach(function -> assertTrue(asked.contains(function), function));
    }

    private static Set<String> called(String owner, String prefix) {
        return new ClassFileImporter().withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS).importPackages("io.github.jconv")
                .stream()
                .flatMap(type -> type.getMethodCallsFromSelf().stream())
                .filter(call -> call.getTargetOwner().getName().equals(owner))
                .map(JavaMethodCall::getName)
                .filter(name -> name.startsWith(prefix))
                .map(name -> OTHER_NAMES.getOrDefault(name, name))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static Set<String> withoutVersions(Iterable<String> functions) {
        Set<String> names = new TreeSet<>();
        functions.forEach(function -> names.add(function.replaceFirst("_v\\d$", "")));
        return names;
    }
}
