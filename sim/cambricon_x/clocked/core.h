// Cambricon-X cycle by cycle: buffer controller, indexing module, PEs and NBout, one shell each, under the shared
// controller. docs/accelerators/cambricon-x.md, "Cycle rules".
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <vector>

#include "sim/cambricon_x/clocked/pe.h"
#include "sim/cambricon_x/counters.h"
#include "sim/cambricon_x/mapping.h"
#include "sim/core/activations.h"
#include "sim/core/sequence/clocked.h"

namespace rebasis::sim::cambricon_x {

class Core : public StepCore {
 public:
  /// All outlive the core.
  Core(const SparseLayer& layer, const Mapping& mapping, const Activations& image, const CounterNames& names);

  [[nodiscard]] std::size_t shells() const override { return first_pe_shell + pe_.size() + 1; }
  void evaluate(std::size_t shell, Cycle now) override;
  std::vector<std::int64_t> take_outputs() override { return std::move(outputs_); }
  [[nodiscard]] const Counters& counters() const override { return counters_; }
  [[nodiscard]] std::string state() const override;
  /// Lines read of the step, lanes that took synapses, PEs with a result.
  [[nodiscard]] std::vector<int> probes() const override;

 protected:
  Progress advance(Cycle now) override;

 private:
  static constexpr std::size_t controller_shell = 0, indexing_shell = 1, first_pe_shell = 2;
  [[nodiscard]] const Step& step_of(std::size_t step) const { return mapping_.steps.steps[step]; }
  [[nodiscard]] const Program& program_of_step(std::size_t step) const {
    return programs_[mapping_.weight_tile_of_step[step]];
  }
  [[nodiscard]] std::int64_t positions(std::size_t step) const {
    return step_of(step).tile.rows.size() * step_of(step).tile.columns.size();
  }
  void read_line();
  void select();
  void multiply(std::size_t pe, Cycle now);
  void collect();
  void write(const PeResult& result);
  void charge();
  void add(Action action, std::int64_t count) { counters_.actions[action] += static_cast<std::uint64_t>(count); }

  const SparseLayer& layer_;
  const arch::CambriconXSpec& spec_;
  const Mapping& mapping_;
  const Activations& image_;
  std::vector<Program> programs_;          ///< by weight tile
  std::vector<std::int64_t> results_due_;  ///< by step

  // State as shown at the beginning of a cycle, and what the cycle makes of it.
  LineRegisters registers_;
  std::vector<std::int64_t> needed_;  ///< next line of each lane
  std::vector<Selection> operands_, next_operands_;
  std::vector<PeResult> results_, next_results_;
  bool reads_ = false;
  std::vector<int> line_;                                   ///< addressed in this cycle
  std::int64_t addressed_ = 0;                              ///< lines of this step
  std::deque<std::optional<std::vector<int>>> on_the_way_;  ///< by cycle of the address
  std::vector<Lane> lanes_;
  std::vector<Pe> pe_;
  std::size_t completed_steps_ = 0;

  std::vector<std::int64_t> outputs_;  ///< NBout, and where its partial sums go: [M][E][F]
  Counters counters_;
};

}  // namespace rebasis::sim::cambricon_x
