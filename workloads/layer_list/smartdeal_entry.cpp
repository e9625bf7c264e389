// The SmartDeal form of a layer given by its user: Ce as powers of two or as exponent indexes, B real or in fixed
// point.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <set>

#include "common/error.h"
#include "workloads/encode/smartdeal_form.h"
#include "workloads/layer_list/layer_entry.h"
#include "workloads/layer_list/quantise.h"
#include "workloads/trace/layer_limits.h"

namespace rebasis::layer_list {
namespace {

class SmartDealEntry {
 public:
  SmartDealEntry(const YamlMap& layer, const std::string& list_path, TensorFiles& files, trace::LayerInfo& info,
                 Trace& trace)
      : map_(layer.node("smartdeal"), list_path, "'smartdeal'",
             {"coefficients", "exponents", "basis", "basis_shift", "slice_rows", "rows_are_kernel_rows"}),
        files_(files),
        info_(info),
        trace_(trace) {}

  std::vector<double> add() {
    info_.encoding = "smartdeal";
    coefficients();
    slices();
    basis();
    try {
      encode::check_layout(form_.info, info_.shape, info_.name);
    } catch (const Error& error) {
      map_.fail("coefficients", error.what());
    }
    info_.smartdeal = form_.info;
    store();
    return encode::weight_units(form_);
  }

 private:
  void coefficients() {
    const io::AnyTensor tensor = files_.read(map_, "coefficients");
    const Shape& shape = shape_of(tensor);
    if (shape.size() != 3 || std::find(shape.begin(), shape.end(), 0) != shape.end()) {
      map_.fail("coefficients", "coefficients: a tensor [M][rows][n] is needed");
    }
    info_.shape.M = form_.filters = shape[0];
    form_.info.rows = shape[1];
    form_.info.n = shape[2];
    form_.info.rows_are_kernel_rows = map_.boolean("rows_are_kernel_rows", info_.shape.R > 1 || info_.shape.S > 1);
    if (is_float(tensor)) {
      if (map_.has("exponents"))
        map_.fail("exponents", "'exponents' goes with integer coefficients; those of floats are known");
      powers_of_two(finite_floats(tensor, map_, "coefficients"));
    } else {
      exponent_indexes(tensor);
    }
  }

  /// Values 0 and +-2^p: P is the set of the p that occur.
  void powers_of_two(const Tensor<float>& values) {
    std::set<int> exponents;
    for (const float value : values.values) {
      if (value == 0) continue;
      int exponent = 0;
      if (std::abs(std::frexp(value, &exponent)) != 0.5F)
        map_.fail("coefficients", fmt::format("coefficients: {} is no power of two", value));
      exponents.insert(exponent - 1);
    }
    if (exponents.empty()) exponents.insert(0);
    if (exponents.size() > trace::max_exponents)
      map_.fail("coefficients", fmt::format("coefficients: {} different powers of two; at most {} are possible",
                                            exponents.size(), trace::max_exponents));
    form_.info.exponents.assign(exponents.begin(), exponents.end());
    for (const float value : values.values) {
      int exponent = 0;
      (void)std::frexp(value, &exponent);
      const auto index =
          std::distance(exponents.begin(), value == 0 ? exponents.begin() : exponents.find(exponent - 1));
      const int code = value == 0 ? 0 : static_cast<int>(index) + 1;
      form_.coefficients.push_back(static_cast<encode::Coefficient>(value < 0 ? -code : code));
    }
  }

  /// Values 0 and +-(i + 1) for +-2^exponents[i].
  void exponent_indexes(const io::AnyTensor& tensor) {
    if (!map_.has("exponents"))
      map_.fail("coefficients",
                "coefficients are integers: give 'exponents', the powers of two that +-1, +-2, ... stand for");
    for (const std::int64_t exponent : map_.integers("exponents", 0, -trace::max_exponent, trace::max_exponent)) {
      form_.info.exponents.push_back(static_cast<int>(exponent));
    }
    const auto count = static_cast<std::int64_t>(form_.info.exponents.size());
    if (count < 1 || count > static_cast<std::int64_t>(trace::max_exponents))
      map_.fail("exponents", fmt::format("'exponents' needs 1 to {} numbers", trace::max_exponents));
    form_.coefficients = integers_within<encode::Coefficient>(tensor, -count, count, map_, "coefficients");
  }

