// What the clocked cores of the PEs and of the MAC engine have in common.
#pragma once

#include <memory>

#include "sim/core/activations.h"
#include "sim/core/sequence/clocked.h"
#include "sim/pynq_ternary/clocked/output_path.h"

namespace rebasis::sim::pynq_ternary {

class Core : public StepCore {
 public:
  /// `job` and `image` outlive the core.
  Core(const Job& job, const Activations& image);
  [[nodiscard]] std::size_t shells() const override;
  void evaluate(std::size_t shell, Cycle now) final;
  std::vector<std::int64_t> take_outputs() override { return std::move(outputs_); }
  [[nodiscard]] const Counters& counters() const override { return counters_; }
  [[nodiscard]] std::int64_t scaling_cycles() const { return output_path_.busy_cycles(); }

 protected:
  virtual void evaluate_block(std::size_t shell) = 0;
  /// Charges the blocks for a cycle in which a step is active, moves to the next state; whether the step is done: its
  /// last result is in the accumulators.
  virtual bool finish_cycle() = 0;
  Progress advance(Cycle now) final;

  [[nodiscard]] const Step& step_at(std::size_t index) const { return job_.steps.steps[index]; }
  void count(std::size_t action, std::int64_t amount) {
    counters_.actions[action] += static_cast<std::uint64_t>(amount);
  }
  [[nodiscard]] std::int64_t& output(std::int64_t m, std::int64_t e, std::int64_t f) {
    return outputs_[static_cast<std::size_t>((m * job_.shape().E() + e) * job_.shape().F() + f)];
  }

  const Job& job_;
  const arch::PynqTernarySpec& spec_;
  const Activations& image_;
  Counters counters_;
  OutputPath output_path_;

 private:
  std::vector<std::int64_t> outputs_;
};

[[nodiscard]] std::unique_ptr<Core> make_array_core(const Job& job, const Activations& image);
[[nodiscard]] std::unique_ptr<Core> make_engine_core(const Job& job, const Activations& image);

}  // namespace rebasis::sim::pynq_ternary
