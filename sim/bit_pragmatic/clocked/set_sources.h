// Where weight sets and pallets come from, cycle by cycle: the synapse buffer with its registers, the dispatcher with
// its brick buffers.
#pragma once

#include <cstdint>
#include <memory>
#include <set>
#include <vector>

#include "sim/bit_pragmatic/step_work.h"
#include "sim/core/activations.h"
#include "sim/core/counters.h"
#include "sim/core/dense_layer.h"

namespace rebasis::sim::bit_pragmatic {

/// The memory's latency passes at the start of a step; from then on one set at a time is read, held at the memory's
/// output, and put into a register when that is free.
class SetSource {
 public:
  virtual ~SetSource() = default;
  /// For the next step, whose first set takes `latency` cycles more.
  void prepare(std::shared_ptr<const StepWork> work, Cycle latency);
  /// A cycle in which the step is in progress.
  void evaluate();
  /// End of the cycle. `room`: the register for the set in progress is free, or was taken by its last column in this
  /// cycle.
  void commit(bool room);
  /// Sets that have been put into registers.
  [[nodiscard]] std::int64_t ready() const { return ready_; }
  [[nodiscard]] const Account& account() const { return account_; }

 protected:
  [[nodiscard]] const StepWork& work() const { return *work_; }

 private:
  /// Begins to read a set; cycles until it is at the output.
  virtual Cycle read(const SetPosition& set) = 0;
  /// Puts the set at the output into register `number` modulo the registers.
  virtual void put(std::int64_t number) = 0;

  std::shared_ptr<const StepWork> work_;
  std::int64_t ready_ = 0;
  Cycle filling_ = 0;  ///< until the memory delivers
  Cycle left_ = 0;     ///< of the set in progress
  bool reading_ = false;
  Account account_;
};

/// The weights of a set: [filter][lane].
struct WeightSet {
  std::int64_t filters = 0;
  std::vector<std::int8_t> weights;
};

class SynapseBuffer : public SetSource {
 public:
  SynapseBuffer(const DenseLayer& layer, const LayerBricks& bricks, const arch::BitPragmaticSpec& spec,
                Counters& counters);
  [[nodiscard]] const WeightSet& at(std::int64_t number) const {
    return registers_[static_cast<std::size_t>(number) % registers_.size()];
  }

 private:
  Cycle read(const SetPosition& set) override;
  void put(std::int64_t number) override;

  const DenseLayer& layer_;
  const LayerBricks& bricks_;
  const arch::BitPragmaticSpec& spec_;
  Counters& counters_;
  WeightSet output_;
  std::vector<WeightSet> registers_;
};

/// The activations of a brick's lanes.
using BrickValues = std::vector<int>;

class Dispatcher : public SetSource {
 public:
  Dispatcher(const LayerShape& shape, const LayerBricks& bricks, const arch::BitPragmaticSpec& spec,
             const Activations& image, Counters& counters);
  [[nodiscard]] const BrickValues& at(std::int64_t number, std::size_t column) const {
    return buffers_[static_cast<std::size_t>(number) % buffers_.size()][column];
  }

 private:
  Cycle read(const SetPosition& set) override;
  void put(std::int64_t number) override;
  [[nodiscard]] BrickValues gather(std::int64_t group, const Brick& brick, Window window, std::set<std::int64_t>& rows);

  const LayerShape& shape_;
  const LayerBricks& bricks_;
  const arch::BitPragmaticSpec& spec_;
  const Activations& image_;
  Counters& counters_;
  std::vector<BrickValues> output_;
  std::vector<std::vector<BrickValues>> buffers_;  ///< [set][column]
};

}  // namespace rebasis::sim::bit_pragmatic
