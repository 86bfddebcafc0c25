// kernels/normalization.cu, kernels/losses.cu

#include <algorithm>
#include <cmath>
#include <string>

#include "lab.h"

namespace {

constexpr unsigned THREADS = 64;

// A tensor [images, channels, positions]: more and fewer values per channel than threads, one channel more than blocks.
struct Maps {
    int64_t images;
    int channels;
    int64_t positions;

    std::string name() const {
        return "n" + std::to_string(images) + " c" + std::to_string(channels) + " positions " + std::to_string(positions);
    }
    size_t size() const { return images * channels * positions; }
    size_t channelOf(size_t i) const { return i / positions % channels; }
    double perChannel() const { return double(images * positions); }
};

const Maps MAPS[] = {{1, 1, 1}, {3, 5, 7}, {2, 3, 130}, {70, 4, 1}, {1, 14, 3}};

// Sums of one value per element for each channel.
template <typename Value>
std::vector<double> sums(const Maps& maps, Value value) {
    std::vector<double> sum(maps.channels);
    for (size_t i = 0; i < maps.size(); i++) {
        sum[maps.channelOf(i)] += value(i);
    }
    return sum;
}

template <typename Real>
void batchNorm(lab::Test& test) {
    constexpr double epsilon = 0.0625, momentum = 0.25;
    for (const Maps& maps : MAPS) {
        const std::vector<Real> x = lab::fractions<Real>(maps.size(), 1);
        const std::vector<Real> gamma = lab::fractions<Real>(maps.channels, 2);
        const std::vector<Real> beta = lab::fractions<Real>(maps.channels, 3);
        std::vector<double> running = lab::fractions<double>(maps.channels, 4);
        std::vector<double> spread = lab::fractions<double>(maps.channels, 5);
        const lab::Buffer<Real> values(x), factor(gamma), shift(beta), movedMean(lab::as<Real>(running)), movedSpread(lab::as<Real>(spread));
        const lab::Buffer<Real> kept(maps.channels), inverse(maps.channels), y(maps.size());
        test.begin(maps.name());
        test.launch({{2}, {THREADS}, 2 * THREADS * sizeof(double)}, static_cast<const Real*>(values.device()),
                    static_cast<const Real*>(factor.device()), static_cast<const Real*>(shift.device()), epsilon, momentum,
                    movedMean.device(), movedSpread.device(), kept.device(), inverse.device(), y.device(), maps.images, maps.channels,
                    maps.positions);
        std::vector<double> mean = sums(maps, [&](size_t i) { return x[i] / maps.perChannel(); });
        const std::vector<double> variance =
            sums(maps, [&](size_t i) { return std::pow(x[i] - mean[maps.channelOf(i)], 2) / maps.perChannel(); });
        std::vector<double> expected(maps.size()), deviation;
        for (int c = 0; c < maps.channels; c++) {
            deviation.push_back(1 / std::sqrt(variance[c] + epsilon));
            running[c] += momentum * (mean[c] - running[c]);
            spread[c] += momentum * (variance[c] * maps.perChannel() / std::max(maps.perChannel() - 1, 1.0) - spread[c]);
        }
        for (size_t i = 0; i < maps.size(); i++) {
            const size_t c = maps.channelOf(i);
            expected[i] = (x[i] - mean[c]) * deviation[c] * gamma[c] + beta[c];
        }
        test.expectWithin(y, expected, lab::rounding<Real>(maps.size(), 1, 10));
        test.expectWithin(kept, mean, lab::rounding<Real>(maps.channels, 1, 10));
        test.expectWithin(inverse, deviation, lab::rounding<Real>(maps.channels, 1, 10));
        test.expectWithin(movedMean, running, lab::rounding<Real>(maps.channels, 1, 10));
        test.expectWithin(movedSpread, spread, lab::rounding<Real>(maps.channels, 1, 10));
    }
}

template <typename Real>
void batchNormInference(lab::Test& test) {
    for (const Maps& maps : MAPS) {
        const std::vector<Real> x = lab::fractions<Real>(maps.size(), 1);
        const std::vector<Real> gamma = lab::fractions<Real>(maps.channels, 2);
        const std::vector<Real> beta = lab::fractions<Real>(maps.channels, 3);
        const std::vector<Real> mean = lab::fractions<Real>(maps.channels, 4);
        const std::vector<Real> variance(maps.channels, Real(0.25));
        std::vector<double> expected(maps.size());
        for (size_t i = 0; i < maps.size(); i++) {
            const size_t c = maps.channelOf(i);
            expected[i] = (x[i] - mean[c]) / std::sqrt(0.25 + 0.3125) * gamma[c] + beta[c];
        }
        const lab::Buffer<Real> values(x), factor(gamma), shift(beta), center(mean), spread(variance), y(maps.size());
        test.begin(maps.name());
        test.launch({{2}, {THREADS}}, static_cast<const Real*>(values.device()), static_cast<const Real*>(factor.device()),
                    static_cast<const Real*>(shift.device()), 0.3125, static_cast<const Real*>(center.device()),
                    static_cast<const Real*>(spread.device()), y.device(), maps.images, maps.channels, maps.positions);
        test.expectWithin(y, expected, lab::rounding<Real>(maps.size(), 1, 10));
    }
}

template <typename Real>
void batchNormBackward(lab::Test& test) {
    for (const Maps& maps : MAPS) {
        const std::vector<Real> x = lab::fractions<Real>(maps.size(), 1);
        const std::vector<Real> dy = lab::fractions<Real>(maps.size(), 2);
        const std::vector<Real> gamma = lab::fractions<Real>(maps.channels, 3);
        const std::vector<Real> mean = lab::fractions<Real>(maps.channels, 4);
        const std::vector<Real> inverse(maps.channels, Real(1.5));
        std::vector<double> dgamma = lab::fractions<double>(maps.channels, 5);
        std::vector<double> dbeta = lab::fractions<double>(maps.channels, 6);
        const lab::Buffer<Real> values(x), gradient(dy), factor(gamma), center(mean), deviation(inverse), dx(maps.size());
        const lab::Buffer<Real> ofGamma(lab::as<Real>(dgamma)), ofBeta(lab::as<Real>(dbeta));
        test.begin(maps.name());
        test.launch({{2}, {THREADS}, 2 * THREADS * sizeof(double)}, static_cast<const Real*>(values.device()),
                    static_cast<const Real*>(factor.device()), static_cast<const Real*>(center.device()),
                    static_cast<const Real*>(deviation.device()), static_cast<const Real*>(gradient.device()), dx.device(),
                    ofGamma.device(), ofBeta.device(), maps.images, maps.channels, maps.positions);
        const auto hat = [&](size_t i) { return (x[i] - mean[maps.channelOf(i)]) * 1.5; };
        const std::vector<double> sum = sums(maps, [&](size_t i) { return dy[i]; });
        const std::vector<double> sumOfHat = sums(maps, [&](size_t i) { return dy[i] * hat(i); });
        std::vector<double> expected(maps.size());
        for (size_t i = 0; i < maps.size(); i++) {
            const size_t c = maps.channelOf(i);
            expected[i] = gamma[c] * 1.5 * (dy[i] - (sum[c] + hat(i) * sumOfHat[c]) / maps.perChannel());
        }
        for (int c = 0; c < maps.channels; c++) {
            dgamma[c] += sumOfHat[c];
            dbeta[c] += sum[c];
        }
        test.expectWithin(dx, expected, lab::rounding<Real>(maps.size(), 1, 20));
        test.expectWithin(ofGamma, dgamma, lab::rounding<Real>(maps.channels, 1, 3 * maps.perChannel() + 1));
        test.expectWithin(ofBeta, dbeta, lab::rounding<Real>(maps.channels, 1, maps.perChannel() + 1));
    }
}

// alpha, and the window of channel c: from c - size / 2 to c + (size - 1) / 2 inside the channels.
struct Response {
    int64_t size;
    double alpha, beta, k;

