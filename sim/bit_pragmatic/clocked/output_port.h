// The path from the columns' result latches into NBout: one column after the other, pallet after pallet.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "sim/bit_pragmatic/clocked/column.h"

namespace rebasis::sim::bit_pragmatic {

class OutputPort {
 public:
  OutputPort(const LayerShape& shape, const arch::BitPragmaticSpec& spec, std::int64_t output_bytes,
             Counters& counters);
  /// For the next step.
  void prepare(std::shared_ptr<const StepWork> work);
  /// `step_active`: the step has not consumed its inputs yet, so that the cycle is charged here.
  void evaluate(const std::vector<Column>& columns, bool step_active);
  /// End of the cycle.
  void commit(std::vector<Column>& columns);
  /// Every result of the step is in NBout.
  [[nodiscard]] bool finished() const { return !work_ || pallet_ == pallets_; }
  [[nodiscard]] std::int64_t served() const { return served_; }
  [[nodiscard]] const Account& account() const { return account_; }
  std::vector<std::int64_t> take_outputs() { return std::move(outputs_); }

 private:
  void write(const WindowResult& result);

  const LayerShape& shape_;
  const arch::BitPragmaticSpec& spec_;
  std::int64_t output_bytes_;
  Counters& counters_;
  Account account_;
  std::shared_ptr<const StepWork> work_;
  std::int64_t pallet_ = 0, pallets_ = 0;  ///< counted over groups and passes
  std::size_t column_ = 0;                 ///< whose turn it is
  Cycle done_ = 0;                         ///< cycles of the result in progress
  std::int64_t served_ = 0;
  std::vector<std::int64_t> outputs_;  ///< [M][E][F]
};

}  // namespace rebasis::sim::bit_pragmatic
