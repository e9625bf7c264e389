// The sparse tensor core against closed forms and counts by hand (docs/accelerators/sparse-tensor-core.md).
#include <doctest/doctest.h>

#include <limits>
#include <memory>
#include <string>

#include "arch/accelerator_file.h"
#include "common/units.h"
#include "sim/sparse_tensor_core/counters.h"
#include "sim/sparse_tensor_core/plan.h"
#include "tests/support/errors.h"
#include "tests/support/model_equivalence.h"
#include "tests/support/nm_weights.h"

using namespace rebasis;
using namespace rebasis::sim;
using namespace rebasis::sim::sparse_tensor_core;
using rebasis::arch::SparseTensorCoreSpec;
using rebasis::test::Dice;

namespace {

/// A memory that answers in the next cycle and requests as large as any tensor here, so that the DMA's part is known.
SparseTensorCoreSpec plain_spec() {
  SparseTensorCoreSpec spec = arch::sparse_tensor_core_parameters().resolve({});
  spec.dram_model = "unlimited";
  spec.dma_request_bytes = 1 << 20;
  return spec;
}

const MemorySpeed immediate{std::numeric_limits<double>::infinity(), 0};

struct Run {
  Counters counters;
  std::size_t steps = 0;
  std::string pattern, reason;
};

/// A layer without zeros but for those that `kept` of `of` leaves.
Run run(const LayerShape& shape, const SparseTensorCoreSpec& spec, std::int64_t kept, std::int64_t of,
        bool bias = false) {
  Dice dice(7);
  test::RandomDenseLayer random = test::dense_layer_of(shape, dice, {});
  random.layer.has_bias = bias;
  test::keep_of_groups(random.layer, kept, of, dice);
  const CounterNames names = counter_names(spec);
  const auto plan = make_plan(random.layer, spec, names, immediate);
  // check_plan: both fidelities, values, bounds.
  const LayerRun result = test::check_plan(*plan, names, random.image(), spec, shell_names().size());
  const auto described = plan->describe();
  return {result.counters, result.steps.size(), described.at("pattern"), described.at("pattern_reason")};
}

/// Requests for inputs, weights and, unless dense, positions leave in cycles 0, 1 and 2 and are answered in the next;
/// the step begins behind the controller's register. The pipeline and NBout's write take stages + 1, the store's
/// request leaves a cycle later and is answered in the next.
Cycle overhead(const SparseTensorCoreSpec& spec, bool dense) {
  return (dense ? 3 : 4) + spec.select_stages + spec.nfu1_stages + spec.nfu2_stages + spec.nfu3_stages + 1 + 2;
}

}  // namespace

TEST_CASE("a layer of one tile takes E F ceil(M/Tn) ceil(R S groups / groups of a cycle) cycles and the pipeline") {
  for (std::uint64_t seed = 1; seed <= 80; ++seed) {
    CAPTURE(seed);
    Dice dice(seed);
    LayerShape shape{
        .M = dice.between(1, 80), .C = dice.between(1, 150), .H = dice.between(3, 6), .W = dice.between(3, 6)};
    shape.R = dice.between(1, 3);
    shape.S = dice.between(1, 3);
    const std::int64_t of = dice.pick<std::int64_t>({4, 8, 16}), kept = dice.between(1, 2);
    SparseTensorCoreSpec spec = plain_spec();
    spec.smallest_group = spec.largest_group = of;  // no other pattern competes
    spec.least_kept = kept;
    spec.nbin_neurons = dice.pick<std::int64_t>({32, 64, 128, 512});
    spec.fold_kernel = dice.chance(0.7);
    const Run one = run(shape, spec, kept, of);
    REQUIRE(one.steps == 1);
    const bool dense = one.pattern == "dense";
    const std::int64_t channels = dense ? 1 : of, places = dense ? 1 : kept;
    const std::int64_t groups = ceil_div(shape.C, channels);
    const std::int64_t at_once = std::min(spec.Ti / places, spec.nbin_neurons / channels);
    const std::int64_t rows = spec.fold_kernel ? ceil_div(shape.R * shape.S * groups, at_once)
                                               : shape.R * shape.S * ceil_div(groups, at_once);
    const Cycle issue = shape.E() * shape.F() * ceil_div<Cycle>(shape.M, spec.Tn) * rows;
    CHECK(one.counters.cycles == issue + overhead(spec, dense));
    CHECK(one.counters.blocks[diannao::sb][Cause::busy] == issue);
  }
}

