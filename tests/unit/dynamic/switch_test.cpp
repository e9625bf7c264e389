// A switch between sub-nets: its bytes against a difference taken naively, its cycles by hand, both fidelities equal.
#include <doctest/doctest.h>

#include <random>

#include "sim/core/dram.h"
#include "sim/dynamic/switch_plan.h"
#include "tests/support/sample_trace.h"
#include "workloads/dynamic/difference.h"

using namespace rebasis;

namespace {

sim::SwitchSpec spec_of(std::initializer_list<const char*> settings) {
  arch::RawConfig config;
  for (const char* setting : settings) config.set(setting);
  return sim::switch_parameters().resolve(config);
}

/// A trace of the dense sample layer with these weights and biases.
void write_dense(const std::string& path, const std::vector<std::int8_t>& weights,
                 const std::vector<std::int32_t>& bias) {
  test::write_sample_trace("sample.trace");
  const trace::TraceReader sample("sample.trace");
  trace::TraceWriter writer;
  for (const char* part : {"activations", "weight_scale"}) {
    const trace::TensorView view = sample.tensor(std::string("conv1/") + part);
    writer.add(std::string("conv1/") + part, view.dtype, view.shape, view.bytes);
  }
  writer.add<std::int8_t>("conv1/weights", {2, 3, 3, 3}, weights);
  writer.add<std::int32_t>("conv1/bias", {2}, bias);
  trace::Metadata metadata;
  metadata.network = "net";
  metadata.layers = {test::dense_layer()};
  writer.write(path, metadata);
}

/// The patch, symbol by symbol.
std::uint64_t naive_patch(const std::vector<std::int8_t>& a, const std::vector<std::int8_t>& b,
                          const std::vector<std::int32_t>& p, const std::vector<std::int32_t>& q) {
  std::string bits;
  for (std::size_t i = 0; i < b.size(); ++i) bits += a[i] == b[i] ? "0" : b[i] == 0 ? "10" : "11vvvvvvvv";
  if (a == b) bits.clear();
  std::string biases;
  for (std::size_t m = 0; m < q.size(); ++m) biases += p[m] == q[m] ? "0" : "1" + std::string(32, 'v');
  if (p == q) biases.clear();
  return (bits.size() + 7) / 8 + (biases.size() + 7) / 8;
}

sim::LayerRun check_equal(const sim::SwitchPlan& plan, const sim::SwitchTiming& timing, const sim::DmaLimits& limits,
                          const sim::DramSpec& dram) {
  const sim::CounterNames names = sim::switch_names();
  const auto first = sim::make_dram(dram), second = sim::make_dram(dram);
  const sim::LayerRun fast = sim::run_switch_fast(plan, timing, names, limits, sim::port_to(*first));
  const sim::LayerRun clocked = sim::run_switch_clocked(plan, timing, names, limits, sim::port_to(*second));
  CHECK(sim::first_difference(names, fast.counters, clocked.counters) == "");
  CHECK(fast.steps == clocked.steps);
  CHECK(first->counters() == second->counters());
  return fast;
}

}  // namespace

TEST_CASE("the difference of two layers is the naive one") {
  std::mt19937 dice(3);
  for (int round = 0; round < 60; ++round) {
    std::vector<std::int8_t> a(54), b;
    for (auto& w : a) w = static_cast<std::int8_t>(dice() % 3 == 0 ? 0 : dice() % 7);
    b = a;
    for (auto& w : b) {
      const auto die = dice() % static_cast<unsigned>(round + 1);
      if (die == 1) w = 0;
      if (die == 2) w = static_cast<std::int8_t>(dice() % 5);
    }
    const std::vector<std::int32_t> p{1, 2}, q{1, round % 3 == 0 ? 2 : 3};
    write_dense("a.trace", a, p);
    write_dense("b.trace", b, q);
    const trace::TraceReader from("a.trace"), to("b.trace");
    const auto found = dynamic::difference(from, to);
    REQUIRE(found.size() == 1);
    std::uint64_t changed = 0, fresh = 0;
    bool masks = false;
    for (std::size_t i = 0; i < a.size(); ++i) {
      changed += a[i] != b[i] ? 1 : 0;
      fresh += a[i] != b[i] && b[i] != 0 ? 1 : 0;
      masks = masks || (a[i] == 0) != (b[i] == 0);
    }
    CHECK(found[0].changed == changed);
    CHECK(found[0].fresh == fresh);
    CHECK(found[0].index == masks);
    CHECK(found[0].values == (a != b || p != q));
    CHECK_FALSE(found[0].basis);
    CHECK(found[0].patch_bytes == naive_patch(a, b, p, q));
    CHECK(dynamic::difference(from, from)[0].patch_bytes == 0);
  }
}

