// NBout: partial sums rotate through it between channel chunks; finished outputs wait in it for their DMA.
#pragma once

#include "sim/diannao/clocked/operation.h"
#include "sim/diannao/counters.h"
#include "workloads/layer_shape.h"

namespace rebasis::sim::diannao {

/// One row of Tn sums is read and one written a cycle; a row that is written can be read in the same cycle.
class Nbout {
 public:
  Nbout(const LayerShape& shape, const arch::DianNaoSpec& spec, Counters& counters);
  /// `upcoming`: the operation that NFU-2 adds in the next cycle; `partial`: NFU-2's sums; `finished`: NFU-3's.
  void evaluate(const Operation& upcoming, const Stage<std::int64_t>& partial, const Stage<std::int64_t>& finished);
  /// Steps whose last row was written.
  [[nodiscard]] std::vector<std::size_t> commit();
  /// Sums [filters] for the operation that NFU-2 adds in this cycle, when it begins with sums.
  [[nodiscard]] const Stage<std::int64_t>& shown() const { return shown_; }
  /// [M][E][F].
  [[nodiscard]] std::vector<std::int64_t> take_outputs() { return std::move(outputs_); }

 private:
  [[nodiscard]] std::size_t index(std::int64_t m, const Operation& op) const;
  void write(const Stage<std::int64_t>& row, std::vector<std::int64_t>& memory, std::int64_t bytes);

  const LayerShape& shape_;
  const arch::DianNaoSpec& spec_;
  Counters& counters_;
  std::vector<std::int64_t> sums_, outputs_;  ///< [M][E][F], in NBout or spilled
  std::vector<std::size_t> ended_;
  Stage<std::int64_t> shown_, next_;
};

}  // namespace rebasis::sim::diannao
