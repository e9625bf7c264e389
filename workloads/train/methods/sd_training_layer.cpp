#include "workloads/train/methods/sd_training_layer.h"

#include <algorithm>
#include <cmath>

#include "workloads/compress/smartdeal/given.h"
#include "workloads/run/tensor_bridge.h"

namespace rebasis::train {

namespace {

/// Codes [M][rows][n] with each slice padded to the longest, [M][slices][rows][n].
at::Tensor padded(const encode::SmartDealForm& form) {
  const std::vector<std::int64_t>& rows = form.info.slice_rows;
  const std::int64_t longest = *std::max_element(rows.begin(), rows.end());
  std::vector<encode::Coefficient> source = form.coefficients;
  const at::Tensor codes = at::from_blob(source.data(), {form.filters, form.info.rows, form.info.n}, at::kChar);
  at::Tensor all = at::zeros({form.filters, static_cast<std::int64_t>(rows.size()), longest, form.info.n}, at::kChar);
  std::int64_t first = 0;
  for (std::size_t slice = 0; slice < rows.size(); ++slice) {
    all.select(1, static_cast<std::int64_t>(slice))
        .narrow(1, 0, rows[slice])
        .copy_(codes.narrow(1, first, rows[slice]));
    first += rows[slice];
  }
  return all;
}

/// B in real numbers, [M][slices][n][n], batch-norm taken out; zeros for a filter that folding multiplied by zero.
at::Tensor unfolded_basis(const encode::SmartDealForm& form, const at::Tensor& fold_scale) {
  std::vector<std::int8_t> codes = form.basis, shifts = form.basis_shift;
  const auto slices = static_cast<std::int64_t>(form.info.slice_rows.size());
  const at::Tensor basis =
      at::from_blob(codes.data(), {form.filters, slices, form.info.n, form.info.n}, at::kChar).to(at::kDouble);
  const at::Tensor shift = at::from_blob(shifts.data(), {form.filters}, at::kChar).to(at::kDouble);
  const at::Tensor factor = at::where(fold_scale.eq(0), at::zeros_like(fold_scale), at::exp2(-shift) / fold_scale);
  return (basis * factor.view({-1, 1, 1, 1})).to(at::kFloat);
}

}  // namespace

std::int64_t switch_buckets(Buckets& buckets, const at::Tensor& gradient, std::int64_t powers, const SwitchRule& rule) {
  const at::NoGradGuard no_gradients;
  const at::Tensor counted = gradient.abs().ge(rule.gradient_threshold).to(at::kChar) * buckets.mask;
  at::Tensor vote = gradient.sign().to(at::kChar) * counted;
  if (rule.descent) vote = rule.through_zero ? -vote : -vote * buckets.codes.sign();
  buckets.counter.add_(vote);
  const at::Tensor move = buckets.counter.ge(rule.counter_threshold).to(at::kChar) -
                          buckets.counter.le(-rule.counter_threshold).to(at::kChar);
  buckets.counter.mul_(move.eq(0).to(at::kChar));
  const at::Tensor before = buckets.codes.clone();
  if (rule.through_zero) {
    buckets.codes.add_(move).clamp_(-powers, powers);
  } else {
    buckets.codes.copy_(before.sign() * (before.abs() + move).clamp(1, powers));
  }
  return buckets.codes.ne(before).sum().item<std::int64_t>();
}

SdLayer::SdLayer(const compress::Layer& layer, const at::Tensor& fold_scale)
    : name_(layer.name), shape_(layer.shape), info_(layer.smartdeal->info) {
  elements_list_ = compress::smartdeal::elements_of(info_, shape_);
  if (!elements_list_.empty()) elements_ = at::tensor(elements_list_, at::kLong);
  const auto powers = static_cast<std::int64_t>(info_.exponents.size());
  table_ = at::zeros({2 * powers + 1});
  for (std::int64_t e = 0; e < powers; ++e) {
    const double value = std::ldexp(1.0, info_.exponents[static_cast<std::size_t>(e)]);
    table_[powers + 1 + e] = value;
    table_[powers - 1 - e] = -value;
  }
  buckets_.codes = padded(*layer.smartdeal);
  buckets_.mask = buckets_.codes.ne(0).to(at::kChar);
  buckets_.counter = at::zeros_like(buckets_.codes);
  basis_ = unfolded_basis(*layer.smartdeal, fold_scale).set_requires_grad(true);
  coefficients_ = at::zeros(buckets_.codes.sizes()).set_requires_grad(true);
  refresh();
}

void SdLayer::refresh() {
  const at::NoGradGuard no_gradients;
  const auto powers = static_cast<std::int64_t>(info_.exponents.size());
  coefficients_.copy_(
      table_.index_select(0, buckets_.codes.flatten().to(at::kInt) + powers).view(buckets_.codes.sizes()));
}

at::Tensor SdLayer::weights() const {
  const at::Tensor product = at::matmul(coefficients_, basis_).flatten(1);
  const at::Tensor chosen = elements_.defined() ? product.index_select(1, elements_) : product;
  return chosen.reshape({shape_.M, shape_.channels_per_group(), shape_.R, shape_.S});
}

std::int64_t SdLayer::move(const SwitchRule& rule) {
  if (!coefficients_.grad().defined()) return 0;
  const auto powers = static_cast<std::int64_t>(info_.exponents.size());
  const std::int64_t moved = switch_buckets(buckets_, coefficients_.grad(), powers, rule);
  if (moved > 0) refresh();
  return moved;
}

Factors SdLayer::factors() const {
  const at::NoGradGuard no_gradients;
  return {run::to_float_tensor(coefficients_), run::to_float_tensor(basis_), elements_list_, false};
}

encode::SmartDealForm SdLayer::form() const { return compress::smartdeal::form_of(name_, shape_, factors(), info_); }

}  // namespace rebasis::train
