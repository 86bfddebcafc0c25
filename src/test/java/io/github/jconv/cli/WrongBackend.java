package io.github.jconv.cli;

import io.github.jconv.algorithm.Backend;
import io.github.jconv.algorithm.ConvPlan;
import io.github.jconv.algorithm.ConvRequest;
import io.github.jconv.cpu.CpuBackend;
import io.github.jconv.problem.ConvOperation;
import io.github.jconv.tensor.HostTensor;
import io.github.jconv.tensor.Tensor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.function.Predicate;

/**
 * A host whose only backend computes on the CPU, but adds one to the last element of every y that has more than one column, for some
 * requests.
 */
final class WrongBackend implements BackendsOption.Source {

    private final Predicate<ConvRequest> isWrong;

    /** Whatever the request. */
    WrongBackend() {
        this(request -> true);
    }

    WrongBackend(Predicate<ConvRequest> isWrong) {
        this.isWrong = isWrong;
    }

    @Override
    public List<Backend> openAll(int threads) {
        return List.of(open("cpu", threads));
    }

    @Override
    public Backend open(String name, int threads) {
        Backend right = new CpuBackend(threads);
        return (Backend) Proxy.newProxyInstance(getClass().getClassLoader(), new Class<?>[] {Backend.class}, (proxy, method, args) -> {
            try {
                Object result = method.invoke(right, args);
                if (method.getName().equals("run")) {
                    spoil((ConvPlan) args[0], (Tensor) args[3]);
                }
                return result;
            } catch (InvocationTargetException e) {
                throw e.getCause();
            }
        });
    }

    private void spoil(ConvPlan plan, Tensor y) {
        HostTensor output = (HostTensor) y;
        if (isWrong.test(plan.request()) && plan.request().operation() == ConvOperation.FORWARD && y.shape().size(y.shape().rank() - 1) > 1) {
            output.set(output.length() - 1, output.get(output.length() - 1) + 1);
        }
    }
}
