package io.github.jconv.check.junit;

import io.github.jconv.tensor.DataType;
import io.github.jconv.tensor.Layout;
import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.TestTemplate;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * A test method that is run for random problems, which differ in all that convolutions differ in; see {@link ConvolutionCase} and
 * {@link io.github.jconv.check.random.RandomProblems}.
 */
@Documented
@Target({ElementType.METHOD, ElementType.ANNOTATION_TYPE})
@Retention(RetentionPolicy.RUNTIME)
@TestTemplate
@ExtendWith(ConvolutionCases.class)
public @interface RandomConvolutions {

    /** How many problems. */
    int value();

    /** Which ones: the same seed means the same problems and data. */
    long seed() default 1;

    /** The types of the tensors; each gets its own problems. */
    DataType[] types() default DataType.FLOAT32;

    /** The layouts of the tensors. */
    Layout[] layouts() default Layout.NCHW;
}
