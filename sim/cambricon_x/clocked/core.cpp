#include "sim/cambricon_x/clocked/core.h"

#include <algorithm>
#include <sstream>

namespace rebasis::sim::cambricon_x {

Core::Core(const SparseLayer& layer, const Mapping& mapping, const Activations& image, const CounterNames& names)
    : layer_(layer),
      spec_(layer.spec()),
      mapping_(mapping),
      image_(image),
      needed_(static_cast<std::size_t>(spec_.pes)),
      operands_(needed_.size()),
      next_operands_(needed_.size()),
      results_(needed_.size()),
      next_results_(needed_.size()),
      lanes_(needed_.size()),
      pe_(needed_.size(), Pe(spec_.tree_stages())),
      outputs_(static_cast<std::size_t>(layer.shape().M * layer.shape().E() * layer.shape().F())),
      counters_(names) {
  registers_.line.resize(static_cast<std::size_t>(spec_.lines));
  for (std::size_t i = 0; i < mapping.weight_tiles.size(); ++i)
    programs_.push_back(program_of(layer, mapping.weight_tiles[i], mapping.passes[i]));
  for (std::size_t step = 0; step < mapping.steps.steps.size(); ++step) {
    std::int64_t filters = 0;
    for (const auto& lane : program_of_step(step).lanes) filters += static_cast<std::int64_t>(lane.size());
    results_due_.push_back(filters * positions(step));
  }
}

void Core::evaluate(std::size_t shell, Cycle now) {
  if (shell == controller_shell)
    read_line();
  else if (shell == indexing_shell)
    select();
  else if (shell < first_pe_shell + pe_.size())
    multiply(shell - first_pe_shell, now);
  else
    collect();
}

/// Buffer controller: one line a cycle, into the register of a line that every lane has passed.
void Core::read_line() {
  reads_ = false;
  if (!active()) return;
  const Program& program = program_of_step(step());
  const std::int64_t read = begins() ? 0 : addressed_, lines = static_cast<std::int64_t>(program.lines.size());
  if (read == positions(step()) * lines) return;
  const std::int64_t leaves = read - spec_.lines;
  if (leaves >= 0 && *std::min_element(needed_.begin(), needed_.end()) <= leaves) return;
  reads_ = true;
  const LayerShape& shape = layer_.shape();
  const ConvTile& tile = step_of(step()).tile;
  const std::int64_t position = read / lines, width = tile.columns.size();
  const std::int64_t top = (tile.rows.first + position / width) * shape.stride_h - shape.pad_top;
  const std::int64_t left = (tile.columns.first + position % width) * shape.stride_w - shape.pad_left;
  line_.clear();
  for (const Candidate& candidate : program.lines[static_cast<std::size_t>(read % lines)]) {
    const std::int64_t h = top + candidate.r * shape.dilation_h, w = left + candidate.s * shape.dilation_w;
    line_.push_back(image_.at(candidate.channel, h, w));
    if (h >= 0 && h < shape.H && w >= 0 && w < shape.W) add(nbin_read, spec_.element_bytes());
  }
  add(register_write, static_cast<std::int64_t>(line_.size()) * spec_.element_bytes());
}

/// Indexing module: every lane for itself.
void Core::select() {
  for (std::size_t i = 0; i < lanes_.size(); ++i) {
    next_operands_[i] = {};
    if (!active()) continue;
    if (begins()) lanes_[i].begin(program_of_step(step()), i, positions(step()));
    // What the registers hold when a step begins belongs to the step before.
    static const LineRegisters none;
    next_operands_[i] = lanes_[i].work(begins() ? none : registers_, spec_.multipliers, step());
    const auto taken = static_cast<std::int64_t>(next_operands_[i].neurons.size());
    add(index_read, (lanes_[i].index_bits_begun() + 7) / 8);
    add(Action::select, taken);
    add(register_write, taken * spec_.element_bytes());
  }
}

void Core::multiply(std::size_t pe, Cycle now) {
  const Selection& operands = operands_[pe];
  next_results_[pe] = pe_[pe].work(operands, operands.valid ? &program_of_step(operands.step).lanes[pe] : nullptr, now);
  const auto products = static_cast<std::int64_t>(pe_[pe].products());
  counters_.effective_macs += pe_[pe].effective_products();
  add(register_read, products * spec_.element_bytes());
  add(sb_read, products * spec_.element_bytes());
  add(mac, products * spec_.macs_per_product());
  if (products != 0) add(accumulate, 1);
  const bool takes_bias =
      operands.valid && operands.last && layer_.dense().has_bias && step_of(operands.step).tile.first_chunk;
  if (takes_bias) add(sb_read, bias_bytes);
}

void Core::collect() {
  for (const PeResult& result : results_) {
    if (result.valid) write(result);
  }
}

/// Output path: adds to the partial sum of earlier channels, requantises what is final.
void Core::write(const PeResult& result) {
  const ConvTile& tile = step_of(result.step).tile;
  const LayerShape& shape = layer_.shape();
  const std::int64_t e = tile.rows.first + result.position / tile.columns.size(),
                     f = tile.columns.first + result.position % tile.columns.size();
  outputs_[static_cast<std::size_t>((result.filter * shape.E() + e) * shape.F() + f)] += result.sum;
  if (!tile.first_chunk) {
    add(accumulate, 1);
    add(nbout_read, partial_sum_bytes);
  }
  add(nbout_write, tile.last_chunk ? spec_.element_bytes() : partial_sum_bytes);
  if (tile.last_chunk) add(requantise, 1);
  --results_due_[result.step];
}

/// Each block's cycle, when a step is in progress.
void Core::charge() {
  for (std::size_t i = 0; i < lanes_.size(); ++i) {
    Cause cause = Cause::imbalance;
    if (lanes_[i].doing() == Lane::Doing::takes) cause = Cause::busy;
    if (lanes_[i].doing() == Lane::Doing::scans) cause = Cause::index;
    const bool coming = !begins() && addressed_ > lanes_[i].next_line();
    if (lanes_[i].doing() == Lane::Doing::waits && (reads_ || coming)) cause = Cause::inputs;
    for (const Block block : {pes, indexing_lanes}) ++counters_.blocks[block][cause];
    ++counters_.blocks[nbout_banks][next_operands_[i].last ? Cause::busy : Cause::idle];
  }
  ++counters_.blocks[nbin_port][reads_ ? Cause::busy : Cause::imbalance];
}

Core::Progress Core::advance(Cycle) {
  Progress progress;
  if (active()) {
    charge();
    if (begins()) {
      registers_.read = addressed_ = 0;
      on_the_way_.assign(static_cast<std::size_t>(spec_.nbin_latency), std::nullopt);
    }
    on_the_way_.push_back(reads_ ? std::optional(line_) : std::nullopt);
    if (reads_) ++addressed_;
    if (auto& line = on_the_way_.front())
      registers_.line[static_cast<std::size_t>(registers_.read++) % registers_.line.size()] = std::move(*line);
    on_the_way_.pop_front();
    for (std::size_t i = 0; i < lanes_.size(); ++i) needed_[i] = lanes_[i].next_line();
    progress.consumed = std::all_of(lanes_.begin(), lanes_.end(), [](const Lane& lane) { return lane.done(); });
  }
  std::swap(operands_, next_operands_);
  std::swap(results_, next_results_);
  for (; completed_steps_ < results_due_.size() && results_due_[completed_steps_] == 0; ++completed_steps_)
    ++progress.completed;
  return progress;
}

std::string Core::state() const {
  std::ostringstream text;
  text << "lines read " << registers_.read << "; next line of each lane";
  for (const std::int64_t line : needed_) text << ' ' << line;
  return text.str();
}

std::vector<int> Core::probes() const {
  const auto lanes = std::count_if(operands_.begin(), operands_.end(),
                                   [](const Selection& s) { return s.valid && !s.neurons.empty(); });
  const auto results = std::count_if(results_.begin(), results_.end(), [](const PeResult& r) { return r.valid; });
  return {static_cast<int>(registers_.read), static_cast<int>(lanes), static_cast<int>(results)};
}

}  // namespace rebasis::sim::cambricon_x
