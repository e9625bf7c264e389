#include "sim/transposable/update.h"

#include <algorithm>
#include <cmath>
#include <deque>

#include "common/error.h"
#include "common/units.h"

namespace rebasis::sim::transposable {

namespace {

constexpr std::uint64_t parameter_base = std::uint64_t{1} << 36U;
constexpr std::uint64_t basis_base = std::uint64_t{2} << 36U;
constexpr std::uint64_t index_base = std::uint64_t{3} << 36U;
constexpr std::int64_t line_bytes = 64;  ///< that a write of some coefficients takes

std::uint64_t bytes(std::int64_t value) { return static_cast<std::uint64_t>(value); }

std::int64_t slices_of(const TrainedLayer& layer) {
  return static_cast<std::int64_t>(layer.form.info.slice_rows.size());
}

/// Rows of Ce of a slice of the layer, within its filter.
Range rows_of_slice(const TrainedLayer& layer, std::int64_t slice) {
  const auto& of_row = layer.slice_of_row;
  const auto [first, last] = std::equal_range(of_row.begin(), of_row.end(), slice % slices_of(layer));
  return {first - of_row.begin(), last - of_row.begin()};
}

ChunkWork work_of(const Job& job, const Chunk& chunk) {
  ChunkWork work;
  work.gradients = chunk.parameters;
  const TrainedLayer& layer = *job.layer;
  const std::int64_t filter_weights = layer.shape().weights() / layer.shape().M;
  for (std::int64_t slice = chunk.slices.first; slice < chunk.slices.last; ++slice) {
    const std::int64_t m = slice / slices_of(layer);
    const Range rows = rows_of_slice(layer, slice);
    work.gradients += std::min(rows.last * layer.n(), filter_weights) - rows.first * layer.n();
    work.nonzeros += layer.nonzeros.sum({m, m + 1}, rows);
    work.kept_rows += layer.rows.sum({m, m + 1}, rows);
    work.rows += rows.size();
    ++work.bases;
  }
  return work;
}

/// Bytes of a chunk by where they go.
struct ChunkBytes {
  std::int64_t gradients = 0;
  std::int64_t parameters = 0;  ///< values with what the optimiser keeps; non-zero coefficients of Ce
  std::int64_t basis = 0;       ///< B with what the optimiser keeps
  std::int64_t index = 0;       ///< mask of Ce
  std::int64_t counters = 0;
  std::int64_t written_parameters = 0;
};

ChunkBytes bytes_of(const Job& job, const arch::TransposableSpec& spec, const Chunk& chunk) {
  const ChunkWork work = work_of(job, chunk);
  const std::int64_t value = spec.element_bytes() + spec.states() * spec.state_bits / 8;
  ChunkBytes size;
  size.gradients = work.gradients * spec.element_bytes();
  size.parameters = size.written_parameters = chunk.parameters * value;
  if (chunk.slices.size() == 0) return size;
  const std::int64_t n = job.layer->n(), codes = ceil_div(work.nonzeros * spec.code_bits, std::int64_t{8});
  size.parameters += codes;
  size.basis = work.bases * n * n * value;
  size.index = ceil_div(work.rows + work.kept_rows * n, std::int64_t{8});
  size.counters = ceil_div(work.nonzeros * spec.counter_bits, std::int64_t{8});
  // Lines with at least one coefficient that moves, on average.
  const double in_line = static_cast<double>(line_bytes * 8 / spec.code_bits);
  const double touched = 1 - std::pow(1 - spec.moving_percent / 100, in_line);
  size.written_parameters +=
      std::min(codes, static_cast<std::int64_t>(std::llround(static_cast<double>(codes) * touched)));
  return size;
}

/// Parameters that half of each buffer holds.
std::int64_t limit(const arch::TransposableSpec& spec, bool factored) {
  const std::int64_t value = spec.element_bytes() + spec.states() * spec.state_bits / 8;
  std::int64_t most = std::min(spec.chunk, spec.input_bytes / 2 / spec.element_bytes());
  most = std::min({most, spec.weight_bytes / 2 / value, spec.output_bytes / 2 / value});
  return factored ? std::min(most, spec.counter_bytes * 8 / 2 / spec.counter_bits) : most;
}

std::vector<Chunk> chunks_of(const Job& job, const arch::TransposableSpec& spec) {
  const TrainedLayer& layer = *job.layer;
  std::vector<Chunk> chunks;
  const auto add_dense = [&](std::int64_t count) {
    const std::int64_t most = limit(spec, false);
    if (most < 1) fail_infeasible("layer " + layer.info.name + ", update: the buffers hold no parameter");
    for (std::int64_t done = 0; done < count; done += most) chunks.push_back({std::min(most, count - done), {}});
  };
  if (job.weight_gradient && !layer.factored) add_dense(layer.shape().weights());
  if (job.weight_gradient && layer.factored) {
    const std::int64_t most = limit(spec, true), all = layer.shape().M * slices_of(layer);
    for (std::int64_t first = 0, last = 0; first < all; first = last) {
      std::int64_t held = 0;
      for (; last < all; ++last) {
        const std::int64_t more = rows_of_slice(layer, last).size() * layer.n();
        if (more > most) {
          fail_infeasible("layer " + layer.info.name + ", update: a slice of " + std::to_string(more) +
                          " weights; the buffers and optimiser.chunk hold " + std::to_string(most));
        }
        if (held + more > most) break;
        held += more;
      }
      chunks.push_back({0, {first, last}});
    }
  }
  if (job.bias_gradient) add_dense(layer.shape().M);
  return chunks;
}

/// Multiply-accumulates of a chunk: gradients of coefficients and updates of dense values.
std::int64_t macs_of(const Job& job, const arch::TransposableSpec& spec, const Chunk& chunk, const ChunkWork& work) {
  const std::int64_t n = job.layer->factored ? job.layer->n() : 0;
  return work.nonzeros * n + (chunk.parameters + work.bases * n * n) * spec.update_macs();
}

}  // namespace

UpdateMapping map_update(const Job& job, const arch::TransposableSpec& spec) {
  UpdateMapping mapping;
  mapping.chunks = chunks_of(job, spec);
  std::int64_t gradient = 0, parameter = 0, basis = 0, index = 0;
  for (const Chunk& chunk : mapping.chunks) {
    const ChunkBytes size = bytes_of(job, spec, chunk);
    const auto transfer = [](TensorClass tensor, std::uint64_t base, std::int64_t at, std::int64_t count) {
      return count == 0 ? std::vector<Transfer>{} : std::vector<Transfer>{{tensor, base + bytes(at), bytes(count)}};
    };
    const auto join = [](std::vector<Transfer> a, const std::vector<Transfer>& b) {
      a.insert(a.end(), b.begin(), b.end());
      return a;
    };
    Step step;
    step.loads.push_back({0, transfer(TensorClass::inputs, 0, gradient, size.gradients)});
    step.loads.push_back({1, join(join(transfer(TensorClass::weights, parameter_base, parameter, size.parameters),
                                       transfer(TensorClass::basis, basis_base, basis, size.basis)),
                                  transfer(TensorClass::index, index_base, index, size.index))});
    step.loads.push_back({2, transfer(TensorClass::index, index_base, index + size.index, size.counters)});
    step.stores = join(join(transfer(TensorClass::weights, parameter_base, parameter, size.written_parameters),
                            transfer(TensorClass::basis, basis_base, basis, size.basis)),
                       transfer(TensorClass::index, index_base, index + size.index, size.counters));
    gradient += size.gradients;
    parameter += size.parameters;
    basis += size.basis;
    index += size.index + size.counters;
    mapping.compulsory.inputs += bytes(size.gradients);
    mapping.compulsory.weights += bytes(size.parameters + size.written_parameters);
    mapping.compulsory.basis += bytes(2 * size.basis);
    mapping.compulsory.index += bytes(size.index + 2 * size.counters);
    mapping.steps.steps.push_back(std::move(step));
  }
  mapping.steps.buffers = {{2, 1, input_write}, {2, 2, weight_write}, {2, 3, counter_write}};
  mapping.steps.channels = 4;
  mapping.steps.output_read_action = output_read;
  mapping.steps.result_slots = static_cast<std::size_t>(spec.stages + 2);
  return mapping;
}

StepCost update_cost(const Job& job, const arch::TransposableSpec& spec, const Chunk& chunk, Counters& counters) {
  const ChunkWork work = work_of(job, chunk);
  const ChunkBytes size = bytes_of(job, spec, chunk);
  const auto add = [&](Action action, std::int64_t count) { counters.actions[action] += bytes(count); };
  const std::int64_t macs = macs_of(job, spec, chunk, work);
  add(mac, macs * spec.byte_products());
  add(input_read, size.gradients);
  add(weight_read, size.parameters + size.basis + size.index);
  add(output_write, size.written_parameters + size.basis + size.counters);
  if (chunk.slices.size() > 0) add(shift_add, work.nonzeros * job.layer->n());
  add(counter_read, size.counters);
  add(counter_update, work.nonzeros);
  const Cycle cycles = std::max<Cycle>(1, ceil_div(macs, spec.lanes));
  counters.blocks[update_lanes][Cause::busy] += macs;
  counters.blocks[update_lanes][Cause::imbalance] += spec.lanes * cycles - macs;
  const Cycle counting = std::min(cycles, work.nonzeros);
  counters.blocks[switch_counters][Cause::busy] += counting;
  counters.blocks[switch_counters][Cause::idle] += cycles - counting;
  return {cycles, spec.stages, 0};
}

namespace {

/// Works through a chunk's products one after the other, `lanes` of them a cycle.
class UpdateCore : public StepCore {
 public:
  UpdateCore(const Job& job, const arch::TransposableSpec& spec, const CounterNames& names,
             const UpdateMapping& mapping)
      : job_(job),
        spec_(spec),
        mapping_(mapping),
        counters_(names),
        ending_(static_cast<std::size_t>(spec.stages), false) {
    begin(0);
  }
  [[nodiscard]] std::size_t shells() const override { return 1; }
  void evaluate(std::size_t, Cycle) override {}
  std::vector<std::int64_t> take_outputs() override { return {}; }
  [[nodiscard]] const Counters& counters() const override { return counters_; }

