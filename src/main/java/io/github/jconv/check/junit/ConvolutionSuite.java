package io.github.jconv.check.junit;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.TestTemplate;
import org.junit.jupiter.api.extension.ExtendWith;

/** A test method that is run for every problem of bundled suites; see {@link ConvolutionCase}. */
@Documented
@Target({ElementType.METHOD, ElementType.ANNOTATION_TYPE})
@Retention(RetentionPolicy.RUNTIME)
@TestTemplate
@ExtendWith(ConvolutionCases.class)
public @interface ConvolutionSuite {

    /** Names of suites, as {@code jconv suites} lists them: {@code googlenet}. */
    String[] value();
}
