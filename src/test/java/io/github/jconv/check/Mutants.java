package io.github.jconv.check;

import io.github.jconv.algorithm.ConvRequest;
import io.github.jconv.algorithm.WriteMode;
import io.github.jconv.check.report.Tier;
import io.github.jconv.problem.ConvOperation;
import io.github.jconv.problem.ConvProblem;
import io.github.jconv.problem.SpatialAxis;
import io.github.jconv.tensor.DataType;
import io.github.jconv.tensor.HostTensor;
import java.util.ArrayList;
import java.util.List;

/** Convolutions that are wrong on purpose, each in one way, and the tier whose evidence must convict it. */
public final class Mutants {

    /** A wrong variant. */
    record Mutant(Loops subject, Tier caughtBy) {

        @Override
        public String toString() {
            return subject.name();
        }
    }

    private Mutants() {
    }

    /** The variant that nothing is wrong with. */
    public static ConvolutionUnderTest correct() {
        return new Loops("correct");
    }

    /** One of the wrong ones. */
    public static ConvolutionUnderTest named(String name) {
        return all().stream().filter(m -> m.subject.name().equals(name)).findFirst().orElseThrow().subject;
    }

    static List<Mutant> all() {
        List<Mutant> mutants = new ArrayList<>();
        geometry(mutants);
        arithmetic(mutants);
        memory(mutants);
        return mutants;
    }

    private static void geometry(List<Mutant> mutants) {
        add(mutants, Tier.EXACT, new Loops("strides of the axes exchanged") {
            @Override
            long position(ConvProblem p, int i, long out, long tap) {
                SpatialAxis axis = p.axis3(i);
                return out * p.axis3(exchanged(p, i)).stride() - axis.padBegin() + tap * axis.dilation();
            }
        });
        add(mutants, Tier.EXACT, new Loops("paddings of the axes exchanged") {
            @Override
            long position(ConvProblem p, int i, long out, long tap) {
                SpatialAxis axis = p.axis3(i);
                return out * axis.stride() - p.axis3(exchanged(p, i)).padBegin() + tap * axis.dilation();
            }
        });
        add(mutants, Tier.EXACT, new Loops("end padding dropped") {
            @Override
            long position(ConvProblem p, int i, long out, long tap) {
                SpatialAxis axis = p.axis3(i);
                boolean needsEnd = out * axis.stride() - axis.padBegin() + axis.extent() > axis.input();
                return needsEnd ? -1 : super.position(p, i, out, tap);
            }
        });
        add(mutants, Tier.EXACT, new Loops("begin padding at both ends") {
            @Override
            long position(ConvProblem p, int i, long out, long tap) {
                SpatialAxis axis = p.axis3(i);
                boolean beyond = out * axis.stride() - axis.padBegin() + axis.extent() > axis.input() + axis.padBegin();
                return beyond ? -1 : super.position(p, i, out, tap);
            }
        });
        add(mutants, Tier.EXACT, new Loops("group offset ignored") {
            @Override
            long inputChannel(ConvProblem p, long group, long c) {
                return c;
            }
        });
        add(mutants, Tier.IDENTITIES, new Loops("last group computed as the first") {
            @Override
            long inputChannel(ConvProblem p, long group, long c) {
                return super.inputChannel(p, p.groups() > 1 && group == p.groups() - 1 ? 0 : group, c);
            }
        });
        add(mutants, Tier.EXACT, new Loops("dilation one too large") {
            @Override
            long position(ConvProblem p, int i, long out, long tap) {
                SpatialAxis axis = p.axis3(i);
                return super.position(p, i, out, tap) + (axis.dilation() > 1 ? tap : 0);
            }
        });
        add(mutants, Tier.IDENTITIES, new Loops("dilation ignored") {
            @Override
            long position(ConvProblem p, int i, long out, long tap) {
                SpatialAxis axis = p.axis3(i);
                return out * axis.stride() - axis.padBegin() + tap;
            }
        });
        add(mutants, Tier.IDENTITIES, new Loops("filter rotated by half a turn") {
            @Override
            long tap(ConvProblem p, long tap) {
                return p.filterTaps() - 1 - tap;
            }
        });
        add(mutants, Tier.IDENTITIES, new Loops("output padding ignored") {
            @Override
            double result(double sum, int index, ConvProblem p, ConvOperation operation) {
                SpatialAxis last = p.axis3(2);
                boolean extra = index % last.input() >= last.input() - last.unreached();
                return operation == ConvOperation.BACKWARD_DATA && extra ? 0 : sum;
            }
        });
        add(mutants, Tier.HYGIENE, new Loops("height and width exchanged, seen on no square problem") {
            @Override
            long position(ConvProblem p, int i, long out, long tap) {
                SpatialAxis axis = p.axis3(i);
                return out * p.axis3(exchanged(p, i)).stride() - p.axis3(exchanged(p, i)).padBegin() + tap * axis.dilation();
            }
        });
    }

