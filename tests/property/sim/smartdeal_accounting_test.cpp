// SmartDeal's accounting on random layers: every cycle has one cause, every action a price, sums are sums.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <string>
#include <tuple>
#include <vector>

#include "arch/energy/energy_table.h"
#include "common/error.h"
#include "report/document.h"
#include "sim/core/layer_result.h"
#include "sim/smartdeal/plan.h"
#include "tests/support/random_layer.h"
#include "tests/unit/sim/smartdeal_case.h"

using namespace rebasis;
using namespace rebasis::sim::smartdeal;
using rebasis::sim::Account, rebasis::sim::Activations, rebasis::sim::Cause, rebasis::sim::Cycle;

namespace {

std::uint64_t sum(const sim::CycleSplit& split) {
  return std::accumulate(split.begin(), split.end(), std::uint64_t{0},
                         [](std::uint64_t total, const auto& cause) { return total + cause.second; });
}

/// Runs of `images` images of a random layer, added up; false when it is infeasible.
bool random_result(std::uint64_t seed, int images, const arch::EnergyTable& energy, sim::LayerResult& result,
                   std::vector<sim::Counters>& runs, arch::SmartDealSpec& spec) {
  test::Dice dice(seed);
  test::RandomLayer layer = test::random_layer(dice);
  spec = test::random_spec(dice);
  const auto memory = test::memory_of(spec);
  const sim::CounterNames names = counter_names(spec);
  std::unique_ptr<sim::LayerPlan> plan;
  try {
    plan = make_plan(layer.data, spec, names, sim::speed_of(*memory));
  } catch (const Error&) {
    return false;
  }
  sim::LayerResultBuilder builder(*plan, {names, energy, sram_geometry(spec), memory->peak_bytes_per_cycle()});
  for (int i = 0; i < images; ++i) {
    if (i > 0)
      std::rotate(layer.activations.begin(),
                  layer.activations.begin() + static_cast<std::ptrdiff_t>(layer.activations.size() / 3),
                  layer.activations.end());
    memory->reset();
    runs.push_back(plan->run_fast(layer.image(), sim::port_to(*memory), false).counters);
    builder.add(runs.back());
  }
  result = builder.finish();
  return true;
}

/// Calls check(result, image runs, spec) for random layers of up to three images.
template <class Check>
void for_results(std::uint64_t seeds, Check&& check) {
  static const arch::EnergyTable energy = arch::EnergyTable::load("smartdeal-28nm");
  int feasible = 0;
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
    CAPTURE(seed);
    sim::LayerResult result;
    std::vector<sim::Counters> runs;
    arch::SmartDealSpec spec;
    if (!random_result(seed + 90'000, static_cast<int>(seed % 3 + 1), energy, result, runs, spec)) continue;
    ++feasible;
    check(result, runs, spec, energy);
  }
  CHECK(feasible > static_cast<int>(seeds / 2));
}

bool close(double a, double b) { return std::abs(a - b) <= 1e-9 * std::max({std::abs(a), std::abs(b), 1.0}); }

}  // namespace

TEST_CASE("each cycle of each copy of each block has one cause") {
  for_results(300, [](const sim::LayerResult& result, const auto&, const arch::SmartDealSpec& spec, const auto&) {
    for (const auto& entry : result.blocks) {
      const auto& account = entry.second;
      CAPTURE(entry.first);
      CHECK(sum(account.causes) == account.instances * result.cycles);
    }
    CHECK(result.blocks.size() == 8);
    CHECK(result.blocks.at("pe_lines").instances == static_cast<std::uint64_t>(spec.dim_M * spec.dim_C));
    CHECK(result.stalls.count("idle") == 0);
    CHECK(sum(result.stalls) == result.cycles);
  });
}

TEST_CASE("no result is below a lower bound; utilisations are fractions") {
  for_results(300, [](const sim::LayerResult& result, const auto&, const auto&, const auto&) {
    CHECK(result.bounds.size() == 8);
    for (const sim::Bound& bound : result.bounds) {
      CAPTURE(bound.name);
      CHECK(bound.cycles >= 0);
      CHECK(bound.cycles <= static_cast<double>(result.cycles));
    }
    CHECK(result.pe_utilisation >= 0);
    CHECK(result.pe_utilisation <= 1);
    CHECK(result.mac_utilisation >= 0);
    CHECK(result.mac_utilisation <= 1);
    CHECK(result.effective_macs <= result.macs);
  });
}

TEST_CASE("energy is the sum of its components, and of each action times its price") {
  for_results(200, [](const sim::LayerResult& result, const auto&, const arch::SmartDealSpec& spec,
                      const arch::EnergyTable& energy) {
    double components = 0, actions = 0;
    for (const auto& [component, pj] : result.energy_by_component_pj) components += pj;
    for (const auto& [action, count] : result.actions) {
      const std::size_t dot = action.find('.');
      actions += static_cast<double>(count) *
                 energy.price(action.substr(0, dot), action.substr(dot + 1), sram_geometry(spec)).count();
    }
    CHECK(close(result.energy_pj, components));
    CHECK(close(result.energy_pj, actions));
  });
}

TEST_CASE("every action of the model has a price in every shipped table") {
  const arch::SmartDealSpec spec = test::small_spec(4, 4, 4);
  for (const std::string& table : arch::EnergyTable::names()) {
    CAPTURE(table);
    const arch::EnergyTable energy = arch::EnergyTable::load(table);
    for (std::size_t i = 0; i < static_cast<std::size_t>(Action::count); ++i) {
      CAPTURE(name(Action{i}));
      CHECK_NOTHROW(std::ignore = energy.price_all({{name(Action{i}), 1}}, sram_geometry(spec)));
    }
  }
}

TEST_CASE("several images: the layer is their sum, and each is kept") {
  for_results(150,
              [](const sim::LayerResult& result, const std::vector<sim::Counters>& runs, const auto&, const auto&) {
                CHECK(result.images == runs.size());
                REQUIRE(result.per_image.size() == runs.size());
                std::uint64_t cycles = 0, bytes = 0, effective = 0;
                double energy = 0;
                for (std::size_t i = 0; i < runs.size(); ++i) {
                  CHECK(result.per_image[i].cycles == static_cast<std::uint64_t>(runs[i].cycles));
                  CHECK(result.per_image[i].dram_bytes == runs[i].dram.total());
                  cycles += result.per_image[i].cycles;
                  bytes += result.per_image[i].dram_bytes;
                  energy += result.per_image[i].energy_pj;
                  effective += runs[i].effective_macs;
                }
                CHECK(result.cycles == cycles);
                CHECK(result.dram.total() == bytes);
                CHECK(result.effective_macs == effective);
                CHECK(close(result.energy_pj, energy));
                CHECK(result.macs == static_cast<std::uint64_t>(result.shape.macs()) * runs.size());
                CHECK(result.actions.count("dram.read_byte") == 1);
                CHECK(result.actions.at("dram.read_byte") + result.actions.at("dram.write_byte") == bytes);
                CHECK(result.actions.at("controller.cycle") == cycles);
              });
}

TEST_CASE("totals of the document are the sum of the layers; the spread is the images'") {
  sim::Result network;
  network.accelerator = "smartdeal";
  network.network = "random";
  for_results(60, [&](const sim::LayerResult& result, const auto&, const auto&, const auto&) {
    if (result.images == 3) network.layers.push_back(result);
  });
  REQUIRE(network.layers.size() >= 5);
  const report::Document document = report::make_document(network);
  double cycles = 0, energy = 0, bytes = 0, bound = 0;
  for (std::size_t i = 0; i < network.layers.size(); ++i) {
    const sim::LayerResult& layer = network.layers[i];
    const report::LayerFigures& figures = document.layers[i];
    CHECK(close(figures.cycles, static_cast<double>(layer.cycles) / 3));
    double mean = 0, square = 0;
    for (const sim::ImageResult& image : layer.per_image) mean += static_cast<double>(image.cycles) / 3;
    for (const sim::ImageResult& image : layer.per_image)
      square += std::pow(static_cast<double>(image.cycles) - mean, 2) / 3;
    REQUIRE(figures.spread.has_value());
    CHECK(close(figures.spread->cycles.mean, mean));
    CHECK(std::abs(figures.spread->cycles.standard_deviation - std::sqrt(square)) <= 1e-6 * std::max(1.0, mean));
    cycles += figures.cycles;
    energy += figures.energy_pj;
    bytes += figures.dram.total();
    bound += figures.bound_cycles;
  }
  CHECK(close(document.totals.cycles, cycles));
  CHECK(close(document.totals.energy_pj, energy));
  CHECK(close(document.totals.dram.total(), bytes));
  CHECK(close(document.totals.bound_cycles, bound));
  CHECK(bound <= cycles);
}

TEST_CASE("the average line's split loses and invents no cycle") {
  sim::Counters image({{{"pe_lines", 1}}, {}});
  using sim::Cause;
  sim::Account& lines = image.blocks.front();
  image.cycles = 7;
  image.working = 3;
  lines[Cause::busy] = 10;  // 3 1/3 a line: of equal remainders, the first cause takes the cycle that is left
  lines[Cause::dram] = 10;  // 3 1/3
  lines[Cause::weights] = 1;
  lines[Cause::idle] = 700;  // lines without work do not count
  const sim::CycleSplit split = average_copy(image);
  CHECK(sum(split) == 7);
  CHECK(split.at("busy") == 4);
  CHECK(split.at("dram") == 3);
  CHECK(split.at("weights") == 0);
  CHECK(split.count("idle") == 0);
}

TEST_CASE("a layer of zeros has no line at work: it waits for the memory") {
  LayerShape shape;
  shape.C = 4;
  test::SmartDealCase layer = test::dense_case(shape, 3, 0);
  const arch::SmartDealSpec spec = test::small_spec(2, 2, 1);
  const Counters counters = test::run_both(layer, spec).fast.counters;
  CHECK(counters.mapped_lines == 0);
  const sim::CycleSplit split = sim::average_copy(generic(counters, counter_names(spec)));
  CHECK(split.at("dram") == static_cast<std::uint64_t>(counters.cycles));
}
