// How values are spread: a histogram with mean and deviation. No libtorch type is seen here.
#pragma once

#include <cstdint>
#include <vector>

namespace rebasis::train {

struct Distribution {
  double low = 0, high = 0;          ///< of the histogram: the least and the largest value
  std::vector<std::int64_t> counts;  ///< of equal parts of low..high; the last one includes high
  double mean = 0, deviation = 0;    ///< standard deviation, over all values
};

}  // namespace rebasis::train