TEST_CASE("counts of a layer of one tile, 2 of 4") {
  // 2 x 2 outputs, 40 filters (blocks of 32 and 8), 3 x 3 kernel, 36 channels: 9 groups of 4 at 9 places are 81 groups,
  // 16 a cycle: 5 cycles of 16 and one of 1. Padding 1.
  const LayerShape shape{
      .M = 40, .C = 36, .H = 2, .W = 2, .R = 3, .S = 3, .pad_top = 1, .pad_left = 1, .pad_bottom = 1, .pad_right = 1};
  const Run two = run(shape, plain_spec(), 2, 4, true);
  CHECK(two.pattern == "2 of 4");
  const Counters& c = two.counters;
  const std::uint64_t outputs = 40 * 4, kept = 81 * 2, inside = 4 * 4;  // an output touches 4 of its 9 kernel positions
  CHECK(c.cycles == 4 * 2 * 6 + overhead(plain_spec(), false));
  CHECK(c.actions[diannao::mac] == outputs * kept);
  CHECK(c.effective_macs == outputs * kept);
  CHECK(c.actions[select_level] == outputs * kept * 4);        // levels of a selector of 16
  CHECK(c.actions[diannao::nbin_read] == 2 * inside * 36);     // for each block of filters
  CHECK(c.actions[diannao::sb_read] == outputs * (kept + 4));  // and the biases
  CHECK(c.actions[diannao::sb_write] == 40 * (kept + 4));
  CHECK(c.actions[index_read] == outputs * kept * 2 / 8);
  CHECK(c.actions[index_write] == 40 * kept * 2 / 8);
  CHECK(c.dram.weights == 40 * (kept + 4));
  CHECK(c.dram.index == 40 * kept * 2 / 8);
  CHECK(c.actions[diannao::accumulate] == outputs * 6);
  CHECK(c.actions[diannao::register_write] == outputs * 6 * 4);
  CHECK(c.actions[diannao::register_read] == outputs * 5 * 4);
  CHECK(c.actions[diannao::requantise] == outputs);
  // Cycles that touch the map, from the kernel positions that each holds (0-1, 1-3, 3-5, 5-7, 7-8, 8): 4, 4, 4 and 3
  // of 6.
  CHECK(c.blocks[diannao::nbin][Cause::busy] == 2 * (4 + 4 + 4 + 3));
  CHECK(c.blocks[index_buffer][Cause::busy] == 4 * 2 * 6);
  CHECK(c.blocks[diannao::nfu1][Cause::busy] == static_cast<Cycle>(outputs * kept));
  CHECK(c.blocks[diannao::nfu1][Cause::inputs] == 0);
}

TEST_CASE("1 of 16: NBin's 128 neurons a cycle feed 8 lanes of 32, the others wait for inputs") {
  const LayerShape shape{.M = 32, .C = 512};
  const Run one = run(shape, plain_spec(), 1, 16);
  CHECK(one.pattern == "1 of 16");
  const auto& array = one.counters.blocks[diannao::nfu1];
  CHECK(one.counters.blocks[diannao::sb][Cause::busy] == 4);  // dense: 16
  CHECK(array[Cause::busy] == 32 * 32);
  CHECK(array[Cause::inputs] == 4 * 32 * 24);
  CHECK(array[Cause::imbalance] == 0);
  CHECK(one.counters.dram.weights + one.counters.dram.index == 32 * 32 + 32 * 32 / 2);
  SparseTensorCoreSpec wide = plain_spec();
  wide.nbin_neurons = 512;
  CHECK(run(shape, wide, 1, 16).counters.blocks[diannao::sb][Cause::busy] == 1);  // 16 times as fast
}

TEST_CASE("the pattern follows from the weights, and the reason is said") {
  const LayerShape shape{.M = 32, .C = 128, .H = 4, .W = 4};
  const SparseTensorCoreSpec spec = plain_spec();
  const Run full = run(shape, spec, 3, 4);
  CHECK(full.pattern == "dense");
  CHECK(full.reason == "non-zero weights in the fullest groups: 3 of 4, 6 of 8, 12 of 16; at most 2 are kept");
  CHECK(full.counters.dram.index == 0);
  CHECK(full.counters.effective_macs == static_cast<std::uint64_t>(shape.macs()));
  CHECK(run(shape, spec, 1, 4).pattern == "1 of 4");
  CHECK(run(shape, spec, 1, 8).pattern == "1 of 8");
  const Run sparsest = run(shape, spec, 1, 16);
  CHECK(sparsest.pattern == "1 of 16");
  CHECK(sparsest.reason == "shortest estimated time; also possible: dense, 1 of 4, 1 of 8");
  // What knows 2 of 4 alone runs everything sparser as that.
  SparseTensorCoreSpec published = spec;
  published.largest_group = 4;
  published.least_kept = 2;
  CHECK(run(shape, published, 1, 16).pattern == "2 of 4");
}

