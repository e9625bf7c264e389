// NBin, SB and the index buffer: each reads a row for the operation that is issued and shows it in the next cycle.
#pragma once

#include "sim/core/activations.h"
#include "sim/sparse_tensor_core/clocked/group_loop.h"
#include "sim/sparse_tensor_core/counters.h"

namespace rebasis::sim::sparse_tensor_core {

/// The neurons of the operation's groups, the same for all rows of multipliers.
class Nbin {
 public:
  Nbin(const LayerShape& shape, const arch::SparseTensorCoreSpec& spec, const Pattern& pattern,
       const Activations& image, Counters& counters);
  void evaluate(const RowOperation& issued);
  void commit() { std::swap(shown_, next_); }
  /// [groups][pattern.of]; zeros behind the channels of a smaller group.
  [[nodiscard]] const diannao::Stage<std::int32_t>& shown() const { return shown_; }

 private:
  const LayerShape& shape_;
  const arch::SparseTensorCoreSpec& spec_;
  const Pattern& pattern_;
  const Activations& image_;
  Counters& counters_;
  diannao::Stage<std::int32_t> shown_, next_;
};

/// Kept weights.
class Sb {
 public:
  Sb(const DenseLayer& layer, const arch::SparseTensorCoreSpec& spec, const Pattern& pattern, Counters& counters);
  void evaluate(const RowOperation& issued);
  void commit() { std::swap(shown_, next_); }
  /// [filters][groups][pattern.kept].
  [[nodiscard]] const diannao::Stage<std::int32_t>& shown() const { return shown_; }

 private:
  const DenseLayer& layer_;
  const arch::SparseTensorCoreSpec& spec_;
  const Pattern& pattern_;
  Counters& counters_;
  diannao::Stage<std::int32_t> shown_, next_;
};

/// Positions of the kept weights within their groups.
class IndexBuffer {
 public:
  IndexBuffer(const DenseLayer& layer, const Pattern& pattern, Counters& counters);
  void evaluate(const RowOperation& issued);
  void commit() { std::swap(shown_, next_); }
  /// [filters][groups][pattern.kept]; 0 in dense layers.
  [[nodiscard]] const diannao::Stage<std::int32_t>& shown() const { return shown_; }

 private:
  const DenseLayer& layer_;
  const Pattern& pattern_;
  Counters& counters_;
  diannao::Stage<std::int32_t> shown_, next_;
};

}  // namespace rebasis::sim::sparse_tensor_core
