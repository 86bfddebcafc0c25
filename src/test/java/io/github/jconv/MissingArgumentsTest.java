package io.github.jconv;

import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.jconv.check.ConvolutionUnderTest;
import io.github.jconv.check.CrossCheck;
import io.github.jconv.device.DeviceOptions;
import io.github.jconv.device.DeviceRequest;
import io.github.jconv.nn.Layers;
import io.github.jconv.nn.Network;
import io.github.jconv.nn.Optimizers;
import io.github.jconv.nn.Schedule;
import io.github.jconv.nn.Trainer;
import io.github.jconv.problem.ConvProblem;
import io.github.jconv.problem.TransposedConvolution;
import java.lang.reflect.Array;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;

/** An argument that is null is refused where it is given, by a message that names it. */
class MissingArgumentsTest {

    private static final Map<Class<?>, Object> OTHERS = Map.of(int.class, 1, long.class, 1L, double.class, 0.5, boolean.class, true,
            String.class, "something", List.class, List.of(), Duration.class, Duration.ofDays(1));

    /** Of what is described step by step: the methods that give it back, changed. */
    @Test
    void settersRefuseNull() {
        int refused = 0;
        try (ConvEngine engine = ConvEngine.builder().backend("cpu").threads(1).open();
                Network network = Network.on(engine, 1).input(1, 3).build(Layers.linear(2))) {
            for (Object described : List.of(ConvEngine.builder(), ConvOptions.defaults(), ConvProblem.conv2d(), TransposedConvolution.conv2d(),
                    DeviceOptions.defaults(), CrossCheck.of((ConvolutionUnderTest) implementing(ConvolutionUnderTest.class)),
                    Layers.conv(1, 3), Layers.convTranspose(1, 3), Layers.maxPool(2), Network.on(engine, 1), Trainer.of(network))) {
                Class<?> type = described.getClass();
                refused += refusals(type, described, method -> !Modifier.isStatic(method.getModifiers()) && method.getReturnType() == type);
            }
        }
        assertFound(60, refused);
    }

    @Test
    void factoriesRefuseNull() {
        int refused = 0;
        for (Class<?> type : List.of(Layers.class, Optimizers.class, CrossCheck.class, Trainer.class, Network.class, Schedule.class,
                DeviceRequest.class)) {
            refused += refusals(type, null, method -> Modifier.isStatic(method.getModifiers()));
        }
        assertFound(20, refused);
    }

    /** Methods are looked for by what they look like: were none found, none would fail. */
    private static void assertFound(int atLeast, int refused) {
        assertTrue(refused >= atLeast, () -> "only " + refused + " nulls were given");
    }

    /** Each parameter in turn is null, or has a null in it; the others are something. */
    private static int refusals(Class<?> type, Object described, Predicate<Method> wanted) {
        int count = 0;
        for (Method method : type.getDeclaredMethods()) {
            if (!Modifier.isPublic(method.getModifiers()) || method.isSynthetic() || !wanted.test(method)) {
                continue;
            }
            for (int i = 0; i < method.getParameterCount(); i++) {
                for (Object missing : missing(method.getParameterTypes()[i])) {
                    Object[] arguments = new Object[method.getParameterCount()];
                    for (int j = 0; j < arguments.length; j++) {
                        arguments[j] = j == i ? missing : something(method.getParameterTypes()[j]);
                    }
                    assertRefused(method, described, arguments);
                    count++;
                }
            }
        }
        return count;
    }

    private static void assertRefused(Method method, Object described, Object[] arguments) {
        String call = method.getDeclaringClass().getSimpleName() + "." + method.getName() + Arrays.deepToString(arguments);
        Throwable thrown = assertThrows(InvocationTargetException.class, () -> method.invoke(described, arguments), call).getCause();
        assertInstanceOf(IllegalArgumentException.class, thrown, call);
        assertTrue(thrown.getMessage().matches("[a-z].* is null; allowed: a value"), () -> call + ": " + thrown.getMessage());
    }

    private static List<Object> missing(Class<?> type) {
        List<Object> values = new ArrayList<>();
        if (!type.isPrimitive()) {
            values.add(null);
        }
        if (type == List.class) {
            values.add(Collections.singletonList(null));
        } else if (type.isArray() && !type.getComponentType().isPrimitive()) {
            values.add(Array.newInstance(type.getComponentType(), 1));
        }
        return values;
    }

    private static Object something(Class<?> type) {
        return OTHERS.containsKey(type) ? OTHERS.get(type)
                : type.isArray() ? Array.newInstance(type.getComponentType(), 0)
                : type.isEnum() ? type.getEnumConstants()[0]
                : implementing(type);
    }

    private static Object implementing(Class<?> type) {
        return Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, (self, method, arguments) -> null);
    }
}