TEST_CASE("a depthwise layer on the diagonal of the array is 1 of 4 by construction") {
  const LayerShape shape{.M = 32, .C = 32, .H = 6, .W = 6, .R = 3, .S = 3, .groups = 32};
  const Run packed = run(shape, plain_spec(), 4, 4);  // no weight is zero
  CHECK(packed.pattern != "dense");
  // 8 groups of 4 at 9 places, 32 a cycle: 3 cycles an output instead of 9.
  CHECK(packed.counters.blocks[diannao::sb][Cause::busy] == shape.E() * shape.F() * 3);
  CHECK(packed.counters.effective_macs == static_cast<std::uint64_t>(shape.macs()));
}

TEST_CASE("presets: resources of Table IX, and the published pattern alone") {
  const auto resolve = [](const char* preset) {
    return arch::sparse_tensor_core_parameters().resolve(arch::load_accelerator_file(preset).config);
  };
  const SparseTensorCoreSpec table = resolve("sparse-tensor-core"), published = resolve("sparse-tensor-core-2of4");
  CHECK(table.Tn * table.Ti == 1024);
  CHECK(table.nbin_bytes + table.nbout_bytes + table.sb_bytes + table.index_bytes == 772 * 1024);
  CHECK(table.nbin_neurons == 4 * table.Ti);
  CHECK(published.smallest_group == 4);
  CHECK(published.largest_group == 4);
  CHECK(published.least_kept == 2);
  CHECK(published.most_kept == 2);
  CHECK(published.nbin_neurons == 2 * published.Ti);
  CHECK(published.sb_bytes == table.sb_bytes);
}

TEST_CASE("impossible patterns and ports are refused with the reason") {
  const auto refused = [](const std::vector<std::string>& set) {
    return test::bad_input([=] {
      static_cast<void>(
          arch::sparse_tensor_core_parameters().resolve(arch::load_accelerator_file("sparse-tensor-core", set).config));
    });
  };
  const auto says = [](const std::string& message, const char* text) {
    CAPTURE(message);
    CHECK(message.find(text) != std::string::npos);
  };
  says(refused({"select.largest_group=12"}), "must be powers of two; 2 of 4, 1 of 16 ...");
  says(refused({"select.smallest_group=32"}), "select.smallest_group is larger than select.largest_group");
  says(refused({"select.least_kept=4"}), "select.least_kept is more than select.most_kept");
  says(refused({"select.largest_group=4", "select.least_kept=4", "select.most_kept=4"}),
       "keeps all of the largest group");
  says(refused({"nfu.ti=31"}), "nfu.ti must be a multiple of select.most_kept");
  says(refused({"nbin.neurons=16"}), "nbin.neurons must be at least nfu.ti");
  says(refused({"nbin.neurons=512"}), "a half of NBin does not deliver nbin.neurons a cycle");
  says(refused({"index_buffer.banks=7"}), "index_buffer.banks must divide index_buffer.size");
  says(refused({"index_buffer.banks=32"}), "a half of the index buffer does not deliver the positions");
}

TEST_CASE("an index buffer too small for one tile leaves the layer dense; too small an SB is named") {
  const LayerShape shape{.M = 32, .C = 32, .H = 9, .W = 9, .R = 3, .S = 3};
  SparseTensorCoreSpec spec = plain_spec();
  spec.index_bytes = 64;
  CHECK(run(shape, spec, 2, 4).pattern == "dense");
  spec.sb_bytes = 1024;
  Dice dice(1);
  const auto random = test::dense_layer_of(shape, dice, {});
  const CounterNames names = counter_names(spec);
  try {
    static_cast<void>(make_plan(random.layer, spec, names, immediate));
    FAIL("fits");
  } catch (const Error& error) {
    CHECK(error.status() == Status::infeasible);
    CHECK(std::string(error.what()).find("layer random does not fit: the weight buffer would need ") == 0);
  }
}

TEST_CASE("every action has a price in every table") {
  const SparseTensorCoreSpec spec = plain_spec();
  std::map<std::string, std::uint64_t> actions;
  for (const std::string& action : counter_names(spec).actions) actions[action] = 1;
  for (const std::string& table : arch::EnergyTable::names()) {
    CAPTURE(table);
    CHECK_NOTHROW(static_cast<void>(arch::EnergyTable::load(table).price_all(actions, sram_geometry(spec))));
  }
}
