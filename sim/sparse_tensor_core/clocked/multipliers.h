// The operand selectors and the multipliers behind them.
#pragma once

#include "sim/sparse_tensor_core/clocked/operands.h"

namespace rebasis::sim::sparse_tensor_core {

/// What a multiplier gets.
struct Operands {
  std::int32_t weight = 0, neuron = 0;
  bool of_layer = false;  ///< not a place that is left over: a constant zero, nothing switches
};

/// Tn x Ti multiplexers: each takes a neuron of its group by the position of the weight, or in dense layers the only
/// one.
class Selectors {
 public:
  Selectors(const LayerShape& shape, const arch::SparseTensorCoreSpec& spec, const Pattern& pattern,
            Counters& counters);
  /// `row`: what the buffers show.
  void evaluate(const RowOperation& row, const Nbin& nbin, const Sb& sb, const IndexBuffer& index);
  void commit() { shift(stages_, next_); }
  /// [filters][groups][pattern.kept] after `stage` + 1 stages.
  [[nodiscard]] const diannao::Stage<Operands>& stage(std::size_t stage) const { return stages_[stage]; }
  [[nodiscard]] const diannao::Stage<Operands>& result() const { return stages_.back(); }

 private:
  const LayerShape& shape_;
  const arch::SparseTensorCoreSpec& spec_;
  const Pattern& pattern_;
  Counters& counters_;
  std::vector<diannao::Stage<Operands>> stages_;
  diannao::Stage<Operands> next_;
};

/// NFU-1: Tn x Ti multipliers.
class Multipliers {
 public:
  Multipliers(const arch::SparseTensorCoreSpec& spec, Counters& counters);
  void evaluate(const Selectors& selectors);
  void commit() { shift(stages_, next_); }
  /// Products after `stage` + 1 stages.
  [[nodiscard]] const diannao::Stage<std::int64_t>& stage(std::size_t stage) const { return stages_[stage]; }
  [[nodiscard]] const diannao::Stage<std::int64_t>& result() const { return stages_.back(); }

 private:
  const arch::SparseTensorCoreSpec& spec_;
  Counters& counters_;
  std::vector<diannao::Stage<std::int64_t>> stages_;
  diannao::Stage<std::int64_t> next_;
};

}  // namespace rebasis::sim::sparse_tensor_core
