package io.github.jconv.nn.data;

import io.github.jconv.tensor.TensorShape;

/** Some of the images of a data set, in an order of their own. */
final class PickedImages implements Dataset {

    private final Dataset all;
    private final int[] numbers;

    PickedImages(Dataset all, int[] numbers) {
        this.all = all;
        this.numbers = numbers;
    }

    @Override
    public int size() {
        return numbers.length;
    }

    @Override
    public TensorShape imageShape() {
        return all.imageShape();
    }

    @Override
    public int classes() {
        return all.classes();
    }

    @Override
    public void image(int index, float[] into, int offset) {
        all.image(numbers[index], into, offset);
    }

    @Override
    public int label(int index) {
        return all.label(numbers[index]);
    }

    @Override
    public boolean hasTargets() {
        return all.hasTargets();
    }

    @Override
    public TensorShape targetShape() {
        return all.targetShape();
    }

    @Override
    public void target(int index, float[] into, int offset) {
        all.target(numbers[index], into, offset);
    }
}
