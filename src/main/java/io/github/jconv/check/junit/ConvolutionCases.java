package io.github.jconv.check.junit;

import io.github.jconv.check.CrossCheck;
import io.github.jconv.check.Effort;
import io.github.jconv.check.random.RandomProblem;
import io.github.jconv.check.random.RandomProblems;
import io.github.jconv.problem.ConvProblem;
import io.github.jconv.problem.ProblemNotation;
import io.github.jconv.problem.ProblemSuites;
import io.github.jconv.tensor.DataType;
import io.github.jconv.tensor.Layout;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.Extension;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.junit.jupiter.api.extension.TestTemplateInvocationContext;
import org.junit.jupiter.api.extension.TestTemplateInvocationContextProvider;
import org.junit.platform.commons.support.AnnotationSupport;

/** Runs a test method once for each problem that its annotations name. The annotations bring it along. */
final class ConvolutionCases implements TestTemplateInvocationContextProvider {

    /** A problem with the seed of its data. */
    private record Case(RandomProblem problem, long seed) {
    }

    @Override
    public boolean supportsTestTemplate(ExtensionContext context) {
        return true;
    }

    @Override
    public Stream<TestTemplateInvocationContext> provideTestTemplateInvocationContexts(ExtensionContext context) {
        List<Case> cases = cases(context.getRequiredTestMethod());
        Effort effort = Effort.forProblems(cases.size());
        return cases.stream().map(each -> new Invocation(
                new CaseUnderTest(each.problem.problem(), each.problem.dataType(), each.problem.layout(), each.seed, effort)));
    }

    private static List<Case> cases(Method method) {
        List<Case> cases = new ArrayList<>();
        AnnotationSupport.findRepeatableAnnotations(method, ConvolutionCase.class).forEach(annotation ->
                ProblemNotation.read(annotation.value(), false).stream().forEach(entry -> cases.add(fp32(entry.problem()))));
        AnnotationSupport.findAnnotation(method, ConvolutionSuite.class).ifPresent(annotation -> Stream.of(annotation.value())
                .flatMap(name -> ProblemSuites.named(name).problems().stream().distinct()).map(ConvolutionCases::fp32)
                .forEach(cases::add));
        AnnotationSupport.findAnnotation(method, RandomConvolutions.class).ifPresent(annotation ->
                RandomProblems.of(annotation.value(), annotation.seed(), List.of(annotation.types()), List.of(annotation.layouts())).list()
                        .forEach(problem -> cases.add(new Case(problem, annotation.seed()))));
        return cases;
    }

    private static Case fp32(ConvProblem problem) {
        return new Case(new RandomProblem(problem, DataType.FLOAT32, Layout.NCHW), CrossCheck.DEFAULT_SEED);
    }

    /** One run of the method. */
    private record Invocation(CaseUnderTest each) implements TestTemplateInvocationContext, ParameterResolver {

        @Override
        public String getDisplayName(int invocationIndex) {
            return each.toString();
        }

        @Override
        public List<Extension> getAdditionalExtensions() {
            return List.of(this);
        }

        @Override
        public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
            return parameter.getParameter().getType() == CaseUnderTest.class;
        }

        @Override
        public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
            return each;
        }
    }
}