    bool holds(int channel, int other) const { return other >= channel - size / 2 && other <= channel + (size - 1) / 2; }

    // s of every element.
    template <typename Real>
    std::vector<double> scales(const Maps& maps, const std::vector<Real>& x) const {
        std::vector<double> scale(maps.size(), k);
        for (size_t i = 0; i < maps.size(); i++) {
            for (int other = 0; other < maps.channels; other++) {
                if (holds(maps.channelOf(i), other)) {
                    const double value = x[i + (other - int(maps.channelOf(i))) * maps.positions];
                    scale[i] += alpha / size * value * value;
                }
            }
        }
        return scale;
    }
};

const Response RESPONSES[] = {{5, 0.5, 0.75, 1}, {2, 0.25, 0.5, 2}, {1, 1, 0.75, 1}, {11, 0.5, 0.75, 1}, {11, 0.5, 0.625, 1}};

template <typename Real>
void responseNorm(lab::Test& test) {
    for (const Maps& maps : MAPS) {
        for (const Response& response : RESPONSES) {
            const std::vector<Real> x = lab::fractions<Real>(maps.size(), 1);
            const std::vector<double> scale = response.scales(maps, x);
            std::vector<double> expected(maps.size());
            for (size_t i = 0; i < maps.size(); i++) {
                expected[i] = x[i] * std::pow(scale[i], -response.beta);
            }
            const lab::Buffer<Real> values(x), y(maps.size());
            test.begin(maps.name() + ", size " + std::to_string(response.size));
            test.launch({{2}, {THREADS}}, static_cast<const Real*>(values.device()), response.size, response.alpha, response.beta,
                        response.k, y.device(), maps.images, maps.channels, maps.positions);
            test.expectWithin(y, expected, lab::rounding<Real>(maps.size(), 1, 1));
        }
    }
}

template <typename Real>
void responseNormBackward(lab::Test& test) {
    for (const Maps& maps : MAPS) {
        for (const Response& r : RESPONSES) {
            const std::vector<Real> x = lab::fractions<Real>(maps.size(), 1);
            const std::vector<Real> dy = lab::fractions<Real>(maps.size(), 2);
            const std::vector<double> scale = r.scales(maps, x);
            std::vector<double> expected(maps.size());
            for (size_t j = 0; j < maps.size(); j++) {  // what y[j] contributes to each dx
                expected[j] += dy[j] * std::pow(scale[j], -r.beta);
                for (int other = 0; other < maps.channels; other++) {
                    if (r.holds(maps.channelOf(j), other)) {
                        const size_t i = j + (other - int(maps.channelOf(j))) * maps.positions;
                        expected[i] -= 2 * r.alpha * r.beta / r.size * x[i] * dy[j] * x[j] * std::pow(scale[j], -r.beta - 1);
                    }
                }
            }
            const lab::Buffer<Real> values(x), gradient(dy), dx(maps.size());
            test.begin(maps.name() + ", size " + std::to_string(r.size));
            test.launch({{3}, {THREADS}}, static_cast<const Real*>(values.device()), r.size, r.alpha, r.beta, r.k,
                        static_cast<const Real*>(gradient.device()), dx.device(), maps.images, maps.channels, maps.positions);
            test.expectWithin(dx, expected, lab::rounding<Real>(maps.size(), 1, 4));
        }
    }
}

// Fewer and more classes than threads, with scores in [-largest, largest].
template <typename Real>
void softmaxCrossEntropy(lab::Test& test, int64_t largest) {
    for (int64_t classes : {1, 9, 150}) {
        constexpr int64_t images = 5;
        const std::vector<Real> x = lab::fractions<Real>(images * classes, 1);
        std::vector<double> losses, gradients;
        std::vector<Real> labels;
        for (int64_t n = 0; n < images; n++) {
            const Real* scores = x.data() + n * classes;
            const int64_t label = n * 7 % classes;
            labels.push_back(Real(label));
            const double top = *std::max_element(scores, scores + classes);
            auto share = [&](int64_t c) { return std::exp(largest * (scores[c] - top)); };
            double sum = 0;
            for (int64_t c = 0; c < classes; c++) {
                sum += share(c);
            }
            losses.push_back(std::log(sum) + largest * (top - scores[label]));
            for (int64_t c = 0; c < classes; c++) {
                gradients.push_back(0.5 * (share(c) / sum - (c == label)));
            }
        }
        std::vector<Real> large = x;
        for (Real& score : large) {
            score *= largest;
        }
        const lab::Buffer<Real> scores(large), right(labels), loss(images);  // dx in place
        test.begin(std::to_string(classes) + " classes, scores up to " + std::to_string(largest));
        test.launch({{2}, {THREADS}, THREADS * sizeof(double)}, static_cast<const Real*>(scores.device()),
                    static_cast<const Real*>(right.device()), 0.5, loss.device(), scores.device(), images, classes);
        test.expectWithin(loss, losses, lab::rounding<Real>(images, 1, 2.0 * largest + 10));  // log of fewer classes than e^10
        test.expectWithin(scores, gradients, lab::rounding<Real>(gradients.size(), 1, 1));
    }
}

// exp of the larger scores would overflow: in fp32, in fp64.
template <typename Real>
void softmaxCrossEntropy(lab::Test& test) {
    softmaxCrossEntropy<Real>(test, 200);
    softmaxCrossEntropy<Real>(test, 900);
}

// A loss that is a sum of one term per element, of up to `largest`; `term` gives it and its derivative.
template <typename Real, typename Term>
void sumOfTerms(lab::Test& test, int largest, Term term) {
    for (int64_t perImage : {1, 50, 150}) {
        constexpr int64_t images = 3;
        std::vector<Real> x = lab::fractions<Real>(images * perImage, 1);
        for (Real& value : x) {
            value *= largest;
        }
        const std::vector<Real> targets = lab::fractions<Real>(x.size(), 2);
        std::vector<double> losses(images), gradients;
        for (size_t i = 0; i < x.size(); i++) {
            double slope = 0;
            losses[i / perImage] += term(x[i], targets[i], slope);
            gradients.push_back(0.25 * slope);
        }
        const lab::Buffer<Real> values(x), goals(targets), loss(images);
        test.begin(std::to_string(perImage) + " per image, up to " + std::to_string(largest));
        test.launch({{2}, {THREADS}, THREADS * sizeof(double)}, static_cast<const Real*>(values.device()),
                    static_cast<const Real*>(goals.device()), 0.25, loss.device(), values.device(), images, perImage);
        test.expectWithin(loss, losses, lab::rounding<Real>(images, 1, 4.0 * largest * perImage));
        test.expectWithin(values, gradients, lab::rounding<Real>(x.size(), 1, 1));
    }
}

template <typename Real>
void sigmoidCrossEntropy(lab::Test& test) {
    for (int largest : {1, 800}) {  // exp of which overflows in fp64
        sumOfTerms<Real>(test, largest, [](double x, double t, double& slope) {
            slope = 1 / (1 + std::exp(-x)) - t;
            return std::max(x, 0.0) - x * t + std::log1p(std::exp(-std::abs(x)));
        });
    }
}

template <typename Real>
void squaredError(lab::Test& test) {
    sumOfTerms<Real>(test, 1, [](double x, double t, double& slope) {
        slope = 2 * (x - t);
        return (x - t) * (x - t);
    });
}

}  // namespace

LAB_TEST_REALS(jconv_batch_norm, batchNorm)
LAB_TEST_REALS(jconv_batch_norm_inference, batchNormInference)
LAB_TEST_REALS(jconv_batch_norm_backward, batchNormBackward)
LAB_TEST_REALS(jconv_response_norm, responseNorm)
LAB_TEST_REALS(jconv_response_norm_backward, responseNormBackward)
LAB_TEST_REALS(jconv_softmax_cross_entropy, softmaxCrossEntropy)
LAB_TEST_REALS(jconv_sigmoid_cross_entropy, sigmoidCrossEntropy)
LAB_TEST_REALS(jconv_squared_error, squaredError)
