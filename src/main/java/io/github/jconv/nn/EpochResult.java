package io.github.jconv.nn;

import java.util.Map;

/**
 * What one epoch of training came to.
 *
 * @param epoch           from 1
 * @param rate            learning rate at its end
 * @param loss            mean training loss per image
 * @param accuracy        share of training images that were classified right, NaN without classes
 * @param testLoss        mean loss on the test set after the epoch, NaN without one
 * @param testAccuracy    likewise
 * @param imagesPerSecond training images, the time for testing not counted
 * @param gradientNorms   Euclidean norm of the gradient of each parameter at the last step, by name
 * @param weightNorms     Euclidean norm of each parameter after the last step, by name
 */
public record EpochResult(int epoch, double rate, double loss, double accuracy, double testLoss, double testAccuracy,
                          double imagesPerSecond, Map<String, Double> gradientNorms, Map<String, Double> weightNorms) {
}
