#include "workloads/trace/layer_limits.h"

#include <algorithm>
#include <cmath>
#include <initializer_list>
#include <numeric>
#include <utility>

#include "common/error.h"
#include "common/units.h"
#include "workloads/trace/metadata_json.h"

namespace rebasis::trace {
namespace {

/// Product of non-negative factors, or -1 when it exceeds `limit`.
std::int64_t product_within(std::initializer_list<std::int64_t> factors, std::int64_t limit) {
  std::int64_t product = 1;
  for (const std::int64_t factor : factors) {
    if (factor != 0 && product > limit / factor) return -1;
    product *= factor;
  }
  return product;
}

class LayerCheck {
 public:
  LayerCheck(const LayerInfo& layer, const std::string& file)
      : layer_(layer), where_(file + ": layer \"" + layer.name + "\"") {}

  void run() const {
    names();
    ranges();
    shape();
    sizes();
    activations();
    if (layer_.encoding == smartdeal_encoding) smartdeal();
    if (layer_.encoding == ternary_encoding) within("group_channels", layer_.ternary.group_channels, 1, max_channels);
    reuse();
  }

 private:
  [[noreturn]] void fail(const std::string& message) const { fail_input(where_ + ": " + message); }

  void within(const char* what, std::int64_t value, std::int64_t low, std::int64_t high) const {
    if (value >= low && value <= high) return;
    fail(std::string(what) + " is " + std::to_string(value) + "; from " + std::to_string(low) + " to " +
         std::to_string(high) + " is possible");
  }

  void names() const {
    if (layer_.name.empty() || layer_.name.size() > max_name)
      fail("a layer name needs 1 to " + std::to_string(max_name) + " bytes");
    for (const char c : layer_.name) {
      if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) fail("a layer name may not hold control characters");
    }
    if (layer_.op != "conv" && layer_.op != "fc") fail("op is \"" + layer_.op + "\"; conv or fc is needed");
    if (layer_.encoding != dense_encoding && layer_.encoding != smartdeal_encoding &&
        layer_.encoding != ternary_encoding) {
      fail("encoding is \"" + layer_.encoding + "\"; dense-int8, smartdeal or ternary is needed");
    }
    if (layer_.weight_provenance != "trained" && layer_.weight_provenance != "synthetic") {
      fail("weight provenance is \"" + layer_.weight_provenance + "\"; trained or synthetic is needed");
    }
  }

  void ranges() const {
    const LayerShape& s = layer_.shape;
    within("M", s.M, 1, max_channels);
    within("C", s.C, 1, max_channels);
    within("H", s.H, 1, max_extent);
    within("W", s.W, 1, max_extent);
    within("groups", s.groups, 1, max_channels);
    for (const auto& [what, value] : {std::pair{"R", s.R},
                                      {"S", s.S},
                                      {"stride", s.stride_h},
                                      {"stride", s.stride_w},
                                      {"dilation", s.dilation_h},
                                      {"dilation", s.dilation_w}}) {
      within(what, value, 1, max_kernel);
    }
    for (const std::int64_t pad : {s.pad_top, s.pad_left, s.pad_bottom, s.pad_right}) within("pad", pad, 0, max_kernel);
    within("images", layer_.images, 1, max_images);
  }

  void shape() const {
    const LayerShape& s = layer_.shape;
    if (s.C % s.groups != 0 || s.M % s.groups != 0) {
      fail("groups is " + std::to_string(s.groups) + "; it must divide C = " + std::to_string(s.C) +
           " and M = " + std::to_string(s.M));
    }
    if (s.E() < 1 || s.F() < 1) fail("has no output: the kernel is larger than the padded input");
    if (layer_.op == "fc" && (s.R != 1 || s.S != 1 || s.groups != 1))
      fail("a fully-connected layer needs R = S = 1 and groups = 1");
  }

  void sizes() const {
    const LayerShape& s = layer_.shape;
    const std::int64_t n = layer_.images;
    const std::int64_t weights = product_within({s.M, s.channels_per_group(), s.R, s.S}, max_elements);
    const bool fits =
        weights >= 0 &&
        product_within({n, s.C, s.H + s.pad_top + s.pad_bottom, s.W + s.pad_left + s.pad_right}, max_elements) >= 0 &&
        product_within({n, s.M, s.E(), s.F()}, max_elements) >= 0 &&
        product_within({n, weights, s.E(), s.F()}, max_macs) >= 0;
    if (!fits) fail("is too large to simulate");
  }

