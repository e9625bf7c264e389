#include "sim/bit_pragmatic/plan.h"

#include <algorithm>
#include <utility>

#include "common/units.h"
#include "sim/bit_pragmatic/brick_table.h"
#include "sim/bit_pragmatic/clocked/core.h"
#include "sim/bit_pragmatic/fast_cost.h"
#include "sim/core/decoder/decode_plan.h"
#include "sim/core/sequence/clocked.h"
#include "sim/core/sequence/fast.h"
#include "sim/core/system.h"
#include "sim/core/tiling/tiling.h"

namespace rebasis::sim::bit_pragmatic {

namespace {

constexpr std::int64_t bias_bytes = 4;

/// Groups that share a brick: as many as fit the lanes with their channels and the rows with their filters, and divide
/// the groups.
std::int64_t groups_in_brick(const LayerShape& shape, const arch::BitPragmaticSpec& spec) {
  if (!spec.pack_groups) return 1;
  std::int64_t packed =
      std::min({shape.groups, spec.lanes / shape.channels_per_group(), spec.filters() / shape.filters_per_group()});
  while (packed > 1 && shape.groups % packed != 0) --packed;
  return std::max<std::int64_t>(1, packed);
}

/// Where the weights of a tile of the packed layer are in the original one, filter after filter.
void weight_order(const LayerShape& packed_shape, std::int64_t packed, const ConvTile& tile,
                  std::vector<std::int32_t>& order) {
  const LayerShape& shape = packed_shape;
  const std::int64_t taps = shape.R * shape.S, channels = shape.channels_per_group() / packed;
  const std::int64_t filters = shape.filters_per_group() / packed;  // of an original group
  for (std::int64_t g = tile.groups.first; g < tile.groups.last; ++g) {
    for (std::int64_t f = tile.filters.first; f < tile.filters.last; ++f) {
      const std::int64_t m = g * shape.filters_per_group() + f;
      for (std::int64_t c = tile.channels.first; c < tile.channels.last; ++c) {
        const bool own = c / channels == m / filters % packed;
        const std::int64_t first = (m * channels + c % channels) * taps;
        for (std::int64_t tap = 0; tap < taps; ++tap)
          order.push_back(own ? static_cast<std::int32_t>(first + tap) : WeightSource::not_a_weight);
      }
    }
  }
}

/// The same layer with `packed` groups made one: each filter has zeros for the channels of the others.
DenseLayer pack(const DenseLayer& layer, std::int64_t packed) {
  if (packed == 1) return layer;
  const LayerShape& shape = layer.shape();
  DenseLayer result = layer;
  result.info.shape.groups = shape.groups / packed;
  const std::int64_t kernel = shape.R * shape.S, block = shape.channels_per_group() * kernel;
  result.weights.assign(static_cast<std::size_t>(shape.M * packed * block), 0);
  for (std::int64_t m = 0; m < shape.M; ++m) {
    const std::int64_t own = m / shape.filters_per_group() % packed;
    std::copy_n(layer.weights.begin() + m * block, block, result.weights.begin() + (m * packed + own) * block);
  }
  return result;
}

TilingProblem tiling_problem(const DenseLayer& layer, const LayerBricks& bricks, const arch::BitPragmaticSpec& spec) {
  const LayerShape shape = layer.shape();
  TilingProblem problem;
  problem.shape = shape;
  problem.layer = layer.info.name;
  problem.input_bytes = problem.output_bytes = spec.element_bytes();
  problem.partial_sum_bytes = problem.accumulator_bytes = spec.accumulator_bytes();
  problem.sums_in_array = true;  // a PIP accumulates its window
  problem.input_buffer = spec.nbin_bytes;
  problem.weight_buffer = spec.sb_bytes;
  problem.output_buffer = spec.nbout_bytes;
  problem.granule = {1, spec.filters(), spec.lanes, 1, spec.columns};
  const bool bias = layer.has_bias;
  const std::int64_t element = spec.element_bytes();
  problem.weights = [shape, bias, element](const ConvTile& tile) {
    const std::int64_t filters = tile.groups.size() * tile.filters.size();
    const std::int64_t weights = filters * tile.channels.size() * shape.R * shape.S * element;
    return WeightBytes{static_cast<std::uint64_t>(weights + (bias && tile.first_chunk ? filters * bias_bytes : 0)), 0};
  };
  // Activations are not known yet: half the powers of two there can be.
  problem.cycles = [shape, &bricks, &spec](const ConvTile& tile) {
    const double cycles_of_brick = static_cast<double>(spec.precision_bits) / 2;
    return static_cast<double>(StepWork(shape, bricks, spec, tile).sets()) * cycles_of_brick;
  };
  return problem;
}

class BitPragmaticPlan : public LayerPlan {
 public:
  BitPragmaticPlan(DenseLayer layer, const arch::BitPragmaticSpec& spec, const CounterNames& names,
                   const MemorySpeed& memory, std::map<std::string, double> statistics)
      : info_(layer.info),
        weights_(layer.weights.begin(), layer.weights.end()),
        compulsory_(compulsory(layer, spec)),
        packed_(groups_in_brick(layer.shape(), spec)),
        layer_(pack(layer, packed_)),
        spec_(spec),
        names_(names),
        statistics_(std::move(statistics)),
        bricks_(layer_.shape(), spec_, packed_),
        problem_(tiling_problem(layer_, bricks_, spec_)),
        tiling_(best_tiling(problem_, spec.objective, memory)),
        steps_(tile_steps(problem_, tiling_, {1, 1})) {
    steps_.buffers[input_buffer].write_action = nbin_write;
    steps_.buffers[weight_buffer].write_action = sb_write;
    steps_.output_read_action = nbout_read;
    steps_.output_write_action = nbout_write;
    original_.assign(weights_.begin(), weights_.end());
    decode_loads(steps_, plan_decoding(steps_, weight_source(), spec.decoder));
  }

