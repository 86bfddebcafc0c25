// kernels/elementwise.cu

#include "lab.h"

LAB_TEST(jconv_fill) {
    for (int64_t count : {0, 1, 31, 64, 1000, 4097}) {
        test.begin("count " + std::to_string(count));
        lab::Buffer<float> y(count);
        test.launch({{3}, {64}}, y.device(), 2.5f, count);
        test.expect(y, std::vector<float>(count, 2.5f));
    }
}

LAB_TEST(jconv_add_bias) {
    struct Case {
        int n, channels;
        int64_t inner;
    };
    for (const Case& c : {Case{1, 1, 1}, Case{2, 3, 35}, Case{3, 5, 1}, Case{1, 7, 130}}) {
        test.begin("n" + std::to_string(c.n) + " k" + std::to_string(c.channels) + " inner" + std::to_string(c.inner));
        int64_t count = c.n * c.channels * c.inner;
        std::vector<float> values = lab::integers(count, 1);
        std::vector<float> bias = lab::integers(c.channels, 2);
        lab::Buffer<float> y(values);
        lab::Buffer<float> b(bias);
        test.launch({{2}, {96}}, y.device(), static_cast<const float*>(b.device()), c.channels, c.inner, count);
        for (int64_t i = 0; i < count; i++) {
            values[i] += bias[i / c.inner % c.channels];
        }
        test.expect(y, values);
    }
}
