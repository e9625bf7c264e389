// The SystemC model: kernel, shells and TLM-2.0 memory port change nothing. Each case has a process of its own.
#include <doctest/doctest.h>

#include <fstream>
#include <string>
#include <vector>

#include "common/error.h"
#include "sim/smartdeal/clocked/machine.h"
#include "sim/smartdeal/plan.h"
#include "sim/systemc/memory.h"
#include "sim/systemc/top.h"
#include "tests/support/random_layer.h"
#include "tests/unit/sim/smartdeal_case.h"

using namespace rebasis;
using namespace rebasis::sim::smartdeal;
using rebasis::sim::Account, rebasis::sim::Activations, rebasis::sim::Cause, rebasis::sim::Cycle;
using sim::systemc::Top;

namespace {

struct Totals {
  int layers = 0;
  Cycle cycles = 0;
};

Top make_top(const arch::SmartDealSpec& spec, bool clocked) {
  const std::vector<std::string> none;
  return {"smartdeal",
          {spec.dram_model, spec.dram_bandwidth_gb_s, spec.dram_latency_ns, spec.frequency_hz, spec.dram_mapping},
          clocked ? shell_names(spec) : none,
          clocked ? probe_names(spec) : none};
}

/// Random layers one after the other in the kernel, and without it.
Totals check_layers(const arch::SmartDealSpec& spec, Top& top, std::uint64_t first_seed, bool clocked) {
  Totals totals;
  const sim::CounterNames names = counter_names(spec);
  for (std::uint64_t seed = first_seed; totals.layers < 8; ++seed) {
    REQUIRE(seed < first_seed + 100);
    test::Dice dice(seed);
    test::RandomLayer layer = test::random_layer(dice);
    INFO("seed " << seed << ": " << test::describe(layer, spec));
    const auto memory = test::memory_of(spec);
    std::unique_ptr<sim::LayerPlan> plan;
    try {
      plan = make_plan(layer.data, spec, names, sim::speed_of(*memory));
    } catch (const Error&) {
      continue;
    }
    const sim::Activations image = layer.image();
    const sc_core::sc_time before = sc_core::sc_time_stamp();
    const sim::LayerRun plain = plan->run_fast(image, sim::port_to(*memory), true);
    const sim::LayerRun fast =
        top.run_fast([&](const sim::DramPort& port) { return plan->run_fast(image, port, true); });
    CHECK(sim::first_difference(names, fast.counters, plain.counters) == "");
    CHECK(fast.steps == plain.steps);
    CHECK(sc_core::sc_time_stamp() > before);
    if (clocked) {
      memory->reset();
      const auto alone = plan->machine(image, sim::port_to(*memory));
      const sim::ClockedRun machine = sim::run_machine(*alone, shell_names(spec).size());
      const sim::ClockedRun kernel =
          top.run_clocked([&](const sim::DramPort& port) { return plan->machine(image, port); });
      CHECK(sim::first_difference(names, kernel.run.counters, machine.run.counters) == "");
      CHECK(kernel.run.steps == machine.run.steps);
      CHECK(kernel.outputs == machine.outputs);
      CHECK(top.memory().counters() == memory->counters());  // the same requests at the same cycles
    }
    ++totals.layers;
    totals.cycles += plain.counters.cycles;
  }
  return totals;
}

arch::SmartDealSpec kernel_spec(const std::string& memory, double frequency_hz) {
  arch::SmartDealSpec spec = arch::smartdeal_parameters().resolve({});
  spec.dim_M = 3;
  spec.dim_C = 4;
  spec.dim_F = 4;
  spec.dram_model = memory;
  spec.frequency_hz = frequency_hz;
  return spec;
}

/// Takes ten periods for every request, or refuses it.
class TenPeriods : public sc_core::sc_module {
 public:
  tlm_utils::simple_target_socket<TenPeriods> socket;
  TenPeriods(const sc_core::sc_module_name& name, const sc_core::sc_time& period, bool refuses)
      : sc_module(name), socket("socket"), period_(period), refuses_(refuses) {
    socket.register_b_transport(this, &TenPeriods::transport);
  }
  std::uint64_t bytes = 0, last_address = 0;
  bool last_write = false;

 private:
  void transport(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) {
    bytes += payload.get_data_length();
    last_address = payload.get_address();
    last_write = payload.is_write();
    delay += 10 * period_;
    payload.set_response_status(refuses_ ? tlm::TLM_ADDRESS_ERROR_RESPONSE : tlm::TLM_OK_RESPONSE);
  }
  sc_core::sc_time period_;
  bool refuses_;
};

const sc_core::sc_time nanosecond(1, sc_core::SC_NS);

}  // namespace

TEST_CASE("kernel = no kernel: JEDEC memory at 1 GHz") {
  const arch::SmartDealSpec spec = kernel_spec("lpddr4-3200-x32", 1e9);
  Top top = make_top(spec, true);
  const Totals totals = check_layers(spec, top, 100, true);
  // Both fidelities of every layer have passed in the kernel: simulated time goes on, a period a cycle.
  CHECK(sc_core::sc_time_stamp() == sc_core::sc_time(2.0 * static_cast<double>(totals.cycles), sc_core::SC_NS));
}

