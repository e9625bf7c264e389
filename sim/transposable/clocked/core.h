// The training accelerator's datapath cycle by cycle: input buffer, weight buffer with its rebuild engines, array and
// output buffer, a shell each.
#pragma once

#include <deque>

#include "sim/core/sequence/clocked.h"
#include "sim/transposable/clocked/array.h"
#include "sim/transposable/mapping.h"

namespace rebasis::sim::transposable {

class Core : public StepCore {
 public:
  /// All outlive the core.
  Core(const Job& job, const arch::TransposableSpec& spec, const CounterNames& names, const Mapping& mapping,
       const Operands& operands);

  [[nodiscard]] std::size_t shells() const override { return shell_count; }
  void evaluate(std::size_t shell, Cycle now) override;
  std::vector<std::int64_t> take_outputs() override { return std::move(results_); }
  [[nodiscard]] const Counters& counters() const override { return counters_; }
  [[nodiscard]] std::string state() const override;
  [[nodiscard]] std::vector<int> probes() const override {
    return {streamed() != nullptr ? 1 : 0, loads() ? 1 : 0, array_.draining() ? 1 : 0,
            pipeline_.front().has_value() ? 1 : 0};
  }

  static std::vector<std::string> shell_names() { return {"input_gb", "weight_buffer", "array", "output_gb"}; }

 protected:
  Progress advance(Cycle now) override;

 private:
  enum Shell : std::size_t { input_shell, weight_shell, array_shell, output_shell, shell_count };

  [[nodiscard]] bool gradient() const { return job_.pass == Pass::backward_weight; }
  [[nodiscard]] bool weights_ready() const;
  /// The block whose next position is read in this cycle; none when the array waits.
  [[nodiscard]] const WalkBlock* streamed() const;
  /// The second set of weights moves into the array at the end of this cycle.
  [[nodiscard]] bool takes_weights() const { return !gradient() && !in_array_ && streamed() != nullptr; }
  /// A row of weights comes into the array in this cycle.
  [[nodiscard]] bool loads() const { return !gradient() && active() && coming() < blocks_.size(); }
  /// The block whose weights come in, if there is one left.
  [[nodiscard]] std::size_t coming() const;
  [[nodiscard]] const MapPosition& position(const WalkBlock& block) const {
    return block.positions[in_array(block) ? position_ : 0];
  }
  [[nodiscard]] bool in_array(const WalkBlock& block) const { return in_array_ && &block == &blocks_[block_]; }

  void read_inputs();
  void read_gradients();
  void load_row();
  [[nodiscard]] std::int64_t weight(std::int64_t filter, std::int64_t index, std::int64_t& bits);
  void write_results();
  void count_requantised();
  void charge();
  void begin_step(std::size_t step);
  void take_weights();
  bool next_position();

  const Job& job_;
  const arch::TransposableSpec& spec_;
  const Mapping& mapping_;
  const Operands& operands_;
  Counters counters_;
  Array array_;
  std::vector<std::int64_t> results_;

  std::vector<WalkBlock> blocks_;             ///< of the step in progress, or of the next
  std::deque<std::vector<WalkBlock>> older_;  ///< of steps whose results are on their way
  std::size_t block_ = 0;                     ///< whose positions are read
  std::size_t position_ = 0;                  ///< next position of it
  bool in_array_ = false;                     ///< it has been begun
  std::size_t shadow_block_ = 0;              ///< whose weights are in the second set of registers, or come into it
  Plane shadow_;
  std::int64_t row_cycle_ = 0;                                ///< cycles spent on the row that comes in
  std::int64_t row_bits_ = 0;                                 ///< of coefficients read for the block that comes in
  std::vector<std::pair<std::int64_t, std::int64_t>> bases_;  ///< (filter, slice) that the rebuild engines hold
  std::int64_t drain_left_ = 0;                               ///< cycles until the second set of sums is free
  std::optional<Issue> issue_;
  // Written by the shells, taken over by advance().
  std::vector<std::int32_t> next_columns_, next_rows_;
  std::optional<std::vector<std::int64_t>> next_weights_;
  std::deque<std::optional<Result>> pipeline_;  ///< from the array to the output buffer
  std::deque<bool> ending_;                     ///< steps that end, on their way
};

}  // namespace rebasis::sim::transposable