  void slices() {
    form_.info.slice_rows = {form_.info.rows};
    if (!map_.has("slice_rows")) return;
    form_.info.slice_rows = map_.integers("slice_rows", 0, 1, form_.info.rows);
    const auto& rows = form_.info.slice_rows;
    const std::int64_t sum = std::accumulate(rows.begin(), rows.end(), std::int64_t{0});
    if (sum != form_.info.rows)
      map_.fail("slice_rows", fmt::format("slice_rows sum to {}; the coefficients have {} rows", sum, form_.info.rows));
  }

  void basis() {
    const io::AnyTensor tensor = files_.read(map_, "basis");
    const auto slice_count = static_cast<std::int64_t>(form_.info.slice_rows.size());
    require_shape(shape_of(tensor), {form_.filters, slice_count, form_.info.n, form_.info.n}, "[M][slices][n][n]", map_,
                  "basis");
    if (is_float(tensor)) {
      if (map_.has("basis_shift")) map_.fail("basis_shift", "'basis_shift' goes with an integer basis");
      QuantisedBasis fixed = quantise_basis(finite_floats(tensor, map_, "basis"));
      form_.basis = std::move(fixed.values);
      form_.basis_shift = std::move(fixed.shift);
      trace_.notes.push_back(info_.name + ": basis rounded to 8-bit fixed point");
      return;
    }
    form_.basis = integers_within<std::int8_t>(tensor, -128, 127, map_, "basis");
    if (!map_.has("basis_shift"))
      map_.fail("basis", "the basis is integer: give 'basis_shift', its fraction bits, a number or an NPY file [M]");
    if (map_.is_number("basis_shift")) {
      form_.basis_shift.assign(static_cast<std::size_t>(form_.filters),
                               static_cast<std::int8_t>(map_.integer("basis_shift", -128, 127)));
    } else {
      const io::AnyTensor shift = files_.read(map_, "basis_shift");
      require_shape(shape_of(shift), {form_.filters}, "[M]", map_, "basis_shift");
      form_.basis_shift = integers_within<std::int8_t>(shift, -128, 127, map_, "basis_shift");
    }
  }

  void store() {
    const encode::EncodedCoefficients encoded = encode::encode(form_);
    const auto bytes = [](const auto& values) { return Shape{static_cast<std::int64_t>(values.size())}; };
    const std::string& name = info_.name;
    trace_.add(name, "row_index", bytes(encoded.row_index), encoded.row_index);
    trace_.add(name, "element_index", bytes(encoded.element_index), encoded.element_index);
    trace_.add(name, "coefficients", bytes(encoded.coefficients), encoded.coefficients);
    trace_.add(name, "code_lengths", bytes(encoded.code_lengths), encoded.code_lengths);
    trace_.add(name, "filter_bits", {form_.filters}, encoded.filter_bits);
    const auto slice_count = static_cast<std::int64_t>(form_.info.slice_rows.size());
    trace_.add(name, "basis", {form_.filters, slice_count, form_.info.n, form_.info.n}, form_.basis);
    trace_.add(name, "basis_shift", {form_.filters}, form_.basis_shift);
  }

  YamlMap map_;
  TensorFiles& files_;
  trace::LayerInfo& info_;
  Trace& trace_;
  encode::SmartDealForm form_;
};

}  // namespace

std::vector<double> add_smartdeal(const YamlMap& layer, const std::string& list_path, TensorFiles& files,
                                  trace::LayerInfo& info, Trace& trace) {
  return SmartDealEntry(layer, list_path, files, info, trace).add();
}

}  // namespace rebasis::layer_list
