// How a kernel stores a sum: with a bias and a ReLU, over what was there or added to it, rounded once.

#pragma once

#include "rectified.h"

template <typename Number>
struct Ending {
    const Number* bias;  // an element for each channel, or null
    int relu, accumulate;

    DEVICE float biasOf(int channel) const {
        return bias ? static_cast<float>(bias[channel]) : 0.0f;
    }

    // The sum has its bias already.
    DEVICE void put(Number& element, float sum) const {
        const float result = accumulate ? element + sum : sum;
        element = Number(relu ? rectified(result) : result);
    }
};
