#include "sim/transposable/clocked/core.h"

#include <algorithm>

#include "common/units.h"

namespace rebasis::sim::transposable {

namespace {

std::uint64_t count(std::int64_t value) { return static_cast<std::uint64_t>(value); }
std::int64_t length(const std::vector<std::int64_t>& list) { return static_cast<std::int64_t>(list.size()); }

std::size_t result_size(const Job& job) {
  const LayerShape& shape = job.shape();
  if (job.pass == Pass::forward) return static_cast<std::size_t>(job.images * shape.M * shape.E() * shape.F());
  if (job.pass == Pass::backward_data) return static_cast<std::size_t>(job.images * shape.C * shape.H * shape.W);
  return static_cast<std::size_t>((job.weight_gradient ? shape.weights() : 0) + (job.bias_gradient ? shape.M : 0));
}

}  // namespace

Core::Core(const Job& job, const arch::TransposableSpec& spec, const CounterNames& names, const Mapping& mapping,
           const Operands& operands)
    : job_(job),
      spec_(spec),
      mapping_(mapping),
      operands_(operands),
      counters_(names),
      array_(job, spec, counters_),
      results_(result_size(job)),
      pipeline_(static_cast<std::size_t>(spec.stages - 1)),
      ending_(static_cast<std::size_t>(spec.stages), false) {
  begin_step(0);
}

void Core::begin_step(std::size_t step) {
  older_.push_back(std::move(blocks_));
  if (older_.size() > static_cast<std::size_t>(spec_.stages) + 2) older_.pop_front();
  blocks_ = walk(job_, spec_, mapping_.tiles[step]);
  block_ = position_ = shadow_block_ = 0;
  in_array_ = false;
  shadow_ = {};
}

bool Core::weights_ready() const {
  if (shadow_block_ == blocks_.size()) return false;
  const WalkBlock& block = blocks_[shadow_block_];
  return shadow_.done == length(job_.transposed() ? block.channels : block.filters);
}

const WalkBlock* Core::streamed() const {
  if (!active() || block_ == blocks_.size()) return nullptr;
  const WalkBlock& block = blocks_[block_];
  if (gradient()) {
    const bool last = position_ + 1 == block.positions.size();
    return last && drain_left_ > 1 ? nullptr : &block;
  }
  if (in_array_) return &block;
  return weights_ready() ? &block : nullptr;
}

std::size_t Core::coming() const {
  if (!weights_ready()) return shadow_block_;
  return takes_weights() ? shadow_block_ + 1 : blocks_.size();
}

void Core::read_inputs() {
  const WalkBlock* const block = streamed();
  if (block == nullptr) return;
  const LayerShape& shape = job_.shape();
  const MapPosition& p = position(*block);
  next_columns_.clear();
  for (const std::int64_t i : job_.transposed() ? block->filters : block->channels) {
    next_columns_.push_back(
        job_.transposed()
            ? operands_.dy[static_cast<std::size_t>(((p.image * shape.M + i) * shape.E() + p.e) * shape.F() + p.f)]
            : operands_.x[static_cast<std::size_t>(((p.image * shape.C + i) * shape.H + p.h) * shape.W + p.w)]);
    counters_.actions[input_read] += count(spec_.element_bytes());
  }
}

void Core::read_gradients() {
  const WalkBlock* const block = streamed();
  if (block == nullptr) return;
  const LayerShape& shape = job_.shape();
  const MapPosition& p = position(*block);
  next_rows_.clear();
  for (const std::int64_t m : block->filters) {
    next_rows_.push_back(
        operands_.dy[static_cast<std::size_t>(((p.image * shape.M + m) * shape.E() + p.e) * shape.F() + p.f)]);
    counters_.actions[weight_read] += count(spec_.element_bytes());
  }
}

/// Weight `index` of a filter on its way into the array: read, or rebuilt from a row of Ce and a column of B.
std::int64_t Core::weight(std::int64_t filter, std::int64_t index, std::int64_t& bits) {
  const TrainedLayer& layer = *job_.layer;
  const LayerShape& shape = job_.shape();
  counters_.actions[register_write] += count(spec_.element_bytes());
  if (!layer.factored) {
    counters_.actions[weight_read] += count(spec_.element_bytes());
    return operands_.w[static_cast<std::size_t>(filter * shape.channels_per_group() * shape.R * shape.S + index)];
  }
  const std::int64_t n = layer.n(), row = index / n, column = index % n;
  const std::int64_t slice = layer.slice_of_row[static_cast<std::size_t>(row)];
  auto held = std::find_if(bases_.begin(), bases_.end(), [&](const auto& basis) { return basis.first == filter; });
  if (held == bases_.end() || held->second != slice) {
    counters_.actions[weight_read] += count(n * n * spec_.element_bytes());
    counters_.actions[basis_write] += count(n * n * spec_.element_bytes());
    if (held == bases_.end()) held = bases_.insert(bases_.end(), {filter, slice});
    held->second = slice;
  }
  bits += n * spec_.code_bits;
  const auto slices = static_cast<std::int64_t>(layer.form.info.slice_rows.size());
  const auto& exponents = layer.form.info.exponents;
  std::int64_t value = 0;
  for (std::int64_t k = 0; k < n; ++k) {
    const int code = layer.form.coefficients[static_cast<std::size_t>((filter * layer.form.info.rows + row) * n + k)];
    if (code == 0) continue;
    const std::int64_t basis =
        layer.form.basis[static_cast<std::size_t>(((filter * slices + slice) * n + k) * n + column)];
    const std::int64_t term =
        basis * (std::int64_t{1} << (exponents[static_cast<std::size_t>(std::abs(code) - 1)] - exponents.front()));
    value += code > 0 ? term : -term;
    counters_.actions[shift_add] += 1;
    counters_.actions[basis_read] += count(spec_.element_bytes());
  }
  return value;
}

void Core::load_row() {
  next_weights_.reset();
  if (!loads()) return;
  const TrainedLayer& layer = *job_.layer;
  const LayerShape& shape = job_.shape();
  const WalkBlock& block = blocks_[coming()];
  const std::int64_t row_cycles = layer.factored ? ceil_div(layer.n(), spec_.rebuild_terms) : 1;
  counters_.blocks[weights][Cause::busy] += 1;
  if (layer.factored) counters_.blocks[rebuild][Cause::busy] += spec_.columns;
  if (++row_cycle_ < row_cycles) return;
  row_cycle_ = 0;
  const std::int64_t number = coming() == shadow_block_ ? shadow_.done : 0;
  if (number == 0) {
    bases_.clear();
    row_bits_ = 0;
  }
  const auto &rows = job_.transposed() ? block.channels : block.filters,
             &columns = job_.transposed() ? block.filters : block.channels;
  next_weights_.emplace();
  for (const std::int64_t column : columns) {
    const std::int64_t row = rows[static_cast<std::size_t>(number)];
    const std::int64_t filter = job_.transposed() ? column : row, channel = job_.transposed() ? row : column;
    if (!block.pair(shape, filter, channel)) {
      next_weights_->push_back(0);
      continue;
    }
    const std::int64_t index = (channel % shape.channels_per_group() * shape.R + block.r) * shape.S + block.s;
    next_weights_->push_back(weight(filter, index, row_bits_));
  }
  if (number + 1 == length(rows)) counters_.actions[weight_read] += count(ceil_div<std::int64_t>(row_bits_, 8));
}

void Core::write_results() {
  if (!pipeline_.front()) return;
  for (const auto& [at, sum] : pipeline_.front()->sums) {
    results_[at] += sum;
    counters_.actions[output_read] += count(spec_.sum_bytes());
    counters_.actions[output_write] += count(spec_.sum_bytes());
  }
}

void Core::evaluate(std::size_t shell, Cycle) {
  switch (shell) {
    case input_shell:
      return read_inputs();
    case weight_shell:
      return gradient() ? read_gradients() : load_row();
    case array_shell:
      return array_.evaluate(issue_);
    default:
      return write_results();
  }
}

/// What the step's end sends through the requantiser.
void Core::count_requantised() {
  const LayerShape& shape = job_.shape();
  const Tile& tile = mapping_.tiles[step()];
  if (!tile.conv.last_chunk) return;
  std::int64_t values = 0;
  for (std::int64_t g = tile.conv.groups.first; g < tile.conv.groups.last; ++g) {
    const std::int64_t map = tile.images.size() * tile.conv.rows.size();
    if (job_.pass == Pass::forward) values += tile.conv.filters.size() * map * shape.F();
    if (job_.pass == Pass::backward_data) values += tile.conv.channels.size() * map * shape.W;
    if (gradient() && job_.weight_gradient)
      values += tile.conv.filters.size() * tile.conv.channels.size() * shape.R * shape.S;
    if (gradient() && job_.bias_gradient && tile.conv.channels.first == 0) values += tile.conv.filters.size();
  }
  counters_.actions[requantise] += count(values);
  counters_.actions[output_read] += count(values * spec_.sum_bytes());
}

/// Accounts of a cycle; the output buffer's by issue cycle, because the pipeline never stalls.
void Core::charge() {
  const WalkBlock* const block = streamed();
  const std::int64_t elements = spec_.rows * spec_.columns;
  Account& account = counters_.blocks[array];
  if (block != nullptr) {
    std::int64_t useful = block->bias ? length(block->filters) : 0;
    for (const std::int64_t m : block->filters) {
      for (const std::int64_t c : block->channels) useful += block->pair(job_.shape(), m, c) ? 1 : 0;
    }
    account[Cause::busy] += useful;
    account[Cause::imbalance] += elements - useful;
  } else if (block_ == blocks_.size()) {
    account[Cause::fill_drain] += elements;
  } else {
    account[gradient() ? Cause::output : Cause::weights] += elements;
  }
  const auto charge_one = [&](Unit which, bool busy) {
    counters_.blocks[which][busy ? Cause::busy : Cause::idle] += 1;
  };
  charge_one(inputs, block != nullptr && !block->bias);
  charge_one(outputs, gradient() ? drain_left_ > 0 : block != nullptr);
  if (gradient())
    charge_one(weights, block != nullptr);
  else if (!loads())
    counters_.blocks[weights][Cause::idle] += 1;
  if (gradient() || !loads() || !job_.layer->factored) counters_.blocks[rebuild][Cause::idle] += spec_.columns;
}

void Core::take_weights() {
  const bool takes = takes_weights();
  if (takes) {
    array_.commit(std::exchange(shadow_, {}));
    ++shadow_block_;
  } else {
    array_.commit(std::nullopt);
  }
  if (!next_weights_) return;
  shadow_.block = &blocks_[shadow_block_];
  shadow_.values.insert(shadow_.values.end(), next_weights_->begin(), next_weights_->end());
  ++shadow_.done;
  next_weights_.reset();
}

/// After a position was read; true when it was the step's last.
bool Core::next_position() {
  in_array_ = true;
  if (++position_ < blocks_[block_].positions.size()) return false;
  position_ = 0;
  in_array_ = false;
  ++block_;
  return block_ == blocks_.size();
}

StepCore::Progress Core::advance(Cycle) {
  Progress progress;
  const WalkBlock* const block = streamed();
  const bool was_over = block_ == blocks_.size();
  std::optional<Issue> next;
  if (active()) {
    if (begins() && !gradient() && mapping_.loads_second[step()])
      counters_.actions[weight_write] += count(buffered_weights(job_, spec_, mapping_.tiles[step()].conv));
    charge();
  }
  if (block != nullptr) {
    next = Issue{block,      &position(*block), next_columns_,
                 next_rows_, position_ == 0,    position_ + 1 == block->positions.size()};
  }
  take_weights();
  if (drain_left_ > 0) --drain_left_;
  if (block != nullptr) {
    const bool ends_block = next->last, ends_step = next_position();
    if (gradient() && ends_block) drain_left_ = block->bias ? 1 : length(block->channels);
    progress.consumed = ends_step && !gradient();
  }
  if (active() && was_over) progress.consumed = drain_left_ == 0;
  issue_ = std::move(next);
  pipeline_.push_back(array_.result());
  pipeline_.pop_front();
  ending_.push_back(progress.consumed);
  if (ending_.front()) ++progress.completed;
  ending_.pop_front();
  if (progress.consumed) {
    count_requantised();
    if (step() + 1 < mapping_.tiles.size()) begin_step(step() + 1);
  }
  return progress;
}

std::string Core::state() const {
  return std::string(training::name(job_.pass)) + ": block " + std::to_string(block_) + " of " +
         std::to_string(blocks_.size()) + ", position " + std::to_string(position_) + ", weights of block " +
         std::to_string(shadow_block_) + (weights_ready() ? " ready" : " not ready");
}

}  // namespace rebasis::sim::transposable