  [[nodiscard]] const trace::LayerInfo& info() const override { return info_; }
  [[nodiscard]] std::map<std::string, std::string> describe() const override;
  [[nodiscard]] DramBytes compulsory_traffic() const override {
    return sim::compulsory_traffic(steps_.decoding, compulsory_);
  }
  [[nodiscard]] std::vector<Bound> bounds(const Counters& sum, std::int64_t images) const override;
  [[nodiscard]] double mac_utilisation(const Counters& sum) const override;
  [[nodiscard]] std::map<std::string, double> statistics() const override { return statistics_; }

  [[nodiscard]] LayerRun run_fast(const Activations& image, const DramPort& port, bool keep_steps) const override;
  [[nodiscard]] std::unique_ptr<Machine> machine(const Activations& image, const DramPort& port) const override;
  [[nodiscard]] std::vector<std::int32_t> integer_weights() const override { return weights_; }
  [[nodiscard]] std::string mapping_identity() const override {
    return identity(steps_) + ", " + std::to_string(packed_) + " groups a brick";
  }
  [[nodiscard]] std::string step_name(const StepTimes& step) const override;

 private:
  static DramBytes compulsory(const DenseLayer& layer, const arch::BitPragmaticSpec& spec) {
    const LayerBricks bricks(layer.shape(), spec, 1);
    return sim::compulsory_traffic(tiling_problem(layer, bricks, spec));
  }

  [[nodiscard]] WeightSource weight_source() const {
    WeightSource source;
    source.weights = original_;
    source.order = [this](const ConvTile& tile, std::size_t, std::vector<std::int32_t>& order) {
      weight_order(layer_.shape(), packed_, tile, order);
    };
    source.bias_bytes = [this](const ConvTile& tile) {
      return layer_.has_bias && tile.first_chunk
                 ? static_cast<std::uint64_t>(tile.groups.size() * tile.filters.size() * sim::bit_pragmatic::bias_bytes)
                 : 0;
    };
    source.element_bytes = spec_.element_bytes();
    source.buffer = weight_buffer;
    return source;
  }