TEST_CASE("kernel = no kernel: bandwidth model at 200 MHz") {
  const arch::SmartDealSpec spec = kernel_spec("bandwidth", 0.2e9);
  Top top = make_top(spec, true);
  check_layers(spec, top, 200, true);
}

TEST_CASE("kernel = no kernel: a period that is no whole number of picoseconds") {
  const arch::SmartDealSpec spec = kernel_spec("ddr4-2400-x64", 3e9);
  Top top = make_top(spec, true);
  check_layers(spec, top, 300, true);
}

TEST_CASE("kernel = no kernel: slices in step, one slice, no memory in the timing") {
  arch::SmartDealSpec spec = kernel_spec("unlimited", 1e9);
  spec.slice_sync = "array";
  Top top = make_top(spec, true);
  check_layers(spec, top, 400, true);
}

TEST_CASE("a fast model has no clocked shells and gives the same") {
  const arch::SmartDealSpec spec = kernel_spec("lpddr4-3200-x32", 1e9);
  Top top = make_top(spec, false);
  check_layers(spec, top, 100, false);
}

TEST_CASE("the waveform changes nothing") {
  const arch::SmartDealSpec spec = kernel_spec("lpddr4-3200-x32", 1e9);
  Top top = make_top(spec, true);
  top.trace_waveform("waveform");
  check_layers(spec, top, 500, true);
  top.close_waveform();
  std::ifstream file("waveform.vcd");
  std::string line;
  CHECK(std::getline(file, line));
}

TEST_CASE("TLM: the DRAM target answers as the model does, and says so") {
  sim::DramSpec spec;
  const auto model = sim::make_dram(spec), direct = sim::make_dram(spec);
  sim::systemc::Dram dram("dram", *model, nanosecond);
  sim::systemc::DmaPort port("port", nanosecond);
  port.socket.bind(dram.socket);
  sc_core::sc_start(sc_core::SC_ZERO_TIME);
  dram.restart();
  port.restart();
  std::int64_t now = 0;
  for (std::uint64_t i = 0; i < 50; ++i) {
    const sim::DramRequest request{i * 4096 * 7, static_cast<std::uint32_t>(64 + i), i % 3 == 0};
    const std::int64_t done = port.access(request, now);
    CHECK(done == static_cast<std::int64_t>(direct->access(request, Cycles(static_cast<std::uint64_t>(now))).count()));
    now += 5;
  }
  CHECK(model->counters() == direct->counters());
  // A restart later on: cycle 0 is that time, the banks are idle.
  sc_core::sc_start(12345, sc_core::SC_NS);
  dram.restart();
  port.restart();
  direct->reset();
  CHECK(port.access({64, 64, false}, 3) ==
        static_cast<std::int64_t>(direct->access({64, 64, false}, Cycles(3)).count()));
}

TEST_CASE("TLM: another target binds to the DMA's port") {
  sim::systemc::DmaPort port("port", nanosecond);
  TenPeriods memory("memory", nanosecond, false);
  port.socket.bind(memory.socket);
  sc_core::sc_start(sc_core::SC_ZERO_TIME);
  port.restart();
  CHECK(port.access({4096, 96, true}, 5) == 15);
  CHECK(memory.last_address == 4096);
  CHECK(memory.last_write);
  // And serves the accelerator: `fast` on the port equals `fast` on a memory of ten cycles.
  test::SmartDealCase layer = test::dense_case(LayerShape{}, 5, 1);
  const arch::SmartDealSpec spec = test::small_spec(1, 1, 1);
  const auto unlimited = test::memory_of(spec);
  const Mapping mapping = map_layer(layer.data, spec, sim::speed_of(*unlimited));
  const sim::Activations image = layer.image();
  const CostTable costs(layer.data, image, spec);
  const LayerJob job{layer.data, image, mapping, costs, spec, true};
  memory.bytes = 0;
  const LayerRun run =
      run_fast(job, [&](const sim::DramRequest& request, Cycle now) { return port.access(request, now); });
  CHECK(run.counters.cycles == 1 + 10 + 8 + 10);  // two requests a cycle apart; 8 cycles from the load to the write
  CHECK(memory.bytes == run.counters.dram.total());
}

TEST_CASE("TLM: a target that refuses a request is an error") {
  sim::systemc::DmaPort port("port", nanosecond);
  TenPeriods memory("memory", nanosecond, true);
  port.socket.bind(memory.socket);
  sc_core::sc_start(sc_core::SC_ZERO_TIME);
  port.restart();
  CHECK_THROWS_WITH_AS(port.access({0, 8, false}, 0), "the memory refused a request: TLM_ADDRESS_ERROR_RESPONSE",
                       Error);
}

TEST_CASE("a SystemC warning fails a test" * doctest::should_fail()) {
  SC_REPORT_WARNING("/rebasis/test", "on purpose");
}