  void activations() const {
    const ActivationInfo& a = layer_.activations;
    within("activation bits", a.bits, 1, max_activation_bits);
    if (!std::isfinite(a.scale) || a.scale <= 0) fail("the activation scale must be a positive, finite number");
    if (a.provenance != "real" && a.provenance != "synthetic") {
      fail("activation provenance is \"" + a.provenance + "\"; real or synthetic is needed");
    }
  }

  void smartdeal() const {
    const SmartDealInfo& d = layer_.smartdeal;
    const LayerShape& s = layer_.shape;
    within("n", d.n, 1, max_basis_width);
    if (d.rows_are_kernel_rows && d.n != s.S)
      fail("n is " + std::to_string(d.n) +
           "; with kernel rows as coefficient rows it must be S = " + std::to_string(s.S));
    if (!d.rows_are_kernel_rows && (s.R != 1 || s.S != 1))
      fail("rows of channels (rows_are_kernel_rows: false) need a 1x1 kernel");
    slices();
    exponents();
    if (product_within({s.M, d.rows, d.n}, max_elements) < 0) fail("has too many coefficients");
    // |weight| <= n * 2^7 * 2^span; |partial sum| <= weights * |weight| * 2^bits.
    const int span = d.exponents.back() - d.exponents.front();
    const std::int64_t weight = span < 24 ? product_within({d.n, std::int64_t{1} << (7 + span)}, INT32_MAX) : -1;
    if (weight < 0)
      fail("the exponents span " + std::to_string(span) + " powers of two; rebuilt weights would exceed 32 bits");
    const std::int64_t activation = std::int64_t{1} << std::max(layer_.activations.bits, 8);
    if (product_within({s.channels_per_group(), s.R, s.S, weight, activation}, std::int64_t{1} << 62) < 0)
      fail("partial sums could exceed 63 bits");
  }

  void slices() const {
    const SmartDealInfo& d = layer_.smartdeal;
    const LayerShape& s = layer_.shape;
    const std::int64_t needed =
        d.rows_are_kernel_rows ? s.channels_per_group() * s.R : ceil_div(s.channels_per_group(), d.n);
    const auto count = static_cast<std::int64_t>(d.slice_rows.size());
    if (count < 1 || count > d.rows)
      fail("has " + std::to_string(count) + " slices for " + std::to_string(d.rows) + " coefficient rows");
    std::int64_t sum = 0;
    for (const std::int64_t rows : d.slice_rows) {
      within("slice_rows", rows, 1, d.rows);
      sum += rows;
    }
    if (sum != d.rows)
      fail("slice_rows sum to " + std::to_string(sum) + "; they must sum to rows = " + std::to_string(d.rows));
    if (d.rows != needed) {
      fail("has " + std::to_string(d.rows) + " coefficient rows a filter; its shape needs " + std::to_string(needed));
    }
  }

  void exponents() const {
    const std::vector<int>& p = layer_.smartdeal.exponents;
    if (p.empty() || p.size() > max_exponents) fail("needs 1 to " + std::to_string(max_exponents) + " exponents");
    for (std::size_t i = 0; i < p.size(); ++i) {
      within("exponent", p[i], -max_exponent, max_exponent);
      if (i > 0 && p[i] <= p[i - 1]) fail("the exponents must ascend");
    }
  }

  void reuse() const {
    const ReuseInfo& r = layer_.reuse;
    if (r.length == 0 && r.hashes == 0) return;
    if (layer_.encoding != dense_encoding) fail("has reuse; only a dense-int8 layer may have it");
    const LayerShape& s = layer_.shape;
    within("the length of reuse", r.length, 1, s.channels_per_group() * s.R * s.S);
    within("the number of hashes of reuse", r.hashes, 1, max_hashes);
  }

  const LayerInfo& layer_;
  std::string where_;
};

}  // namespace

void check_layer_info(const LayerInfo& layer, const std::string& name) { LayerCheck(layer, name).run(); }

}  // namespace rebasis::trace