    private static void arithmetic(List<Mutant> mutants) {
        add(mutants, Tier.EXACT, new Loops("off by one part in 2^12") {
            @Override
            double result(double sum, int index, ConvProblem problem, ConvOperation operation) {
                return sum * (1 + 0x1p-12);
            }
        });
        add(mutants, Tier.REAL, new Loops("operands cut to TF32") {
            @Override
            double operand(double value) {
                return Float.intBitsToFloat(Float.floatToRawIntBits((float) value) & 0xFFFFE000);
            }
        });
        add(mutants, Tier.IDENTITIES, new Loops("operands cut by one bit") {
            @Override
            double operand(double value) {
                return Float.intBitsToFloat(Float.floatToRawIntBits((float) value) & 0xFFFFFFFE);
            }
        });
        add(mutants, Tier.REAL, new Loops("sums kept in bf16") {
            @Override
            double partial(double sum) {
                return Float.intBitsToFloat(Float.floatToRawIntBits((float) sum) & 0xFFFF0000);
            }
        });
        add(mutants, Tier.EXACT, new Loops("accumulation ignored") {
            @Override
            void compute(ConvProblem problem, ConvOperation operation, HostTensor x, HostTensor w, HostTensor y, HostTensor output,
                         WriteMode mode) {
                super.compute(problem, operation, x, w, y, output, WriteMode.OVERWRITE);
            }
        });
        add(mutants, Tier.EXACT, new Loops("bias added twice") {
            @Override
            public void runWithBias(ConvProblem problem, ConvOperation operation, HostTensor x, HostTensor w, HostTensor y,
                                    HostTensor bias) {
                HostTensor twice = bias.copy();
                for (int i = 0; i < twice.length(); i++) {
                    twice.set(i, 2 * bias.get(i));
                }
                super.runWithBias(problem, operation, x, w, y, twice);
            }
        });
        add(mutants, Tier.EXACT, new Loops("bias gradient of the first image only") {
            @Override
            public void backwardBias(ConvProblem problem, ConvOperation operation, HostTensor gradient, HostTensor dbias,
                                     WriteMode mode) {
                super.backwardBias(problem, operation, Blocks.slice(gradient, 0, 0, Math.min(1, gradient.shape().size(0))), dbias, mode);
            }
        });
        add(mutants, Tier.IDENTITIES, new Loops("depends on the batch size") {
            @Override
            double result(double sum, int index, ConvProblem problem, ConvOperation operation) {
                return problem.batch() > 2 ? sum + 1 : sum;
            }
        });
        add(mutants, Tier.HYGIENE, new Loops("NaN taken for zero") {
            @Override
            double operand(double value) {
                return Double.isNaN(value) ? 0 : value;
            }
        });
        add(mutants, Tier.IDENTITIES, new Loops("not linear: negative results cut off") {
            @Override
            double result(double sum, int index, ConvProblem problem, ConvOperation operation) {
                return Math.max(0, sum);
            }
        });
        add(mutants, Tier.HYGIENE, new Loops("last bit differs from run to run") {
            private int runs;

            @Override
            void compute(ConvProblem problem, ConvOperation operation, HostTensor x, HostTensor w, HostTensor y, HostTensor output,
                         WriteMode mode) {
                runs++;
                super.compute(problem, operation, x, w, y, output, mode);
            }

            @Override
            double result(double sum, int index, ConvProblem problem, ConvOperation operation) {
                boolean whole = sum == Math.rint(sum);
                return runs % 2 == 0 || whole ? sum : Math.nextUp((float) sum);
            }
        });
    }