  trace::LayerInfo info_;
  std::vector<std::int32_t> weights_;  ///< as in the trace
  std::vector<std::int8_t> original_;  ///< the same, for the decoder
  DramBytes compulsory_;
  std::int64_t packed_;  ///< groups that share a brick
  DenseLayer layer_;     ///< as the array sees it
  const arch::BitPragmaticSpec& spec_;
  const CounterNames& names_;
  std::map<std::string, double> statistics_;
  LayerBricks bricks_;
  TilingProblem problem_;
  Tiling tiling_;
  StepPlan steps_;
};

std::map<std::string, std::string> BitPragmaticPlan::describe() const {
  std::map<std::string, std::string> text = tiling_.describe();
  text["bricks"] = std::to_string(bricks_.size()) + " a window";
  const std::int64_t taps = bricks_[0].taps.size();
  if (packed_ > 1) text["bricks"] += ", " + std::to_string(packed_) + " groups each";
  if (taps > 1) text["bricks"] += ", " + std::to_string(taps) + " kernel columns each";
  return text;
}

std::vector<Bound> BitPragmaticPlan::bounds(const Counters& sum, std::int64_t) const {
  const auto busy = [&](Block block) { return static_cast<double>(sum.blocks[block][Cause::busy]); };
  return {{"compute", static_cast<double>(sum.actions[digit_step]) / static_cast<double>(spec_.multipliers())},
          {"columns", busy(columns_block) / static_cast<double>(spec_.columns)},
          {"synapse_buffer", busy(synapse_buffer_block)},
          {"nbin", busy(dispatcher_block)},
          {"output_port", busy(output_port_block)}};
}

double BitPragmaticPlan::mac_utilisation(const Counters& sum) const {
  return static_cast<double>(sum.actions[digit_step]) /
         (static_cast<double>(spec_.multipliers()) * static_cast<double>(sum.cycles));
}

std::string BitPragmaticPlan::step_name(const StepTimes& step) const {
  const ConvTile& tile = steps_.steps.at(static_cast<std::size_t>(step.block)).tile;
  const auto range = [](const char* what, Range r) {
    return std::string(what) + " " + std::to_string(r.first) + "-" + std::to_string(r.last - 1);
  };
  return range("groups", tile.groups) + range(", filters", tile.filters) + range(", channels", tile.channels) +
         range(", rows", tile.rows) + range(", columns", tile.columns);
}

LayerRun BitPragmaticPlan::run_fast(const Activations& image, const DramPort& port, bool keep_steps) const {
  const BrickTable table(layer_.shape(), bricks_, spec_, image);
  const auto cost = [&](std::size_t index, Counters& counters) {
    return step_cost(layer_.shape(), bricks_, spec_, table, steps_.steps[index].tile, problem_.output_bytes, counters);
  };
  return run_sequence(steps_, names_, dma_limits(spec_), port, cost, keep_steps);
}

std::unique_ptr<Machine> BitPragmaticPlan::machine(const Activations& image, const DramPort& port) const {
  auto core = std::make_unique<Core>(layer_, bricks_, spec_, steps_, names_, image);
  return std::make_unique<SequencedMachine>(steps_, names_, dma_limits(spec_), port, std::move(core));
}

}  // namespace

std::unique_ptr<LayerPlan> make_plan(DenseLayer layer, const arch::BitPragmaticSpec& spec, const CounterNames& names,
                                     const MemorySpeed& memory, std::map<std::string, double> statistics) {
  return std::make_unique<BitPragmaticPlan>(std::move(layer), spec, names, memory, std::move(statistics));
}

}  // namespace rebasis::sim::bit_pragmatic
