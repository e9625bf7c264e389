// The tensors of a layer against what its LayerInfo promises. The reader runs this before a layer is used, the writer
// before a file appears.
#pragma once

#include <functional>
#include <span>
#include <string>

#include "workloads/trace/trace.h"

namespace rebasis::trace {

/// The tensors of one layer, by part name.
class LayerTensors {
 public:
  using Lookup = std::function<const TensorView*(const std::string& tensor)>;  ///< null when there is none

  LayerTensors(const LayerInfo& layer, Lookup lookup, std::string file)
      : layer_(layer), lookup_(std::move(lookup)), file_(std::move(file)) {}

  [[nodiscard]] const LayerInfo& layer() const { return layer_; }
  [[nodiscard]] const TensorView* find(const std::string& part) const { return lookup_(layer_.name + "/" + part); }
  /// The part with this type and shape; fails when it is missing or differs.
  [[nodiscard]] const TensorView& require(const std::string& part, DType type, const Shape& shape) const;
  [[noreturn]] void fail(const std::string& message) const;

 private:
  const LayerInfo& layer_;
  Lookup lookup_;
  std::string file_;
};

/// Fails with Error(bad_input) at the first tensor that is missing, of another type or shape, or inconsistent.
void check_tensors(const LayerTensors& tensors);

/// The part of check_tensors that concerns the "smartdeal" encoding.
void check_smartdeal(const LayerTensors& tensors);

/// The part of check_tensors that concerns the "ternary" encoding.
void check_ternary(const LayerTensors& tensors);

}  // namespace rebasis::trace