 protected:
  Progress advance(Cycle now) override;

 private:
  void begin(std::size_t step);
  void move_bytes();

  const Job& job_;
  const arch::TransposableSpec& spec_;
  const UpdateMapping& mapping_;
  Counters counters_;
  std::deque<bool> ending_;
  std::vector<std::int64_t> slots_;  ///< products of each coefficient, then of each dense value, that are left
  std::size_t slot_ = 0, coefficients_ = 0;
  std::int64_t counted_ = 0;  ///< coefficients whose counter has had its turn
};

void UpdateCore::begin(std::size_t step) {
  const Chunk& chunk = mapping_.chunks[step];
  const TrainedLayer& layer = *job_.layer;
  slots_.clear();
  slot_ = 0;
  counted_ = 0;
  for (std::int64_t slice = chunk.slices.first; slice < chunk.slices.last; ++slice) {
    const std::int64_t filter = slice / slices_of(layer);
    for (std::int64_t row = 0; row < layer.form.info.rows; ++row) {
      if (layer.slice_of_row[static_cast<std::size_t>(row)] != slice % slices_of(layer)) continue;
      for (std::int64_t k = 0; k < layer.n(); ++k) {
        const auto at = static_cast<std::size_t>((filter * layer.form.info.rows + row) * layer.n() + k);
        if (layer.form.coefficients[at] != 0) slots_.push_back(layer.n());
      }
    }
  }
  coefficients_ = slots_.size();
  const std::int64_t basis_values = chunk.slices.size() * (layer.factored ? layer.n() * layer.n() : 0);
  slots_.insert(slots_.end(), static_cast<std::size_t>(basis_values + chunk.parameters), spec_.update_macs());
}

void UpdateCore::move_bytes() {
  const ChunkBytes size = bytes_of(job_, spec_, mapping_.chunks[step()]);
  counters_.actions[input_read] += bytes(size.gradients);
  counters_.actions[weight_read] += bytes(size.parameters + size.basis + size.index);
  counters_.actions[output_write] += bytes(size.written_parameters + size.basis + size.counters);
  counters_.actions[counter_read] += bytes(size.counters);
}

StepCore::Progress UpdateCore::advance(Cycle) {
  Progress progress;
  if (active()) {
    if (begins()) move_bytes();
    std::int64_t free = spec_.lanes;
    while (free > 0 && slot_ < slots_.size()) {
      --free;
      counters_.actions[mac] += bytes(spec_.byte_products());
      // The product of a coefficient's gradient comes with an addition to dB.
      if (slot_ < coefficients_) counters_.actions[shift_add] += 1;
      if (--slots_[slot_] > 0) continue;
      if (slot_ < coefficients_) counters_.actions[counter_update] += 1;
      ++slot_;
    }
    counters_.blocks[update_lanes][Cause::busy] += spec_.lanes - free;
    counters_.blocks[update_lanes][Cause::imbalance] += free;
    const bool counts = counted_++ < static_cast<std::int64_t>(coefficients_);
    counters_.blocks[switch_counters][counts ? Cause::busy : Cause::idle] += 1;
    progress.consumed = slot_ == slots_.size();
  }
  ending_.push_back(progress.consumed);
  if (ending_.front()) ++progress.completed;
  ending_.pop_front();
  if (progress.consumed && step() + 1 < mapping_.chunks.size()) begin(step() + 1);
  return progress;
}

}  // namespace

std::unique_ptr<StepCore> make_update_core(const Job& job, const arch::TransposableSpec& spec,
                                           const CounterNames& names, const UpdateMapping& mapping) {
  return std::make_unique<UpdateCore>(job, spec, names, mapping);
}

std::vector<std::string> update_shell_names() { return {"update"}; }

}  // namespace rebasis::sim::transposable
