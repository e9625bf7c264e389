#include "sim/trec/plan.h"

#include "sim/core/decoder/decode_plan.h"
#include "sim/core/sequence/clocked.h"
#include "sim/core/sequence/fast.h"
#include "sim/core/system.h"
#include "sim/core/tiling/tiling.h"
#include "sim/diannao/plan.h"
#include "sim/trec/clocked/core.h"
#include "sim/trec/cost.h"

namespace rebasis::sim::trec {

namespace {

class TrecPlan : public LayerPlan {
 public:
  TrecPlan(ReuseLayer layer, const arch::TrecSpec& spec, const CounterNames& names, const MemorySpeed& memory)
      : layer_(std::move(layer)),
        spec_(spec),
        names_(names),
        mapping_(best_mapping(layer_, spec, memory)),
        steps_(reuse_steps(layer_, spec, mapping_)) {
    StepPlan& plan = steps_.plan;
    plan.buffers[input_buffer].write_action = diannao::nbin_write;
    plan.buffers[weight_buffer].write_action = diannao::sb_write;
    plan.buffers[hash_buffer].write_action = hash_vectors_write;
    plan.output_read_action = diannao::nbout_read;
    plan.output_write_action = diannao::nbout_write;
    decode_loads(plan, plan_decoding(plan, weight_source(), spec.decoder));
  }

  [[nodiscard]] const trace::LayerInfo& info() const override { return layer_.dense.info; }
  [[nodiscard]] std::map<std::string, std::string> describe() const override {
    auto text = mapping_.describe();
    text["reuse"] = "L " + std::to_string(layer_.hash.length) + ", H " + std::to_string(layer_.hash.hashes);
    return text;
  }
  [[nodiscard]] DramBytes compulsory_traffic() const override {
    DramBytes least = sim::compulsory_traffic(steps_.plan.decoding, trec::compulsory_traffic(layer_));
    if (steps_.plan.decoding) least.index = trec::compulsory_traffic(layer_).index;  // the hash vectors
    return least;
  }
  [[nodiscard]] std::vector<Bound> bounds(const Counters& sum, std::int64_t) const override;
  [[nodiscard]] double mac_utilisation(const Counters& sum) const override {
    return static_cast<double>(sum.effective_macs) /
           (static_cast<double>(spec_.Tn * spec_.Ti) * static_cast<double>(sum.cycles));
  }
  [[nodiscard]] std::map<std::string, double> measured(const Counters& sum) const override {
    const auto count = [&](Action action) { return static_cast<double>(sum.actions[action]); };
    return {{"reuse_redundancy", 1 - count(buckets) / count(sub_vectors)},
            {"reuse_conflict_cycles", count(conflict_cycles)},
            {"reuse_hazards", count(hazards)}};
  }

  [[nodiscard]] LayerRun run_fast(const Activations& image, const DramPort& port, bool keep_steps) const override {
    StepCoster coster(layer_, spec_, names_, steps_, mapping_.slice, image);
    const auto cost = [&](std::size_t step, Counters& counters) { return coster.cost(step, counters); };
    return run_sequence(steps_.plan, names_, dma_limits(spec_), port, cost, keep_steps);
  }
  [[nodiscard]] std::unique_ptr<Machine> machine(const Activations& image, const DramPort& port) const override {
    return std::make_unique<SequencedMachine>(
        steps_.plan, names_, dma_limits(spec_), port,
        std::make_unique<ReuseCore>(layer_, spec_, names_, steps_, mapping_.slice, image));
  }
  [[nodiscard]] std::vector<std::int32_t> integer_weights() const override {
    return {layer_.dense.weights.begin(), layer_.dense.weights.end()};
  }
  [[nodiscard]] std::vector<std::int64_t> expected_outputs(const Activations& image) const override {
    return reused_outputs(layer_, image, mapping_.rows);
  }
  [[nodiscard]] std::string mapping_identity() const override {
    return "reuse " + identity(steps_.plan) + " columns " + std::to_string(mapping_.columns) + " slice " +
           std::to_string(mapping_.slice);
  }
  [[nodiscard]] std::string step_name(const StepTimes& step) const override;

 private:
  [[nodiscard]] WeightSource weight_source() const;

  ReuseLayer layer_;
  const arch::TrecSpec& spec_;
  const CounterNames& names_;
  Mapping mapping_;
  ReuseSteps steps_;
};

WeightSource TrecPlan::weight_source() const {
  WeightSource source;
  source.weights = layer_.dense.weights;
  source.order = [this](const ConvTile& tile, std::size_t step, std::vector<std::int32_t>& order) {
    weight_order(layer_, tile, steps_.columns[step], order);
  };
  source.bias_bytes = [this](const ConvTile& tile) { return bias_bytes(layer_, tile); };
  source.element_bytes = spec_.element_bytes();
  source.buffer = weight_buffer;
  return source;
}

std::vector<Bound> TrecPlan::bounds(const Counters& sum, std::int64_t images) const {
  const auto busy = [&](std::size_t block) {
    return static_cast<double>(sum.blocks[block][Cause::busy]) / static_cast<double>(names_.blocks[block].instances);
  };
  const LayerShape& shape = layer_.shape();
  const auto rows = static_cast<double>(shape.E() * shape.F() * images);
  const auto filter_blocks = static_cast<double>(ceil_div(shape.filters_per_group(), spec_.Tn) * shape.groups);
  // What takes no part in the data: elements to hash, rows to gather.
  const double hashing = rows * static_cast<double>(shape.groups * layer_.depth() * layer_.hash.hashes) /
                         static_cast<double>(spec_.hash_lanes * spec_.hash_width);
  const double gathering = rows * filter_blocks * static_cast<double>(ceil_div(layer_.columns(), spec_.gather_columns));
  return {{"compute", busy(diannao::nfu1)},
          {"hash_lanes", hashing},
          {"gather", gathering},
          {"accumulators", busy(accumulators)},
          {"dividers", busy(dividers)},
          {"nbin", busy(diannao::nbin)},
          {"sb", busy(diannao::sb)},
          {"nbout", busy(diannao::nbout)}};
}

std::string TrecPlan::step_name(const StepTimes& step) const {
  const auto number = static_cast<std::size_t>(step.block);
  const ConvTile& tile = steps_.plan.steps[number].tile;
  const auto range = [](const char* what, const Range& r) {
    return std::string(", ") + what + " " + std::to_string(r.first) + " to " + std::to_string(r.last - 1);
  };
  return "step " + std::to_string(step.block) + range("groups", tile.groups) + range("filters", tile.filters) +
         range("rows", tile.rows) + range("sub-matrix columns", steps_.columns[number]);
}

}  // namespace

std::vector<std::string> shell_names() {
  std::vector<std::string> names = diannao::shell_names();
  names.insert(names.end(), {"hash_lanes", "accumulators", "dividers", "gather"});
  return names;
}

std::vector<std::string> probe_names() {
  return SequencedMachine::probe_names(
      {"nbin.valid", "nfu1.valid", "nfu2.valid", "nfu3.valid", "hash_lanes.valid", "gather.valid"});
}

std::unique_ptr<LayerPlan> make_plan(ReuseLayer layer, const arch::TrecSpec& spec, const CounterNames& names,
                                     const MemorySpeed& memory) {
  return std::make_unique<TrecPlan>(std::move(layer), spec, names, memory);
}

}  // namespace rebasis::sim::trec