    private static void memory(List<Mutant> mutants) {
        add(mutants, Tier.HYGIENE, new Loops("last tile missing") {
            @Override
            void compute(ConvProblem problem, ConvOperation operation, HostTensor x, HostTensor w, HostTensor y, HostTensor output,
                         WriteMode mode) {
                HostTensor sums = sums(problem, operation, x, w, y);
                for (int i = 0; i < output.length() / 8 * 8; i++) {
                    output.set(i, mode == WriteMode.ACCUMULATE ? output.get(i) + sums.get(i) : sums.get(i));
                }
            }
        });
        add(mutants, Tier.HYGIENE, new Loops("one element left as it was") {
            @Override
            void compute(ConvProblem problem, ConvOperation operation, HostTensor x, HostTensor w, HostTensor y, HostTensor output,
                         WriteMode mode) {
                int middle = output.length() / 2;
                double before = output.get(middle);
                float bits = output.floats()[output.offset() + middle];
                super.compute(problem, operation, x, w, y, output, mode);
                if (mode == WriteMode.OVERWRITE && Double.isNaN(before)) {
                    output.floats()[output.offset() + middle] = bits;
                }
            }
        });
        add(mutants, Tier.HYGIENE, new Loops("overwriting adds to what was there") {
            @Override
            void compute(ConvProblem problem, ConvOperation operation, HostTensor x, HostTensor w, HostTensor y, HostTensor output,
                         WriteMode mode) {
                super.compute(problem, operation, x, w, y, output, WriteMode.ACCUMULATE);
            }
        });
        add(mutants, Tier.HYGIENE, new Loops("writes one past the end") {
            @Override
            void compute(ConvProblem problem, ConvOperation operation, HostTensor x, HostTensor w, HostTensor y, HostTensor output,
                         WriteMode mode) {
                super.compute(problem, operation, x, w, y, output, mode);
                output.floats()[output.offset() + output.length()] = 0;
            }
        });
        add(mutants, Tier.HYGIENE, new Loops("writes one in front of the begin") {
            @Override
            void compute(ConvProblem problem, ConvOperation operation, HostTensor x, HostTensor w, HostTensor y, HostTensor output,
                         WriteMode mode) {
                super.compute(problem, operation, x, w, y, output, mode);
                output.floats()[output.offset() - 1] = 0;
            }
        });
        add(mutants, Tier.HYGIENE, new Loops("changes its input") {
            @Override
            void compute(ConvProblem problem, ConvOperation operation, HostTensor x, HostTensor w, HostTensor y, HostTensor output,
                         WriteMode mode) {
                super.compute(problem, operation, x, w, y, output, mode);
                HostTensor input = output == x ? y : x;
                if (input.length() > 0) {
                    input.set(0, -input.get(0));
                }
            }
        });
        add(mutants, Tier.HYGIENE, new Loops("reads scratch memory that it did not write") {
            private final HostTensor scratch = HostTensor.zeros(io.github.jconv.tensor.TensorShape.of(1));

            @Override
            public void poisonWorkspace(ConvRequest request) {
                scratch.fill(Double.NaN);
            }

            @Override
            double result(double sum, int index, ConvProblem problem, ConvOperation operation) {
                return sum + scratch.get(0);
            }
        });
        add(mutants, Tier.EXACT, new Loops("throws on the filter gradient") {
            @Override
            public void backwardFilter(ConvProblem problem, HostTensor x, HostTensor dy, HostTensor dw, WriteMode mode) {
                throw new IllegalStateException("no kernel");
            }
        });
        add(mutants, Tier.EXACT, new Loops("begins at the array's begin instead of the tensor's") {
            @Override
            void compute(ConvProblem problem, ConvOperation operation, HostTensor x, HostTensor w, HostTensor y, HostTensor output,
                         WriteMode mode) {
                super.compute(problem, operation, output == x ? x : moved(x), output == w ? w : moved(w), y, output, mode);
            }

            private HostTensor moved(HostTensor tensor) {
                return tensor.dataType() == DataType.FLOAT32 ? HostTensor.wrap(tensor.shape(), tensor.floats(), 0) : tensor;
            }
        });
    }

    private static int exchanged(ConvProblem p, int axis) {
        return p.dimensions() < 2 || axis == 0 ? axis : 3 - axis;
    }

    private static void add(List<Mutant> mutants, Tier caughtBy, Loops subject) {
        mutants.add(new Mutant(subject, caughtBy));
    }
}
