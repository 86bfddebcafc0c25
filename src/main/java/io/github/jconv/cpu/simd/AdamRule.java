package io.github.jconv.cpu.simd;

/** The numbers of a step of Adam in fp32, see {@link ElementwiseLoops#adamStep}. One object serves all steps, so that none allocates. */
public final class AdamRule {

    float rate;
    float beta1;
    float rest1;
    float beta2;
    float rest2;
    float correction;
    float epsilon;
    float decay;
    float lost;

    /**
     * Sets all numbers.
     *
     * @param learningRate     the first moment's correction included
     * @param first            beta1
     * @param second           beta2
     * @param secondCorrection what the second moment is divided by
     * @param added            to the root
     * @param weightDecay      of the weight in the gradient
     * @param share            that a weight loses besides
     */
    public void set(double learningRate, double first, double second, double secondCorrection, double added, double weightDecay,
                    double share) {
        rate = (float) learningRate;
        beta1 = (float) first;
        rest1 = (float) (1 - first);
        beta2 = (float) second;
        rest2 = (float) (1 - second);
        correction = (float) secondCorrection;
        epsilon = (float) added;
        decay = (float) weightDecay;
        lost = (float) share;
    }
}
