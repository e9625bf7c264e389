// NBin and SB: each reads a row for the operation that is issued and shows it in the next cycle.
#pragma once

#include "sim/core/activations.h"
#include "sim/diannao/clocked/operation.h"
#include "sim/diannao/counters.h"
#include "sim/diannao/layer.h"

namespace rebasis::sim::diannao {

/// Ti input neurons a cycle, the same for all rows of NFU-1.
class Nbin {
 public:
  Nbin(const LayerShape& shape, const arch::DianNaoSpec& spec, const Activations& image, Counters& counters);
  void evaluate(const Operation& issued);
  void commit() { std::swap(shown_, next_); }
  /// [channels] of the operation of the cycle before.
  [[nodiscard]] const Stage<std::int32_t>& shown() const { return shown_; }

 private:
  const LayerShape& shape_;
  const arch::DianNaoSpec& spec_;
  const Activations& image_;
  Counters& counters_;
  Stage<std::int32_t> shown_, next_;
};

/// Tn x Ti synapses a cycle.
class Sb {
 public:
  Sb(const DenseLayer& layer, const arch::DianNaoSpec& spec, Counters& counters);
  void evaluate(const Operation& issued);
  void commit() { std::swap(shown_, next_); }
  /// [filters][channels]; zeros where filter and channel belong to different groups.
  [[nodiscard]] const Stage<std::int32_t>& shown() const { return shown_; }

 private:
  [[nodiscard]] std::int32_t synapse(std::int64_t m, std::int64_t c, const Operation& op) const;

  const DenseLayer& layer_;
  const arch::DianNaoSpec& spec_;
  Counters& counters_;
  Stage<std::int32_t> shown_, next_;
};

}  // namespace rebasis::sim::diannao
