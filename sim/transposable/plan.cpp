#include "sim/transposable/plan.h"

#include "sim/core/sequence/clocked.h"
#include "sim/core/sequence/fast.h"
#include "sim/core/system.h"
#include "sim/transposable/clocked/core.h"
#include "sim/transposable/cost.h"
#include "sim/transposable/update.h"

namespace rebasis::sim::transposable {

namespace {

/// The layer's description under the name of the pass.
trace::LayerInfo named(const TrainedLayer& layer, const Job& job) {
  trace::LayerInfo info = layer.info;
  info.name += std::string(":") + training::name(job.pass);
  return info;
}

std::string range(const char* what, const Range& r) {
  return std::string(", ") + what + " " + std::to_string(r.first) + " to " + std::to_string(r.last - 1);
}

class ArrayPlan : public PassPlan {
 public:
  ArrayPlan(std::shared_ptr<const TrainedLayer> layer, Job job, const arch::TransposableSpec& spec,
            const CounterNames& names, const MemorySpeed& memory, OperandSource operands)
      : layer_(std::move(layer)),
        job_(job),
        info_(named(*layer_, job)),
        spec_(spec),
        names_(names),
        mapping_(map_job(job_, spec, memory)),
        source_(std::move(operands)) {}

  [[nodiscard]] const trace::LayerInfo& info() const override { return info_; }
  [[nodiscard]] const Job& job() const override { return job_; }
  [[nodiscard]] const CounterNames& names() const override { return names_; }
  [[nodiscard]] std::size_t shells() const override { return shell_names().size(); }
  [[nodiscard]] std::map<std::string, std::string> describe() const override {
    auto text = mapping_.description;
    text["pass"] = training::name(job_.pass);
    text["images"] = std::to_string(job_.images);
    return text;
  }
  [[nodiscard]] DramBytes compulsory_traffic() const override { return mapping_.compulsory; }
  [[nodiscard]] std::vector<Bound> bounds(const Counters& sum, std::int64_t) const override {
    const auto busy = [&](Unit block) { return static_cast<double>(sum.blocks[block][Cause::busy]); };
    return {{"compute", static_cast<double>(sum.effective_macs) / static_cast<double>(spec_.rows * spec_.columns)},
            {"input_gb", busy(inputs)},
            {"weight_buffer", busy(weights)},
            {"output_gb", busy(outputs)}};
  }
  [[nodiscard]] double mac_utilisation(const Counters& sum) const override {
    return static_cast<double>(sum.effective_macs) /
           (static_cast<double>(spec_.rows * spec_.columns) * static_cast<double>(sum.cycles));
  }
  [[nodiscard]] LayerRun run_fast(const Activations&, const DramPort& port, bool keep_steps) const override {
    const auto cost = [&](std::size_t step, Counters& counters) {
      return array_cost(job_, spec_, mapping_.tiles[step], mapping_.loads_second[step], counters);
    };
    return run_sequence(mapping_.steps, names_, dma_limits(spec_), port, cost, keep_steps);
  }
  [[nodiscard]] std::unique_ptr<Machine> machine(const Activations&, const DramPort& port) const override {
    return std::make_unique<SequencedMachine>(mapping_.steps, names_, dma_limits(spec_), port,
                                              std::make_unique<Core>(job_, spec_, names_, mapping_, operands_));
  }
  void load_values() override {
    if (operands_.x.empty() && operands_.dy.empty()) operands_ = source_(job_);
  }
  [[nodiscard]] std::vector<std::int64_t> expected() const override { return reference_pass(job_, operands_); }
  [[nodiscard]] std::string step_name(const StepTimes& step) const override {
    const Tile& tile = mapping_.tiles[static_cast<std::size_t>(step.block)];
    return "step " + std::to_string(step.block) + range("groups", tile.conv.groups) +
           range("filters", tile.conv.filters) + range("channels", tile.conv.channels) + range("images", tile.images) +
           range("rows", tile.conv.rows);
  }

 private:
  std::shared_ptr<const TrainedLayer> layer_;
  Job job_;
  trace::LayerInfo info_;
  const arch::TransposableSpec& spec_;
  const CounterNames& names_;
  Mapping mapping_;
  OperandSource source_;
  Operands operands_;
};

class UpdatePlan : public PassPlan {
 public:
  UpdatePlan(std::shared_ptr<const TrainedLayer> layer, Job job, const arch::TransposableSpec& spec,
             const CounterNames& names)
      : layer_(std::move(layer)),
        job_(job),
        info_(named(*layer_, job)),
        spec_(spec),
        names_(names),
        mapping_(map_update(job_, spec)) {}

  [[nodiscard]] const trace::LayerInfo& info() const override { return info_; }
  [[nodiscard]] const Job& job() const override { return job_; }
  [[nodiscard]] const CounterNames& names() const override { return names_; }
  [[nodiscard]] std::size_t shells() const override {
    return SequencedMachine::first_core_shell + update_shell_names().size();
  }
  [[nodiscard]] std::map<std::string, std::string> describe() const override {
    return {{"pass", training::name(job_.pass)},
            {"optimiser", spec_.optimiser},
            {"steps", std::to_string(mapping_.chunks.size())}};
  }
  [[nodiscard]] DramBytes compulsory_traffic() const override { return mapping_.compulsory; }
  [[nodiscard]] std::vector<Bound> bounds(const Counters& sum, std::int64_t) const override {
    return {{"compute", static_cast<double>(sum.blocks[update_lanes][Cause::busy]) / static_cast<double>(spec_.lanes)}};
  }
  [[nodiscard]] double mac_utilisation(const Counters&) const override { return 0; }
  [[nodiscard]] LayerRun run_fast(const Activations&, const DramPort& port, bool keep_steps) const override {
    const auto cost = [&](std::size_t step, Counters& counters) {
      return update_cost(job_, spec_, mapping_.chunks[step], counters);
    };
    return run_sequence(mapping_.steps, names_, dma_limits(spec_), port, cost, keep_steps);
  }
  [[nodiscard]] std::unique_ptr<Machine> machine(const Activations&, const DramPort& port) const override {
    return std::make_unique<SequencedMachine>(mapping_.steps, names_, dma_limits(spec_), port,
                                              make_update_core(job_, spec_, names_, mapping_));
  }
  [[nodiscard]] std::vector<std::int64_t> expected() const override { return {}; }

 private:
  std::shared_ptr<const TrainedLayer> layer_;
  Job job_;
  trace::LayerInfo info_;
  const arch::TransposableSpec& spec_;
  const CounterNames& names_;
  UpdateMapping mapping_;
};

}  // namespace

PassNames::PassNames(const arch::TransposableSpec& spec) : array(array_names(spec)), update(update_names(spec)) {}

std::vector<std::string> shell_names() { return SequencedMachine::shell_names(Core::shell_names()); }

std::vector<std::string> probe_names() {
  return SequencedMachine::probe_names({"array.streams", "weights.load", "sums.drain", "results.valid"});
}

std::unique_ptr<PassPlan> make_plan(std::shared_ptr<const TrainedLayer> layer, Job job,
                                    const arch::TransposableSpec& spec, const PassNames& names,
                                    const MemorySpeed& memory, OperandSource operands) {
  job.layer = layer.get();
  if (job.pass == Pass::update) return std::make_unique<UpdatePlan>(std::move(layer), job, spec, names.update);
  return std::make_unique<ArrayPlan>(std::move(layer), job, spec, names.array, memory, std::move(operands));
}

}  // namespace rebasis::sim::transposable
