package io.github.jconv.cpu.simd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import io.github.jconv.ConvEngine;
import io.github.jconv.problem.ConvProblem;
import io.github.jconv.tensor.HostTensor;
import io.github.jconv.testing.ChildJvm;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

class CompilerDirectivesTest {

    /** Its filters are transformed by a small kernel, in two places of one method. */
    private static final String PROBLEM = "n1c32h14w14k64r3s3_ph1pw1";

    /** As far as the JVM knows of compiler directives; it must take those that are given, for the classes as they are named here. */
    @Test
    void theJvmTakesADirective() {
        assertTrue(CompilerDirectives.excludeFromFastCompiler("NoSuchClass"), "compiler directives of this JVM");
    }

    /** What the JIT compiler itself says, in a JVM that has compiled a convolution with small kernels. */
    @Test
    void kernelsAreNotTakenIntoTheMethodsThatCallThem() throws IOException, InterruptedException {
        assumeFalse(SimdProvider.chosen().isScalar(), "scalar code is compiled as any other");
        String printed = ChildJvm.run(CompilerDirectivesTest.class,
                List.of("-XX:TieredStopAtLevel=4", "-XX:+UnlockDiagnosticVMOptions", "-XX:+PrintCompilation", "-XX:+PrintInlining",
                        "--add-modules", "jdk.incubator.vector"), List.of());
        List<String> decisions = printed.lines().filter(line -> line.contains("VectorWinograd")).toList();
        List<String> called = decisions.stream().filter(line -> line.contains("disallowed by CompileCommand")).toList();
        assertFalse(called.isEmpty(), "the compiler was never asked, or took what it met");
        assertTrue(called.stream().anyMatch(line -> line.contains("::filter (")), () -> String.join("\n", called));
        assertEquals(List.of(), called.stream().filter(line -> line.contains("::filter4 (")).toList(), "what kernels call of each other");
    }

    /** Convolves until the methods of the algorithm are compiled by C2: it takes a few thousand calls of them. */
    public static void main(String[] args) {
        ConvProblem problem = ConvProblem.parse(PROBLEM);
        try (ConvEngine engine = ConvEngine.builder().backend("cpu").threads(1).algorithm("winograd-4x4").open()) {
            HostTensor x = HostTensor.zeros(problem.xShape());
            HostTensor w = HostTensor.zeros(problem.wShape());
            HostTensor y = HostTensor.zeros(problem.yShape());
            for (int i = 0; i < 20_000; i++) {
                engine.forward(problem, x, w, null, y);
            }
        }
    }
}