TEST_CASE("a layer of another name, shape or encoding differs in everything") {
  test::write_sample_trace("sample.trace");
  test::write_ternary_trace("ternary.trace");
  const trace::TraceReader from("ternary.trace"), to("sample.trace");
  for (const auto& layer : dynamic::difference(from, to)) {
    CHECK(layer.values);
    CHECK(layer.basis);
    CHECK(layer.index);
    CHECK_FALSE(layer.patch_bytes.has_value());
  }
  for (const auto& layer : dynamic::difference(to, to)) {
    CHECK_FALSE(layer.values);
    CHECK_FALSE(layer.basis);
    CHECK_FALSE(layer.index);
  }
}

TEST_CASE("what is moved, by hand") {
  const sim::ParameterBytes before{{"a", {5000, 0, 100, 0, 0}}, {"b", {300, 40, 0, 0, 0}}};
  const sim::ParameterBytes next{{"a", {4100, 0, 90, 0, 0}}, {"b", {300, 44, 0, 0, 0}}};
  dynamic::LayerDifference a{"a", 16, 9000, true, false, true, 50, 20, 1300};
  dynamic::LayerDifference b{"b", 10, 400, false, true, false, 0, 0, std::nullopt};
  const std::uint64_t table = 2 * 64 + 4 * 26;
  SUBCASE("all sub-nets in memory: the table alone") {
    const auto plan = sim::plan_switch({a, b}, before, next, spec_of({}));
    CHECK(plan.bytes.table == table);
    CHECK(plan.bytes.storage + plan.bytes.written + plan.bytes.read == 0);
    CHECK(plan.steps.steps.size() == 1);
  }
  SUBCASE("whole") {
    const auto plan =
        sim::plan_switch({a, b}, before, next, spec_of({"switch.residence=storage", "switch.reload=whole"}));
    CHECK(plan.bytes.storage == 4100 + 90 + 300 + 44);
    CHECK(plan.bytes.written == plan.bytes.storage);
    CHECK(plan.steps.steps.size() == 2 + 1 + 1 + 1 + 1);  // 4100 in two chunks, then three of one, then the table
  }
  SUBCASE("what differs") {
    const auto plan = sim::plan_switch({a, b}, before, next, spec_of({"switch.residence=storage"}));
    CHECK(plan.bytes.storage == 4100 + 90 + 44);
    CHECK(plan.bytes.changed_layers == 2);
  }
  SUBCASE("a patch where it is shorter") {
    const auto plan =
        sim::plan_switch({a, b}, before, next, spec_of({"switch.residence=storage", "switch.reload=patch"}));
    CHECK(plan.bytes.storage == 1300 + 44);
    CHECK(plan.bytes.read == 5100);
    CHECK(plan.bytes.written == 4190 + 44);
    CHECK(plan.bytes.patched_layers == 1);
    std::uint64_t patched = 0;
    for (const auto& task : plan.tasks) patched += task.patched_weights;
    CHECK(patched == 9000);
  }
  SUBCASE("a layer that the accelerator does not run costs nothing") {
    const auto plan = sim::plan_switch({a, b}, before, {{"b", {300, 44, 0, 0, 0}}}, spec_of({}));
    CHECK(plan.bytes.table == 64 + 40);
  }
}

