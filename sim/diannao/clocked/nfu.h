// The three parts of the neural functional unit as pipelines of registers.
#pragma once

#include <string>

#include "sim/diannao/clocked/operands.h"

namespace rebasis::sim::diannao {

/// Throws Error(infeasible) when a sum of the layer does not fit nfu2.sum.
void check_sum(std::int64_t sum, const arch::DianNaoSpec& spec, const std::string& layer);

/// NFU-1: Tn x Ti multipliers.
class Nfu1 {
 public:
  Nfu1(const LayerShape& shape, const arch::DianNaoSpec& spec, Counters& counters);
  /// `neurons` [channels], `synapses` [filters][channels] of the same operation.
  void evaluate(const Stage<std::int32_t>& neurons, const Stage<std::int32_t>& synapses);
  void commit() { shift(stages_, next_); }
  /// Products [filters][channels] after `stage` + 1 stages.
  [[nodiscard]] const Stage<std::int64_t>& stage(std::size_t stage) const { return stages_[stage]; }
  [[nodiscard]] const Stage<std::int64_t>& result() const { return stages_.back(); }

 private:
  const LayerShape& shape_;
  const arch::DianNaoSpec& spec_;
  Counters& counters_;
  std::vector<Stage<std::int64_t>> stages_;
  Stage<std::int64_t> next_;
};

/// NFU-2: Tn adder trees of Ti inputs, and the sum registers, which are its last stage.
class Nfu2 {
 public:
  /// `layer`: name, for messages.
  Nfu2(const arch::DianNaoSpec& spec, std::string layer, Counters& counters);
  /// `products` of NFU-1; `held`: sums of NBout for an operation that begins with sums.
  void evaluate(const Stage<std::int64_t>& products, const Stage<std::int64_t>& held);
  void commit();
  /// Sums of the trees on their way to the sum registers.
  [[nodiscard]] const Stage<std::int64_t>& tree(std::size_t stage) const { return trees_[stage]; }
  /// Sum registers [filters]; the operation is that of the last addition, invalid when there was none in the cycle
  /// before.
  [[nodiscard]] const Stage<std::int64_t>& sums() const { return sums_; }

 private:
  [[nodiscard]] Stage<std::int64_t> add_up(const Stage<std::int64_t>& products) const;
  void accumulate(const Stage<std::int64_t>& tree, const Stage<std::int64_t>& held);

  const arch::DianNaoSpec& spec_;
  std::string layer_;
  Counters& counters_;
  std::vector<Stage<std::int64_t>> trees_;  ///< nfu2_stages - 1
  Stage<std::int64_t> next_tree_, sums_, next_sums_;
};

/// NFU-3: bias, requantisation and non-linearity of finished sums. The sums travel on: they are what is verified.
class Nfu3 {
 public:
  Nfu3(const arch::DianNaoSpec& spec, Counters& counters);
  void evaluate(const Stage<std::int64_t>& sums);
  void commit() { shift(stages_, next_); }
  [[nodiscard]] const Stage<std::int64_t>& result() const { return stages_.back(); }

 private:
  Counters& counters_;
  std::vector<Stage<std::int64_t>> stages_;
  Stage<std::int64_t> next_;
};

}  // namespace rebasis::sim::diannao
