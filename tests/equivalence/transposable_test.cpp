// The training accelerator: for each pass of a training step fast equals clocked, and what clocked computes equals
// loops written from the definitions; random layers, batches, arrays, buffers and memories, weights dense and as Ce B.
#include <doctest/doctest.h>

#include <algorithm>
#include <map>

#include "common/error.h"
#include "sim/core/compare_runs.h"
#include "sim/core/system.h"
#include "sim/transposable/counters.h"
#include "sim/transposable/plan.h"
#include "tests/support/model_equivalence.h"
#include "tests/support/random_shape.h"

using rebasis::arch::TransposableSpec;
using rebasis::encode::SmartDealForm;
using rebasis::sim::MemorySpeed;
using namespace rebasis::test;
namespace transposable = rebasis::sim::transposable;
using transposable::Job;
using transposable::Operands;
using transposable::Pass;
using transposable::PassPlan;
using transposable::TrainedLayer;

namespace {

constexpr std::uint64_t cases = 400;

TransposableSpec random_spec(Dice& dice) {
  TransposableSpec spec = rebasis::arch::transposable_parameters().resolve({});
  randomise_system(spec, dice);
  spec.rows = dice.pick<std::int64_t>({1, 2, 3, 4, 8, 16});
  spec.columns = dice.pick<std::int64_t>({1, 2, 3, 4, 8, 32});
  spec.precision_bits = dice.pick<std::int64_t>({8, 16});
  spec.sum_bits = dice.pick<std::int64_t>({32, 40, 64});
  spec.stages = dice.between(2, 6);
  spec.input_bytes = dice.pick<std::int64_t>({512, 2048, 16384});
  spec.weight_bytes = dice.pick<std::int64_t>({512, 2048, 16384});
  spec.output_bytes = dice.pick<std::int64_t>({512, 2048, 16384});
  spec.rebuild_terms = dice.between(1, 4);
  spec.code_bits = dice.between(2, 6);
  spec.counter_bits = dice.pick<std::int64_t>({4, 10});
  spec.counter_bytes = dice.pick<std::int64_t>({128, 4096});
  spec.moving_percent = dice.pick<double>({0, 0.02, 3, 100});
  spec.optimiser = dice.pick<std::string>({"sgd", "momentum", "adam"});
  spec.state_bits = dice.pick<std::int64_t>({16, 32});
  spec.lanes = dice.pick<std::int64_t>({1, 3, 32});
  spec.chunk = dice.pick<std::int64_t>({64, 300, 4096});
  spec.batch = dice.between(1, 4);
  return spec;
}

/// Ce and B of a layer of any shape: rows run along the flat weights of a filter.
SmartDealForm random_form(const rebasis::LayerShape& shape, Dice& dice) {
  SmartDealForm form;
  form.filters = shape.M;
  form.info.n = dice.between(2, 4);
  const std::int64_t rows = (shape.weights() / shape.M + form.info.n - 1) / form.info.n;
  form.info.rows = rows;
  for (std::int64_t left = rows; left > 0; left -= form.info.slice_rows.back())
    form.info.slice_rows.push_back(std::min(left, dice.between(1, 12)));
  form.info.exponents = {-3, -2, 0, 1};
  const double density = dice.pick<double>({0, 0.3, 0.8, 1});
  for (std::int64_t i = 0; i < shape.M * rows * form.info.n; ++i) {
    const std::int64_t code = dice.between(1, 4);
    form.coefficients.push_back(static_cast<std::int8_t>(!dice.chance(density) ? 0 : dice.chance(0.5) ? code : -code));
  }
  const auto slices = static_cast<std::int64_t>(form.info.slice_rows.size());
  for (std::int64_t i = 0; i < shape.M * slices * form.info.n * form.info.n; ++i)
    form.basis.push_back(static_cast<std::int8_t>(dice.between(-128, 127)));
  form.basis_shift.assign(static_cast<std::size_t>(shape.M), 6);
  return form;
}

struct Case {
  explicit Case(std::uint64_t seed) : dice(seed), spec(random_spec(dice)), names(spec) {
    const RandomDenseLayer random = random_dense_layer(dice);
    text = random.describe();
    auto trained = std::make_shared<TrainedLayer>();
    trained->info = random.layer.info;
    trained->has_bias = random.layer.has_bias;
    values.w.assign(random.layer.weights.begin(), random.layer.weights.end());
    if (dice.chance(0.5)) {
      trained->factored = true;
      trained->form = random_form(trained->shape(), dice);
      trained->index();
      values.w = rebasis::encode::rebuild(trained->form, trained->shape());
      text += " as Ce B";
    }
    const rebasis::LayerShape& shape = trained->shape();
    for (std::int64_t i = 0; i < spec.batch * shape.C * shape.H * shape.W; ++i)
      values.x.push_back(static_cast<std::int32_t>(dice.between(-128, 255)));
    for (std::int64_t i = 0; i < spec.batch * shape.M * shape.E() * shape.F(); ++i)
      values.dy.push_back(static_cast<std::int32_t>(dice.between(-32768, 32767)));
    layer = trained;
  }
  [[nodiscard]] Job job(Pass pass) {
    Job one;
    one.layer = layer.get();
    one.pass = pass;
    one.images = spec.batch;
    if (pass == Pass::backward_weight || pass == Pass::update) {
      one.bias_gradient = dice.chance(0.5);
      one.weight_gradient = !one.bias_gradient || dice.chance(0.8);
    }
    return one;
  }
  [[nodiscard]] std::unique_ptr<PassPlan> plan(const Job& one) const {
    return transposable::make_plan(layer, one, spec, names, MemorySpeed{12.8, 50},
                                   [this](const Job&) { return values; });
  }