TEST_CASE("cycles of a switch by hand, without time in the memory") {
  // 100 bytes at half a byte a cycle after 10 cycles, then the table of 64 + 4 bytes through a port of 8.
  const auto spec = spec_of({"switch.residence=storage", "storage.bandwidth=500 MB/s", "storage.latency=10 ns"});
  const auto plan =
      sim::plan_switch({{"a", 1, 100, true, false, false, 1, 1, std::nullopt}}, {}, {{"a", {100, 0, 0, 0, 0}}}, spec);
  const sim::SwitchTiming timing(spec, 1e9);
  const auto run = check_equal(plan, timing, {512, 8}, {.model = "unlimited"});
  REQUIRE(run.steps.size() == 2);
  CHECK(run.steps[0].done - run.steps[0].ready == 10 + 200);
  CHECK(run.steps[1].done - run.steps[1].ready == 9);
  CHECK(run.counters.blocks[0][sim::Cause::busy] == 13 + 9);
  CHECK(run.counters.actions[0] == 100);  // bytes of storage
  CHECK(run.counters.actions[1] == 68);   // bytes of the table
  CHECK(run.counters.dram.weights == 100);
  CHECK(run.counters.dram.index == 68);
}

TEST_CASE("both fidelities of any switch are equal") {
  std::mt19937_64 dice(11);
  const auto pick = [&](std::uint64_t most) { return dice() % (most + 1); };
  const std::vector<std::string> drams{"unlimited", "bandwidth", "lpddr4-3200-x32", "ddr3-1066-x16"};
  for (int round = 0; round < 400; ++round) {
    arch::RawConfig config;
    config.set("switch.residence=" + std::string(pick(4) == 0 ? "memory" : "storage"));
    config.set("switch.reload=" + std::string(pick(2) == 0 ? "whole" : pick(1) == 0 ? "changed" : "patch"));
    config.set("switch.chunk=" + std::to_string(64 + pick(700)));
    config.set("switch.port=" + std::to_string(1 + pick(31)));
    config.set("switch.patch_rate=" + std::to_string(1 + pick(7)));
    config.set("storage.bandwidth=" + std::to_string(1'000'000 + pick(20'000'000'000)) + " B/s");
    config.set("storage.latency=" + std::to_string(pick(300)) + " ns");
    const sim::SwitchSpec spec = sim::switch_parameters().resolve(config);
    sim::ParameterBytes before, next;
    std::vector<dynamic::LayerDifference> differences;
    for (std::uint64_t l = 0; l <= pick(3); ++l) {
      const std::string name = "layer" + std::to_string(l);
      before[name] = {pick(1500), pick(100), pick(200), 0, 0};
      next[name] = {pick(1500), pick(100), pick(200), 0, 0};
      dynamic::LayerDifference d{name,
                                 1 + static_cast<std::int64_t>(pick(40)),
                                 1 + static_cast<std::int64_t>(pick(3000)),
                                 pick(1) == 0,
                                 pick(1) == 0,
                                 pick(1) == 0,
                                 0,
                                 0,
                                 std::nullopt};
      if (pick(1) == 0) d.patch_bytes = pick(1500);
      differences.push_back(d);
    }
    const auto plan = sim::plan_switch(differences, before, next, spec);
    const double hz = pick(1) == 0 ? 1e9 : 100e6;
    const auto run = check_equal(plan, sim::SwitchTiming(spec, hz),
                                 {64 + static_cast<std::int64_t>(pick(448)), 1 + static_cast<std::int64_t>(pick(7))},
                                 {.model = drams[pick(drams.size() - 1)], .accelerator_hz = hz});
    const auto& actions = run.counters.actions;
    CHECK(actions[0] == plan.bytes.storage);
    CHECK(actions[1] == plan.bytes.table);
    CHECK(run.counters.dram.total() == plan.bytes.table + plan.bytes.read + plan.bytes.written);
  }
}
