package com.example;

import io.github.jconv.ConvEngine;
import io.github.jconv.problem.ConvProblem;
import io.github.jconv.problem.TransposedConvolution;
import io.github.jconv.tensor.HostTensor;
import java.util.Arrays;

/** Opens two engines and prints sums of small integers, which are exact whatever the JVM computes with. */
public final class Consumer {

    private Consumer() {
    }

    public static void main(String[] args) {
        ConvProblem down = ConvProblem.conv2d().batch(1).input(8, 24, 20).filters(16, 3, 3).stride(2).padding(1).build();
        for (int i = 0; i < 2; i++) {
            try (ConvEngine engine = ConvEngine.open()) {
                HostTensor x = counting(HostTensor.zeros(down.xShape()));
                HostTensor w = counting(HostTensor.zeros(down.wShape()));
                HostTensor y = engine.forward(down, x, w);
                HostTensor z = engine.forward(TransposedConvolution.inverseOf(down), y, w);
                System.out.println("y " + y.shape() + " sum " + sum(y) + ", z " + z.shape() + " sum " + sum(z));
            }
        }
    }

    private static HostTensor counting(HostTensor tensor) {
        for (int i = 0; i < tensor.length(); i++) {
            tensor.set(i, i % 3 - 1);
        }
        return tensor;
    }

    private static long sum(HostTensor tensor) {
        double sum = 0;
        for (float value : Arrays.copyOfRange(tensor.floats(), tensor.offset(), tensor.offset() + tensor.length())) {
            sum += value;
        }
        return (long) sum;
    }
}