  Dice dice;
  TransposableSpec spec;
  transposable::PassNames names;
  std::shared_ptr<const TrainedLayer> layer;
  Operands values;
  std::string text;
};

rebasis::sim::Activations no_image() {
  static const std::byte nothing{};
  rebasis::trace::TensorView view;
  view.bytes = {&nothing, 1};
  return {view, {}, 0};
}

/// Both fidelities of a pass on memories of their own, and everything that must hold.
rebasis::sim::LayerRun check_pass(PassPlan& plan, const TransposableSpec& spec) {
  const auto memory = rebasis::sim::make_dram(rebasis::sim::dram_spec(spec)),
             again = rebasis::sim::make_dram(rebasis::sim::dram_spec(spec));
  plan.load_values();
  const auto image = no_image();
  auto fast = plan.run_fast(image, rebasis::sim::port_to(*memory), true);
  const auto machine = plan.machine(image, rebasis::sim::port_to(*again));
  const auto clocked = rebasis::sim::run_machine(*machine, plan.shells());
  REQUIRE(rebasis::sim::compare_runs(plan, plan.names(), fast, clocked.run) == "");
  REQUIRE(transposable::compare_values(plan.job(), clocked.outputs, plan.expected()) == "");
  CHECK(memory->counters() == again->counters());
  rebasis::sim::check_accounts(plan.names(), fast.counters);
  const rebasis::sim::DramBytes moved = fast.counters.dram, least = plan.compulsory_traffic();
  CHECK(moved.weights >= least.weights);
  CHECK(moved.basis >= least.basis);
  CHECK(moved.index >= least.index);
  CHECK(moved.inputs >= least.inputs);
  CHECK(moved.outputs >= least.outputs);
  for (const rebasis::sim::Bound& bound : plan.bounds(fast.counters, 1)) {
    CAPTURE(bound.name);
    CHECK(bound.cycles <= static_cast<double>(fast.counters.cycles) * (1 + 1e-9));
  }
  return fast;
}

}  // namespace

TEST_CASE("fast equals clocked and clocked equals the definitions, in every pass") {
  std::map<std::string, int> reached;
  for_random_cases(cases, [&](std::uint64_t seed) {
    Case c(seed);
    CAPTURE(c.text);
    const Pass pass = c.dice.pick<Pass>({Pass::forward, Pass::backward_data, Pass::backward_data, Pass::backward_weight,
                                         Pass::backward_weight, Pass::update});
    const Job job = c.job(pass);
    CAPTURE(rebasis::training::name(pass));
    std::unique_ptr<PassPlan> plan;
    try {
      plan = c.plan(job);
    } catch (const rebasis::Error& error) {
      REQUIRE(error.status() == rebasis::Status::infeasible);
      return false;
    }
    const auto run = check_pass(*plan, c.spec);
    ++reached[rebasis::training::name(pass)];
    const rebasis::LayerShape& shape = c.layer->shape();
    reached["stride"] += shape.stride_h > 1 && pass == Pass::backward_data ? 1 : 0;
    reached["grouped"] += shape.groups > 1 ? 1 : 0;
    reached["factored"] += c.layer->factored && pass != Pass::update ? 1 : 0;
    reached["bias alone"] += !job.weight_gradient ? 1 : 0;
    if (pass == Pass::backward_weight && !job.weight_gradient) {
      CHECK(job.macs() == 0);
      CHECK(run.counters.effective_macs == 0);
    }
    if (pass != Pass::update) {
      using rebasis::sim::Cause;
      const auto& array = run.counters.blocks[transposable::array];
      reached["waits for weights"] += array[Cause::weights] > 0 ? 1 : 0;
      reached["waits for sums to leave"] += array[Cause::output] > 0 && pass == Pass::backward_weight ? 1 : 0;
    }
    return true;
  });
  for (const auto& [what, count] : reached) {
    MESSAGE(what << ": " << count);
    CHECK(count > 0);
  }
}

