// kernels/pointwise.cu, kernels/optimizer.cu

#include <cmath>
#include <string>

#include "lab.h"

namespace {

constexpr int64_t COUNTS[] = {0, 1, 63, 1000};

// f and its derivative from its value, as the head of the kernel file numbers them.
double activation(int f, double slope, double x) {
    const double values[] = {x > 0 ? x : 0, x > 0 ? x : slope * x, 1 / (1 + std::exp(-x)), std::tanh(x)};
    return values[f];
}

double derivative(int f, double slope, double y) {
    const double values[] = {y > 0 ? 1.0 : 0.0, y > 0 ? 1.0 : slope, y * (1 - y), 1 - y * y};
    return values[f];
}

template <typename Real>
void activations(lab::Test& test) {
    constexpr int largest = 800;  // exp of it overflows in fp64
    for (int f = 0; f < 4; f++) {
        for (int64_t count : COUNTS) {
            test.begin("function " + std::to_string(f) + ", count " + std::to_string(count));
            const std::vector<Real> x = lab::fractions<Real>(count, 1);
            std::vector<double> expected;
            for (Real value : x) {
                expected.push_back(activation(f, 0.25, double{largest} * value));
            }
            std::vector<Real> large = x;
            for (Real& value : large) {
                value *= largest;
            }
            const lab::Buffer<Real> source(large);
            const lab::Buffer<Real> y(count);
            test.launch({{2}, {64}}, f, 0.25, static_cast<const Real*>(source.device()), y.device(), count);
            test.expectWithin(y, expected, lab::rounding<Real>(count, 1, largest));
        }
    }
}

template <typename Real>
void activationGradients(lab::Test& test) {
    for (int f = 0; f < 4; f++) {
        for (int64_t count : COUNTS) {
            test.begin("function " + std::to_string(f) + ", count " + std::to_string(count));
            const std::vector<Real> y = lab::fractions<Real>(count, 1);
            const std::vector<Real> dy = lab::fractions<Real>(count, 2);
            std::vector<double> expected(count);
            for (int64_t i = 0; i < count; i++) {
                expected[i] = dy[i] * derivative(f, 0.25, y[i]);
            }
            const lab::Buffer<Real> values(y);
            const lab::Buffer<Real> gradient(dy);  // in place
            test.launch({{3}, {64}}, f, 0.25, static_cast<const Real*>(values.device()),
                        static_cast<const Real*>(gradient.device()), gradient.device(), count);
            test.expectWithin(gradient, expected, lab::rounding<Real>(count, 1, 1));
        }
    }
}

template <typename Real>
void addScaled(lab::Test& test) {
    for (int64_t count : COUNTS) {
        test.begin("count " + std::to_string(count));
        const std::vector<float> x = lab::integers(count, 1);
        const std::vector<float> before = lab::integers(count, 2);
        std::vector<Real> expected(count);
        for (int64_t i = 0; i < count; i++) {
            expected[i] = before[i] - Real(1.5) * x[i];
        }
        const lab::Buffer<Real> source(lab::as<Real>(x));
        const lab::Buffer<Real> y(lab::as<Real>(before));
        test.launch({{2}, {96}}, static_cast<const Real*>(source.device()), -1.5, y.device(), count);
        test.expect(y, expected);
    }
}

template <typename Real>
void scale(lab::Test& test) {
    for (int64_t count : COUNTS) {
        test.begin("count " + std::to_string(count));
        std::vector<Real> values = lab::as<Real>(lab::integers(count, 1));
        const lab::Buffer<Real> y(values);
        test.launch({{2}, {64}}, y.device(), 0.75, count);
        for (Real& value : values) {
            value *= Real(0.75);
        }
        test.expect(y, values);
    }
}

template <typename Real>
void limitNorm(lab::Test& test) {
    for (double limit : {1.0, 4.0, 5.0}) {
        test.begin("norm 4 to " + std::to_string(limit));
        std::vector<Real> values = lab::as<Real>(lab::integers(200, 1));
        const lab::Buffer<double> squares(std::vector<double>{16});
        const lab::Buffer<Real> y(values);
        test.launch({{1}, {32}}, static_cast<const double*>(squares.device()), limit, y.device(), int64_t(values.size()));
        for (Real& value : values) {
            value *= limit < 4 ? Real(0.25) : Real(1);
        }
        test.expect(y, values);
    }
}

uint64_t mix(uint64_t z) {
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
}

template <typename Real>
void dropout(lab::Test& test) {
    constexpr uint64_t golden = 0x9E3779B97F4A7C15u;
    for (int64_t count : COUNTS) {
        test.begin("count " + std::to_string(count));
        std::vector<Real> expected = lab::as<Real>(lab::integers(count, 1));
        const lab::Buffer<Real> y(expected);  // in place
        const lab::Buffer<double> step(std::vector<double>{12});
        test.launch({{2}, {64}}, static_cast<const Real*>(y.device()), 0.5, 2.0, int64_t{-77},
                    static_cast<const double*>(step.device()), y.device(), count);
        for (int64_t i = 0; i < count; i++) {
            const uint64_t bits = mix(mix(uint64_t(-77) + golden * 13) + golden * uint64_t(i + 1));
            expected[i] = (bits >> 63) ? 2 * expected[i] : 0;  // uniform >= 1/2: the highest bit
        }
        test.expect(y, expected);
    }
}

template <typename Real>
void sgdStep(lab::Test& test) {
    for (int nesterov : {0, 1}) {
        for (int64_t count : COUNTS) {
            test.begin("nesterov " + std::to_string(nesterov) + ", count " + std::to_string(count));
            std::vector<Real> w = lab::as<Real>(lab::integers(count, 1));
            std::vector<Real> v = lab::as<Real>(lab::integers(count, 2));
            const std::vector<Real> dw = lab::as<Real>(lab::integers(count, 3));
            const lab::Buffer<Real> weights(w), velocity(v), gradient(dw);
            const lab::Buffer<double> rate(std::vector<double>{0.25});
            test.launch({{2}, {64}}, weights.device(), static_cast<const Real*>(gradient.device()), velocity.device(),
                        static_cast<const double*>(rate.device()), 0.5, 0.125, nesterov, count);
            for (int64_t i = 0; i < count; i++) {  // every number is exact
                const Real g = dw[i] + Real(0.125) * w[i];
                v[i] = Real(0.5) * v[i] + g;
                w[i] -= Real(0.25) * (nesterov ? g + Real(0.5) * v[i] : v[i]);
            }
            test.expect(velocity, v);
            test.expect(weights, w);
        }
    }
}

template <typename Real>
void adamStep(lab::Test& test, double decay, double shrink, int64_t count) {
    constexpr double rate = 0.125, beta1 = 0.75, beta2 = 0.875, epsilon = 0.0625, step = 3;
    std::vector<double> w = lab::fractions<double>(count, 1);
    std::vector<double> m = lab::fractions<double>(count, 2);
    std::vector<double> v = lab::fractions<double>(count, 3);
    const std::vector<double> dw = lab::fractions<double>(count, 4);
    for (double& value : v) {
        value = std::abs(value);
    }
    const lab::Buffer<Real> weights(lab::as<Real>(w)), first(lab::as<Real>(m)), second(lab::as<Real>(v));
    const lab::Buffer<Real> gradient(lab::as<Real>(dw));
    const lab::Buffer<double> number(std::vector<double>{step}), speed(std::vector<double>{rate});
    test.launch({{2}, {64}, 3 * sizeof(double)}, weights.device(), static_cast<const Real*>(gradient.device()), first.device(),
                second.device(), static_cast<const double*>(number.device()), static_cast<const double*>(speed.device()), beta1,
                beta2, epsilon, decay, shrink, count);
    for (int64_t i = 0; i < count; i++) {
        const double g = dw[i] + decay * w[i];
        m[i] = beta1 * m[i] + (1 - beta1) * g;
        v[i] = beta2 * v[i] + (1 - beta2) * g * g;
        w[i] = (1 - rate * shrink) * w[i]
            - rate * (m[i] / (1 - std::pow(beta1, step))) / (std::sqrt(v[i] / (1 - std::pow(beta2, step))) + epsilon);
    }
    // at most eleven roundings; nothing on the way is larger than 8
    test.expectWithin(first, m, lab::rounding<Real>(count, 11, 8));
    test.expectWithin(second, v, lab::rounding<Real>(count, 11, 8));
    test.expectWithin(weights, w, lab::rounding<Real>(count, 11, 8));
}

template <typename Real>
void adamSteps(lab::Test& test) {
    for (int64_t count : COUNTS) {
        test.begin("decay in the gradient, count " + std::to_string(count));
        adamStep<Real>(test, 0.5, 0, count);
        test.begin("decoupled decay, count " + std::to_string(count));
        adamStep<Real>(test, 0, 0.5, count);
    }
}

template <typename Real>
void sumOfSquares(lab::Test& test) {
    for (int64_t count : COUNTS) {
        test.begin("count " + std::to_string(count));
        const std::vector<float> x = lab::integers(count, 1);
        double expected = 0;
        for (float value : x) {
            expected += value * value;
        }
        constexpr unsigned parts = 3;
        const lab::Buffer<Real> source(lab::as<Real>(x));
        const lab::Buffer<double> partials(parts);
        const lab::Buffer<double> sum(std::vector<double>{10});
        test.launch({{parts}, {64}, 64 * sizeof(double)}, static_cast<const Real*>(source.device()), partials.device(), count);
        test.launchNamed("jconv_add_up", {{1}, {32}, 32 * sizeof(double)}, static_cast<const double*>(partials.device()), sum.device(),
                         int(parts));
        test.expect(sum, std::vector<double>{10 + expected});
    }
}

}  // namespace

LAB_TEST_REALS(jconv_activation, activations)
LAB_TEST_REALS(jconv_activation_backward, activationGradients)
LAB_TEST_REALS(jconv_add_scaled, addScaled)
LAB_TEST_REALS(jconv_scale, scale)
LAB_TEST_REALS(jconv_limit_norm, limitNorm)
LAB_TEST_REALS(jconv_dropout, dropout)
LAB_TEST_REALS(jconv_sgd_step, sgdStep)
LAB_TEST_REALS(jconv_adam_step, adamSteps)
LAB_TEST_REALS(jconv_sum_of_squares, sumOfSquares)

LAB_TEST(jconv_add_up) {
    for (int count : {1, 31, 200}) {
        test.begin("count " + std::to_string(count));
        const std::vector<float> partials = lab::integers(count, 1);
        double expected = 3;
        for (float value : partials) {
            expected += value;
        }
        const lab::Buffer<double> source(lab::as<double>(partials));
        const lab::Buffer<double> sum(std::vector<double>{3});
        test.launch({{1}, {64}, 64 * sizeof(double)}, static_cast<const double*>(source.device()), sum.device(), count);
        test.expect(sum, std::vector<double>{expected});
    }
}
