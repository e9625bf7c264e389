// Bit-Pragmatic, cycle by cycle, behind the shared controller: synapse buffer, dispatcher, output port, columns.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "sim/bit_pragmatic/clocked/column.h"
#include "sim/bit_pragmatic/clocked/output_port.h"
#include "sim/bit_pragmatic/clocked/set_sources.h"
#include "sim/core/sequence/clocked.h"

namespace rebasis::sim::bit_pragmatic {

class Core : public StepCore {
 public:
  /// All outlive the core.
  Core(const DenseLayer& layer, const LayerBricks& bricks, const arch::BitPragmaticSpec& spec, const StepPlan& plan,
       const CounterNames& names, const Activations& image);
  [[nodiscard]] std::size_t shells() const override { return first_column_shell + columns_.size(); }
  void evaluate(std::size_t shell, Cycle now) override;
  std::vector<std::int64_t> take_outputs() override { return output_port_.take_outputs(); }
  [[nodiscard]] const Counters& counters() const override;
  [[nodiscard]] std::string state() const override;
  [[nodiscard]] std::vector<int> probes() const override;

 protected:
  Progress advance(Cycle now) override;

 private:
  enum Shell : std::size_t { synapse_buffer_shell, dispatcher_shell, output_port_shell, first_column_shell };
  void prepare(std::size_t step);
  [[nodiscard]] bool room(std::int64_t set) const;
  [[nodiscard]] bool drained();

  const LayerShape& shape_;
  const LayerBricks& bricks_;
  const arch::BitPragmaticSpec& spec_;
  const StepPlan& plan_;
  mutable Counters counters_;  ///< accounts are filled in when asked for
  SynapseBuffer synapse_buffer_;
  Dispatcher dispatcher_;
  OutputPort output_port_;
  std::vector<Column> columns_;

  std::shared_ptr<const StepWork> work_;      ///< of the step in progress, or the next
  std::vector<std::uint8_t> columns_of_set_;  ///< that have still to take it
  std::vector<std::uint8_t> all_taken_;
  bool all_free_ = true;
  bool draining_ = false;  ///< the inputs of a step have been consumed, its last result is not complete
};

}  // namespace rebasis::sim::bit_pragmatic
