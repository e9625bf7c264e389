#include "sim/transposable/reference.h"

#include <algorithm>

namespace rebasis::sim::transposable {

namespace {

std::size_t at(std::int64_t value) { return static_cast<std::size_t>(value); }

/// Sizes of the layer, short.
struct Sizes {
  explicit Sizes(const LayerShape& shape)
      : M(shape.M),
        C(shape.C),
        H(shape.H),
        W(shape.W),
        E(shape.E()),
        F(shape.F()),
        per_group(shape.channels_per_group()) {}
  std::int64_t M, C, H, W, E, F, per_group;
};

/// Calls `product` for every (image, m, e, f, c of the group, r, s) whose input lies inside the map, with the indices
/// of x, w and dy.
template <class Product>
void for_all_products(const Job& job, const Product& product) {
  const LayerShape& shape = job.shape();
  const Sizes z(shape);
  for (std::int64_t n = 0; n < job.images; ++n) {
    for (std::int64_t m = 0; m < z.M; ++m) {
      const std::int64_t group = m / shape.filters_per_group();
      for (std::int64_t e = 0; e < z.E; ++e) {
        for (std::int64_t f = 0; f < z.F; ++f) {
          const std::size_t y = at(((n * z.M + m) * z.E + e) * z.F + f);
          for (std::int64_t c = 0; c < z.per_group; ++c) {
            for (std::int64_t r = 0; r < shape.R; ++r) {
              for (std::int64_t s = 0; s < shape.S; ++s) {
                const std::int64_t h = e * shape.stride_h + r * shape.dilation_h - shape.pad_top;
                const std::int64_t w = f * shape.stride_w + s * shape.dilation_w - shape.pad_left;
                if (h < 0 || h >= z.H || w < 0 || w >= z.W) continue;
                const std::size_t x = at(((n * z.C + group * z.per_group + c) * z.H + h) * z.W + w);
                product(x, at(((m * z.per_group + c) * shape.R + r) * shape.S + s), y);
              }
            }
          }
        }
      }
    }
  }
}

}  // namespace

std::vector<std::int64_t> reference_pass(const Job& job, const Operands& operands) {
  const LayerShape& shape = job.shape();
  const auto& [x, w, dy] = operands;
  const std::int64_t maps = job.images * shape.E() * shape.F();
  std::vector<std::int64_t> result;
  if (job.pass == Pass::forward) {
    result.resize(at(maps * shape.M));
    for_all_products(job, [&, &xs = x, &ws = w](std::size_t i, std::size_t j, std::size_t k) {
      result[k] += static_cast<std::int64_t>(xs[i]) * ws[j];
    });
  } else if (job.pass == Pass::backward_data) {
    result.resize(at(job.images * shape.C * shape.H * shape.W));
    for_all_products(job, [&, &ws = w, &gradient = dy](std::size_t i, std::size_t j, std::size_t k) {
      result[i] += static_cast<std::int64_t>(ws[j]) * gradient[k];
    });
  } else {
    if (job.weight_gradient) {
      result.resize(at(shape.weights()));
      for_all_products(job, [&, &xs = x, &gradient = dy](std::size_t i, std::size_t j, std::size_t k) {
        result[j] += static_cast<std::int64_t>(xs[i]) * gradient[k];
      });
    }
    for (std::int64_t m = 0; job.bias_gradient && m < shape.M; ++m) {
      std::int64_t sum = 0;
      for (std::int64_t n = 0; n < job.images; ++n) {
        for (std::int64_t p = 0; p < shape.E() * shape.F(); ++p)
          sum += dy[at((n * shape.M + m) * shape.E() * shape.F() + p)];
      }
      result.push_back(sum);
    }
  }
  return result;
}

std::string compare_values(const Job& job, const std::vector<std::int64_t>& outputs,
                           const std::vector<std::int64_t>& expected) {
  const std::string pass = training::name(job.pass);
  if (outputs.size() != expected.size()) {
    return pass + ": " + std::to_string(outputs.size()) + " values instead of " + std::to_string(expected.size());
  }
  for (std::size_t i = 0; i < expected.size(); ++i) {
    if (outputs[i] == expected[i]) continue;
    return pass + ": value " + std::to_string(i) + ": " + std::to_string(outputs[i]) + " (clocked), " +
           std::to_string(expected[i]) + " (loops over the definition)";
  }
  return {};
}

}  // namespace rebasis::sim::transposable
