#include "sim/scnn/plan.h"

#include <algorithm>
#include <cmath>

#include "arch/scnn/srams.h"
#include "common/units.h"
#include "sim/core/decoder/decode_plan.h"
#include "sim/core/sequence/clocked.h"
#include "sim/core/sequence/fast.h"
#include "sim/scnn/clocked/core.h"
#include "sim/scnn/step_cost.h"
#include "sim/scnn/steps.h"

namespace rebasis::sim::scnn {

namespace {

/// Non-zero activations that the layer reads.
std::uint64_t needed_values(const Activations& image, const LayerShape& shape) {
  const Axis rows = row_axis(shape), columns = column_axis(shape);
  const Range needed_rows = rows.needed({0, rows.outputs}), needed_columns = columns.needed({0, columns.outputs});
  std::uint64_t count = 0;
  for (std::int64_t c = 0; c < shape.C; ++c) {
    for (std::int64_t h = needed_rows.first; h < needed_rows.last; ++h) {
      if (!rows.used(rows.input_residue(h))) continue;
      for (std::int64_t w = needed_columns.first; w < needed_columns.last; ++w) {
        if (columns.used(columns.input_residue(w)) && image.at(c, h, w) != 0) ++count;
      }
    }
  }
  return count;
}

/// The machine with the steps that it runs.
class ScnnMachine : public SequencedMachine {
 public:
  ScnnMachine(std::unique_ptr<StepPlan> steps, const CounterNames& names, DmaLimits limits, const DramPort& port,
              std::unique_ptr<StepCore> core)
      : SequencedMachine(*steps, names, limits, port, std::move(core)), steps_(std::move(steps)) {}

 private:
  std::unique_ptr<StepPlan> steps_;
};

class ScnnPlan : public LayerPlan {
 public:
  ScnnPlan(DenseLayer layer, const std::vector<Activations>& images, std::optional<double> output_density,
           const arch::ScnnSpec& spec, const CounterNames& names)
      : layer_(std::move(layer)),
        spec_(spec),
        names_(names),
        mapping_(map_layer(layer_, images, output_density, spec)) {
    least_values_ = UINT64_MAX;
    for (const Activations& image : images)
      least_values_ = std::min(least_values_, needed_values(image, layer_.shape()));
    if (spec.decoder.present() && !images.empty())
      decoding_ = plan_decoding(steps_of(layer_, images.front(), mapping_, spec_), weight_source(), spec.decoder);
  }

  [[nodiscard]] const trace::LayerInfo& info() const override { return layer_.info; }
  [[nodiscard]] std::map<std::string, std::string> describe() const override { return mapping_.describe(); }
  [[nodiscard]] DramBytes compulsory_traffic() const override;
  [[nodiscard]] std::vector<Bound> bounds(const Counters& sum, std::int64_t images) const override;
  [[nodiscard]] double mac_utilisation(const Counters& sum) const override {
    const auto products = sum.actions[static_cast<std::size_t>(Action::multiply)] / multiplications(spec_);
    return static_cast<double>(products) / (static_cast<double>(spec_.multipliers()) * static_cast<double>(sum.cycles));
  }
  [[nodiscard]] std::map<std::string, double> statistics() const override {
    const auto zeros = std::count(layer_.weights.begin(), layer_.weights.end(), 0);
    return {{"scnn_weight_density", 1 - static_cast<double>(zeros) / static_cast<double>(layer_.weights.size())},
            {"scnn_output_density", mapping_.output_density}};
  }
  [[nodiscard]] LayerRun run_fast(const Activations& image, const DramPort& port, bool keep_steps) const override {
    const StepPlan steps = steps_for(image);
    StepCosts costs(layer_, mapping_, image, spec_);
    const auto cost = [&](std::size_t step, Counters& counters) { return costs(step, counters); };
    return run_sequence(steps, names_, limits(), port, cost, keep_steps);
  }
  [[nodiscard]] std::unique_ptr<Machine> machine(const Activations& image, const DramPort& port) const override {
    auto steps = std::make_unique<StepPlan>(steps_for(image));
    auto core = std::make_unique<ClockedCore>(layer_, mapping_, image, spec_, names_);
    return std::make_unique<ScnnMachine>(std::move(steps), names_, limits(), port, std::move(core));
  }
  [[nodiscard]] std::vector<std::int32_t> integer_weights() const override {
    return {layer_.weights.begin(), layer_.weights.end()};
  }
  [[nodiscard]] std::string mapping_identity() const override { return mapping_.identity(); }
  [[nodiscard]] std::string step_name(const StepTimes& step) const override;

 private:
  [[nodiscard]] DmaLimits limits() const { return {spec_.dma_request_bytes, spec_.dma_outstanding}; }

  [[nodiscard]] StepPlan steps_for(const Activations& image) const {
    StepPlan steps = steps_of(layer_, image, mapping_, spec_);
    decode_loads(steps, decoding_);
    return steps;
  }
  [[nodiscard]] WeightSource weight_source() const;

