package io.github.jconv.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.jconv.ConvEngine;
import io.github.jconv.algorithm.UnsupportedRequestException;
import io.github.jconv.check.CrossCheck;
import io.github.jconv.check.EngineSubject;
import io.github.jconv.check.report.CheckReport;
import io.github.jconv.check.report.Tier;
import io.github.jconv.problem.ConvProblem;
import io.github.jconv.tensor.DataType;
import io.github.jconv.tensor.HostTensor;
import io.github.jconv.tensor.Layout;
import io.github.jconv.tensor.Tensor;
import io.github.jconv.tensor.TensorShape;
import org.junit.jupiter.api.Test;

/** Tensors of 16 bits and with the channels last on the emulated device. What a backend has to add is its name. */
public abstract class DeviceFormsContract {

    /** The backend by name. */
    protected abstract String backend();

    private ConvEngine open() {
        return ConvEngine.builder().device(EmulatedDevice.request()).backend(backend()).open();
    }

    /** Every algorithm, and the engine's own choice with biases, in every form. */
    @Test
    void everyFormAgreesWithTheDefinition() {
        try (ConvEngine engine = open()) {
            for (ConvProblem problem : new ConvProblem[] {ConvProblem.parse("n2c6h7w9k4r3s2_sh2sw1_ph1:0pw0_dh1dw2_g2"),
                ConvProblem.parse("n3c5w13k6s3_pw1")}) {
                CheckReport all = CrossCheck.ofBackends(engine.backend()).dataTypes(DataType.FLOAT16, DataType.BFLOAT16, DataType.FLOAT32)
                        .layouts(Layout.NCHW, Layout.NHWC).tiers(Tier.EXACT, Tier.REAL).shrink(false).on(problem).run();
                assertTrue(all.agrees(), () -> all.mismatches().get(0).toString());
                CheckReport own = CrossCheck.of(new EngineSubject("engine", engine)).dataTypes(DataType.FLOAT32, DataType.values())
                        .layouts(Layout.NCHW, Layout.NHWC).shrink(false).on(problem).run();
                assertTrue(own.agrees(), () -> own.mismatches().get(0).toString());
                assertTrue(own.checks() > 100, () -> "" + own.checks());
            }
        }
    }

    @Test
    void tensorsAreConvertedOnTheDevice() {
        TensorShape shape = TensorShape.of(2, 5, 3, 37);
        HostTensor values = Tensors.reals(DataType.FLOAT32, shape, 1);
        try (ConvEngine engine = open()) {
            for (DataType type : DataType.values()) {
                for (Layout from : Layout.values()) {
                    for (Layout to : Layout.values()) {
                        roundTrip(engine, values.to(type, from), type, to);
                        if (type.isNarrow()) {
                            roundTrip(engine, values.to(Layout.NHWC).to(from), type, to);
                            roundTrip(engine, values.to(type, from), DataType.FLOAT32, to);
                        }
                    }
                }
            }
            try (Tensor wide = engine.newTensor(DataType.FLOAT64, shape); Tensor half = engine.newTensor(DataType.FLOAT16, shape)) {
                String message = assertThrows(UnsupportedRequestException.class, () -> engine.convert(wide, half)).getMessage();
                assertTrue(message.contains("a device does not convert FLOAT64 to FLOAT16"), message);
            }
        }
    }

    private static void roundTrip(ConvEngine engine, HostTensor values, DataType type, Layout layout) {
        try (Tensor source = engine.newTensor(values.dataType(), values.layout(), values.shape());
                Tensor target = engine.newTensor(type, layout, values.shape())) {
            engine.upload(values, source);
            engine.convert(source, target);
            HostTensor got = HostTensor.zeros(type, layout, values.shape());
            engine.download(target, got);
            for (int i = 0; i < got.length(); i++) {
                assertEquals(type.round(values.get(i)), got.get(i), values + " to " + got);
            }
        }
    }
}
