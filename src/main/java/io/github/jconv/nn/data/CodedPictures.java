package io.github.jconv.nn.data;

import io.github.jconv.algorithm.CounterRandom;
import io.github.jconv.tensor.TensorShape;

/**
 * What a generator learns from: a code of normally distributed numbers for each picture, and the picture itself, in [-1, 1], as what is
 * to come out (the codes are left as they are; Bojanowski et al., Optimizing the Latent Space of Generative Networks, ICML 2018, improve
 * them too).
 */
public final class CodedPictures implements Dataset {

    private final Dataset pictures;
    private final TensorShape code;
    private final long seed;

    /** @param codeLength numbers in a code: the channels of a map of one position */
    public CodedPictures(Dataset pictures, int codeLength, long seed) {
        this.pictures = pictures;
        this.code = TensorShape.of(codeLength, 1, 1);
        this.seed = seed;
    }

    @Override
    public int size() {
        return pictures.size();
    }

    @Override
    public TensorShape imageShape() {
        return code;
    }

    @Override
    public boolean hasTargets() {
        return true;
    }

    @Override
    public TensorShape targetShape() {
        return pictures.imageShape();
    }

    @Override
    public int classes() {
        return pictures.classes();
    }

    @Override
    public void image(int index, float[] into, int offset) {
        for (int i = 0; i < code.elements(); i++) {
            into[offset + i] = (float) CounterRandom.normal(seed, index, i);
        }
    }

    @Override
    public void target(int index, float[] into, int offset) {
        pictures.image(index, into, offset);
        for (int i = 0; i < pictures.imageShape().elements(); i++) {
            into[offset + i] = 2 * into[offset + i] - 1;
        }
    }

    @Override
    public int label(int index) {
        return pictures.label(index);
    }
}