  DenseLayer layer_;
  const arch::ScnnSpec& spec_;
  const CounterNames& names_;
  Mapping mapping_;
  std::shared_ptr<const DecodePlan> decoding_;
  std::uint64_t least_values_ = 0;  ///< non-zero activations of the image with the fewest
};

WeightSource ScnnPlan::weight_source() const {
  WeightSource source;
  source.weights = layer_.weights;
  source.order = [this](const ConvTile& tile, std::size_t, std::vector<std::int32_t>& order) {
    weight_places(layer_.shape(), spec_, tile.filters, tile.channels, order);
  };
  source.bias_bytes = [this](const ConvTile& tile) {
    return layer_.has_bias && tile.first_chunk ? 4 * static_cast<std::uint64_t>(tile.filters.size()) : 0;
  };
  source.stores_zeros = false;
  source.element_bytes = ceil_div<std::int64_t>(spec_.stored_bits(), 8);
  source.buffer = weight_staging;
  return source;
}

DramBytes ScnnPlan::compulsory_traffic() const {
  // Non-zero values with their runs, without headers and placeholders, which depend on how tensors are cut.
  const auto weights = static_cast<std::uint64_t>(
      std::count_if(layer_.weights.begin(), layer_.weights.end(), [](std::int8_t w) { return w != 0; }));
  const LayerShape& shape = layer_.shape();
  const auto bits = [&](std::int64_t width, std::uint64_t values) {
    return static_cast<std::uint64_t>(width) * values / 8;
  };
  const auto outputs = static_cast<double>(shape.M * shape.E() * shape.F()) * mapping_.output_density;
  const DramBytes plain{
      bits(spec_.precision_bits, weights) + (layer_.has_bias ? 4 * static_cast<std::uint64_t>(shape.M) : 0), 0,
      bits(spec_.run_bits, weights), bits(spec_.stored_bits(), least_values_),
      bits(spec_.stored_bits(), static_cast<std::uint64_t>(outputs))};
  return sim::compulsory_traffic(decoding_, plain);
}

std::vector<Bound> ScnnPlan::bounds(const Counters& sum, std::int64_t images) const {
  const auto all = static_cast<double>(spec_.pes());
  Cycle drains = 0;
  for (std::size_t tile = 0; tile < mapping_.tiles.size(); ++tile) {
    for (std::size_t group = 0; group < mapping_.groups.size(); ++group)
      drains += drain_of_step(mapping_, {tile, group, 0}, spec_).cycles;
  }
  const auto products =
      static_cast<double>(sum.actions[static_cast<std::size_t>(Action::multiply)] / multiplications(spec_));
  return {{"multipliers", products / static_cast<double>(spec_.multipliers())},
          {"compute", static_cast<double>(sum.blocks[pes][Cause::busy]) / all},
          {"weight_broadcast", static_cast<double>(sum.blocks[weight_ports][Cause::busy]) / all},
          {"accumulator_banks",
           static_cast<double>(sum.blocks[accumulator_banks][Cause::busy]) / (all * static_cast<double>(spec_.banks))},
          {"ppu", static_cast<double>(drains * images)}};
}

std::string ScnnPlan::step_name(const StepTimes& step) const {
  const StepId id = step_id(mapping_, static_cast<std::size_t>(step.block));
  return "planar tile " + std::to_string(id.tile) + ", filter group " + std::to_string(id.group) + ", channel chunk " +
         std::to_string(id.chunk);
}

}  // namespace

arch::EnergyTable::Srams sram_geometry(const arch::ScnnSpec& spec) {
  return arch::bank_of_each(arch::sram_banks(spec));
}

std::vector<std::string> shell_names(const arch::ScnnSpec& spec) {
  std::vector<std::string> core{"weight_broadcast", "ppu"};
  for (std::int64_t row = 0; row < spec.pe_rows; ++row) {
    for (std::int64_t column = 0; column < spec.pe_columns; ++column)
      core.push_back("pe_" + std::to_string(row) + "_" + std::to_string(column));
  }
  return SequencedMachine::shell_names(std::move(core));
}

std::vector<std::string> probe_names(const arch::ScnnSpec&) {
  return SequencedMachine::probe_names(
      {"weight_broadcast.vectors_sent", "pes.multiplying", "pes.in_conflict", "ppu.draining"});
}

std::optional<std::string> unsupported_layer(const trace::LayerInfo& info, const arch::ScnnSpec& spec) {
  if (const auto reason = not_dense(info)) return reason;
  if (auto reason = too_wide(info, spec.precision_bits, "array.precision")) return reason;
  const LayerShape& shape = info.shape;
  const bool single = shape.H * shape.W == 1 && shape.E() * shape.F() == 1;
  if (spec.fully_connected || (info.op != "fc" && !single)) return std::nullopt;
  const std::string what =
      info.op == "fc" ? "a fully-connected layer" : "a convolution of a 1x1 map, as in squeeze-and-excite blocks";
  return what + ": there is no plane to spread over the PEs; fc.enabled=true runs it with one activation a vector";
}

std::unique_ptr<LayerPlan> make_plan(DenseLayer layer, const std::vector<Activations>& images,
                                     std::optional<double> output_density, const arch::ScnnSpec& spec,
                                     const CounterNames& names) {
  return std::make_unique<ScnnPlan>(std::move(layer), images, output_density, spec, names);
}

}  // namespace rebasis::sim::scnn
