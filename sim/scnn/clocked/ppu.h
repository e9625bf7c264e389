// The post-processing units of all PEs and the links between neighbours: halo exchange, then the outputs of a group.
#pragma once

#include <deque>
#include <vector>

#include "sim/scnn/clocked/pe.h"
#include "sim/scnn/counters.h"

namespace rebasis::sim::scnn {

class Ppu {
 public:
  /// `outputs`: [M][E][F] of the layer. `pes` in rows of `spec.pe_columns`.
  Ppu(const LayerShape& shape, const AccumulatorLayout& layout, std::vector<Pe>& pes, const arch::ScnnSpec& spec);

  /// A step whose inputs have been consumed; its last product is accumulated at `ready`.
  struct Job {
    Cycle ready = 0;
    bool drains = false;  ///< the last chunk of a group
    std::size_t buffer = 0;
    std::vector<Range> pe_filters;            ///< of each PE; empty: it has no outputs
    std::vector<const Slice*> rows, columns;  ///< of each PE
    std::uint64_t result_bytes = 0;
  };
  void add(Job job) { jobs_.push_back(std::move(job)); }
  /// One cycle.
  void evaluate(Cycle now, Counters& counters);
  /// Jobs that are complete as of the end of cycle `now`; takes them off.
  [[nodiscard]] std::size_t take_completed(Cycle now);
  [[nodiscard]] bool draining() const { return phase_ != Phase::idle; }
  [[nodiscard]] std::vector<std::int64_t> take_outputs() { return std::move(outputs_); }

 private:
  enum class Phase { idle, rows, columns, outputs, finished };
  /// A partial sum on its way.
  struct Move {
    std::size_t to = 0;
    std::int64_t filter = 0, e = 0, f = 0;
  };
  void start(const Job& job);
  /// Fills the queues of the next round that has something to do.
  void next_round(const Job& job);
  void plan_round(const Job& job, bool rows);
  void send(const Job& job, Counters& counters);
  void finish_outputs(const Job& job, Counters& counters);
  [[nodiscard]] bool queues_empty() const;
  [[nodiscard]] std::int64_t& sum(const Job& job, std::size_t pe, const Move& move);

  const LayerShape& shape_;
  const AccumulatorLayout& layout_;
  std::vector<Pe>& pes_;
  const arch::ScnnSpec& spec_;
  std::deque<Job> jobs_;
  Phase phase_ = Phase::idle;
  std::vector<std::vector<std::int64_t>> strangers_;  ///< by PE: rows or columns it holds that are not its own
  std::vector<std::deque<Move>> links_;               ///< by PE and direction
  std::vector<std::deque<Move>> finishing_;           ///< by PE
  std::vector<std::int64_t> outputs_;
};

}  // namespace rebasis::sim::scnn
