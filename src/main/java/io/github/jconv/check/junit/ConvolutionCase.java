package io.github.jconv.check.junit;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Repeatable;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.TestTemplate;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * A test method that is run for a problem; repeat it for more. Together with {@link ConvolutionSuite} and
 * {@link RandomConvolutions} it is run for the problems of all of them. Its parameter is the {@link CaseUnderTest}:
 *
 * <pre>{@code
 *   @ConvolutionCase("n2c6h7w9k4r3s2_sh2_ph1:0")
 *   @ConvolutionCase("n1c5w40k5s7_g5")
 *   void agrees(CaseUnderTest each) {
 *       each.assertAgrees(new MyConvolution());
 *   }
 * }</pre>
 */
@Documented
@Target({ElementType.METHOD, ElementType.ANNOTATION_TYPE})
@Retention(RetentionPolicy.RUNTIME)
@Repeatable(ConvolutionCase.Several.class)
@TestTemplate
@ExtendWith(ConvolutionCases.class)
public @interface ConvolutionCase {

    /** A problem line, in any notation that {@link io.github.jconv.problem.ProblemNotation} reads. */
    String value();

    /** Several cases of one method; the compiler writes it. */
    @Documented
    @Target({ElementType.METHOD, ElementType.ANNOTATION_TYPE})
    @Retention(RetentionPolicy.RUNTIME)
    @TestTemplate
    @ExtendWith(ConvolutionCases.class)
    @interface Several {
        ConvolutionCase[] value();
    }
}