TEST_CASE("the order of the shells in a cycle does not matter") {
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    Case c(seed);
    CAPTURE(seed);
    const Job job = c.job(seed % 3 == 0 ? Pass::forward : seed % 3 == 1 ? Pass::backward_data : Pass::backward_weight);
    try {
      const auto plan = c.plan(job);
      plan->load_values();
      const auto memory = rebasis::sim::make_dram({"bandwidth"}), again = rebasis::sim::make_dram({"bandwidth"});
      const auto image = no_image();
      const auto ordered =
          rebasis::sim::run_machine(*plan->machine(image, rebasis::sim::port_to(*memory)), plan->shells());
      const auto shuffled = run_shuffled(*plan->machine(image, rebasis::sim::port_to(*again)), plan->shells(), seed);
      CHECK(ordered.outputs == shuffled.outputs);
      CHECK(rebasis::sim::first_difference(plan->names(), ordered.run.counters, shuffled.run.counters) == "");
      CHECK(ordered.run.steps == shuffled.run.steps);
    } catch (const rebasis::Error& error) {
      REQUIRE(error.status() == rebasis::Status::infeasible);
    }
  }
}

TEST_CASE("the three passes compute the derivatives of each other") {
  // <dY, Y(X, W)> is linear in X and in W: its derivatives are what the backward passes return.
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    Case c(seed);
    CAPTURE(seed);
    Job job;
    job.layer = c.layer.get();
    job.images = c.spec.batch;
    const auto inner = [](const std::vector<std::int64_t>& a, const std::vector<std::int32_t>& b) {
      REQUIRE(a.size() == b.size());
      std::int64_t sum = 0;
      for (std::size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
      return sum;
    };
    const std::int64_t loss = inner(transposable::reference_pass(job, c.values), c.values.dy);
    job.pass = Pass::backward_data;
    CHECK(inner(transposable::reference_pass(job, c.values), c.values.x) == loss);
    job.pass = Pass::backward_weight;
    CHECK(inner(transposable::reference_pass(job, c.values), c.values.w) == loss);
  }
}

TEST_CASE("cycles of a layer by hand") {
  // 4 filters, 4 channels, 3x3 map, 1x1 kernel on an array of 2 x 2: four blocks of two rows of weights.
  Case c(1);
  auto layer = std::make_shared<TrainedLayer>();
  layer->info.name = "by hand";
  layer->info.shape.M = layer->info.shape.C = 4;
  layer->info.shape.H = layer->info.shape.W = 3;
  c.layer = layer;
  c.spec = rebasis::arch::transposable_parameters().resolve({});
  c.spec.dram_model = "unlimited";
  c.spec.rows = c.spec.columns = 2;
  c.spec.batch = 1;
  c.names = transposable::PassNames(c.spec);
  c.values = {std::vector<std::int32_t>(36, 1), std::vector<std::int32_t>(16, 1), std::vector<std::int32_t>(36, 1)};
  // A step's cycles: the first weights come in, or the last sums go out; the positions of every block between.
  const auto check_cycles = [&](Pass pass, std::int64_t blocks, std::int64_t exchange) {
    Job job = c.job(pass);
    job.weight_gradient = true;
    job.bias_gradient = false;
    const auto plan = c.plan(job);
    const auto run = check_pass(*plan, c.spec);
    rebasis::sim::Cycle cycles = 0;
    for (const auto& step : run.steps) cycles += step.done - step.ready;
    const auto steps = static_cast<std::int64_t>(run.steps.size());
    CHECK(steps <= 3);  // rows of the map, or all at once
    CHECK(cycles == steps * exchange + blocks * 9);
  };
  check_cycles(Pass::forward, 4, 2);
  check_cycles(Pass::backward_data, 4, 2);
  check_cycles(Pass::backward_weight, 4, 2);
  c.spec.rows = c.spec.columns = 4;
  c.names = transposable::PassNames(c.spec);
  check_cycles(Pass::forward, 1, 4);
  check_cycles(Pass::backward_data, 1, 4);
  check_cycles(Pass::backward_weight, 1, 4);
  c.spec.rows = 2;  // two blocks of two filters, of two channels when transposed
  c.names = transposable::PassNames(c.spec);
  check_cycles(Pass::forward, 2, 2);
  check_cycles(Pass::backward_data, 2, 2);
  check_cycles(Pass::backward_weight, 2, 4);  // a column of sums leaves in a cycle
}
