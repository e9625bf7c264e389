// A layer in SmartDeal form while it is trained (paper, section IV): Ce as small integers that move from one power of
// two to the next, B as numbers that the optimiser trains. Included only by parts that link libtorch.
#pragma once

#include <ATen/ATen.h>

#include <cstdint>

#include "workloads/compress/model.h"
#include "workloads/factors.h"

namespace rebasis::train {

/// How gradients move the elements of Ce (paper, section IV #2 and appendix D).
struct SwitchRule {
  double gradient_threshold = 5e-3;    ///< theta_g: smaller gradients count as zero
  std::int64_t counter_threshold = 7;  ///< theta_c: the record of signs at which an element moves; at most 127
  bool descent = true;                 ///< values move against the gradient; false: magnitudes move with it, as printed
  bool through_zero = true;            ///< the bucket below the smallest power is zero, and behind it the other sign
};

/// The state of Ce, all [M][slices][rows][n].
struct Buckets {
  at::Tensor codes;    ///< i8: 0, +(e + 1) for 2^P[e], -(e + 1) for -2^P[e]: the elements of Omega_P in their order
  at::Tensor mask;     ///< i8: 1 where Ce was not zero at first; elsewhere it stays zero
  at::Tensor counter;  ///< i8: sum of the signs since the element last moved
};

/// One step: `gradient` of the loss by Ce. Counts signs and moves the elements whose count reaches the threshold by one
/// bucket, at most to +-`powers`; their count starts again. Returns how many moved.
std::int64_t switch_buckets(Buckets& buckets, const at::Tensor& gradient, std::int64_t powers, const SwitchRule& rule);

class SdLayer {
 public:
  /// From what the smartdeal pass left; `fold_scale` [M]: what folding multiplied the filters by.
  SdLayer(const compress::Layer& layer, const at::Tensor& fold_scale);

  /// The codes have changed from outside.
  void refresh();
  /// Weights [M][C/groups][R][S]; gradients go to B and Ce.
  [[nodiscard]] at::Tensor weights() const;
  /// Moves Ce by the gradient of coefficients(); returns how many elements moved.
  std::int64_t move(const SwitchRule& rule);

  [[nodiscard]] const at::Tensor& coefficients() const { return coefficients_; }  ///< leaf, what the codes stand for
  [[nodiscard]] const at::Tensor& basis() const { return basis_; }                ///< leaf [M][slices][n][n]
  [[nodiscard]] const Buckets& buckets() const { return buckets_; }
  [[nodiscard]] std::int64_t trainable() const { return buckets_.mask.sum().item<std::int64_t>(); }
  [[nodiscard]] Factors factors() const;
  /// As `rebasis compress` will store it without a batch-norm behind it.
  [[nodiscard]] encode::SmartDealForm form() const;

 private:
  std::string name_;
  LayerShape shape_;
  trace::SmartDealInfo info_;
  std::vector<std::int64_t> elements_list_;
  at::Tensor elements_;  ///< i64, as Factors::elements; undefined: all
  at::Tensor table_;     ///< value of each code, from the lowest
  Buckets buckets_;
  at::Tensor basis_;
  at::Tensor coefficients_;
};

}  // namespace rebasis::train
