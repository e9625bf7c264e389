// ternary_pe in lock-step with sim/pynq_ternary/clocked/pe: trips of random filters, units and pieces of kernels, with
// gaps; or whole layers on the clocked array, whose window, weights and trips the RTL gets.
#include <bit>

#include "Vternary_pe.h"
#include "Vternary_pe___024root.h"
#include "rtl/bench/network.h"
#include "rtl/bench/pynq_ternary_view.h"
#include "sim/pynq_ternary/mapping.h"

namespace rebasis::rtl {

namespace {

using namespace sim::pynq_ternary;
constexpr std::int64_t lanes = RTL_LANES, depth = RTL_DEPTH;
constexpr std::size_t value_w = 17;
constexpr sim::MemorySpeed memory{1.6, 100};

class TernaryPeBench : public Device<Vternary_pe> {
 public:
  [[nodiscard]] std::string name() const override { return RTL_NAME; }
  std::uint64_t run_case(std::uint64_t seed) override;
  std::uint64_t run_network(const NetworkRun& network) override;

 private:
  void run_layer(const TernaryLayer& layer, const sim::Activations& image);
  void drive_weights(const Job& job, const PeWeights& in_use);
  void drive_window(const WindowRegisters& window);
  void compare_outputs(const ProcessingElement& pe, std::int64_t (*place)(const Job&, const PeTrip&), const Job& job);
  void compare_registers(const ProcessingElement& pe);
};

PeWeights random_weights(const TernaryJob& layer, test::Dice& dice) {
  return {dice.between(0, layer.job.shape().M - 1), dice.between(0, layer.job.units.per_filter() - 1),
          dice.pick(cut_kernel(layer.job.shape(), layer.job.spec))};
}

/// Values of the window in the cycle: random, or all at an end of their range.
WindowRegisters random_window(std::int64_t kind, test::Dice& dice) {
  WindowRegisters window;
  for (std::int64_t i = 0; i < lanes; ++i) {
    const std::int64_t value = kind == 0 ? 0 : kind == 1 ? 65535 : kind == 2 ? -32768 : dice.between(-32768, 65535);
    window.values.push_back(static_cast<std::int32_t>(value));
  }
  return window;
}

std::int64_t random_place(const Job&, const PeTrip& trip) { return trip.e << 8 | trip.f; }
std::int64_t place_in_layer(const Job& job, const PeTrip& trip) {
  return (trip.filter * job.shape().E() + trip.e) * job.shape().F() + trip.f;
}

std::uint64_t TernaryPeBench::run_case(std::uint64_t seed) {
  test::Dice dice(seed);
  TernaryJob layer(dice, pe_specification(lanes / 9, depth));
  ProcessingElement pe(layer.job);
  const double gap = dice.pick<double>({0, 0.3, 0.9});
  const std::int64_t kind = dice.between(0, 9);
  dut_.issue = 0;
  reset();
  for (int i = 0; i < 300; ++i) {
    const bool issue = !dice.chance(gap);
    const PeTrip trip{0, dice.between(0, 255), dice.between(0, 255)};
    const PeWeights in_use = random_weights(layer, dice);
    const WindowRegisters window = random_window(kind, dice);
    dut_.issue = issue;
    dut_.issue_tag = static_cast<SData>(random_place(layer.job, trip));
    drive_weights(layer.job, in_use);
    drive_window(window);
    const std::int64_t partial = dice.between(-(1 << 30), 1 << 30);
    dut_.partial_sum = static_cast<IData>(partial);
    pe.step(issue ? &trip : nullptr, in_use, window, layer.counters);
    settle();
    compare_outputs(pe, random_place, layer.job);
    if (pe.accumulates()) same("write_sum", partial + pe.accumulates()->sum, static_cast<std::int32_t>(dut_.write_sum));
    clock();
    compare_registers(pe);
  }
  return cycle_;
}

std::uint64_t TernaryPeBench::run_network(const NetworkRun& network) {
  std::uint64_t cycles = 0;
  const auto ternary = [](const trace::LayerInfo& info) { return info.encoding == "ternary"; };
  for_layers(network, ternary, [&](const trace::TraceReader& trace, const trace::LayerInfo& info) {
    case_ = info.name;
    const sim::Activations image(trace.tensor(info.name + "/activations"), info.shape, network.image);
    run_layer(load_ternary_layer(trace, info), image);
    cycles += cycle_;
  });
  return cycles;
}

/// All steps of the mapped layer, without the memory's waits. The accumulators of the RTL are the bench's, a memory
/// whose answer comes a cycle after its address.
void TernaryPeBench::run_layer(const TernaryLayer& layer, const sim::Activations& image) {
  const arch::PynqTernarySpec spec = pe_specification(lanes / 9, depth);
  const sim::CounterNames names = counter_names(spec);
  const UnitTable units(layer, spec);
  sim::StepPlan steps;
  const Job job{layer, units, steps, spec, names};
  steps = map_layer(job, memory).steps;
  if (layer.shape().M * layer.shape().E() * layer.shape().F() > 65536)
    fail_input(layer.info.name + " has more outputs than a tag of 16 bits names");
  ArrayCore core(job, image);
  core.arm(steps.steps.size());
  std::vector<std::int64_t> accumulators(
      static_cast<std::size_t>(layer.shape().M * layer.shape().E() * layer.shape().F()), 0);
  const ProcessingElement& pe = RegisterView::pe(core);
  dut_.issue = 0;
  dut_.partial_sum = 0;
  reset();
  for (sim::Cycle now = 0; core.completed() < steps.steps.size(); ++now) {
    const auto trip = RegisterView::trip(core);
    dut_.issue = trip.has_value();
    if (trip) dut_.issue_tag = static_cast<SData>(place_in_layer(job, *trip));
    drive_weights(job, RegisterView::in_use(core));
    drive_window(RegisterView::window(core));
    settle();
    for (std::size_t shell = 0; shell < core.shells(); ++shell) core.evaluate(shell, now);
    compare_outputs(pe, place_in_layer, job);
    const std::int64_t read = dut_.read_valid ? accumulators[dut_.read_tag] : 0;
    if (dut_.write_valid) accumulators[dut_.write_tag] = static_cast<std::int32_t>(dut_.write_sum);
    clock();
    core.commit(now);
    dut_.partial_sum = static_cast<IData>(read);
    compare_registers(pe);
  }
  compare_with_convolution(layer.shape(), layer.codes, image, accumulators, cycle_);
  compare_with_convolution(layer.shape(), layer.codes, image, core.take_outputs(), cycle_);
}

void TernaryPeBench::drive_weights(const Job& job, const PeWeights& in_use) {
  for (std::int64_t lane = 0; lane < lanes; lane += 16)
    put_bits(dut_.in_use, static_cast<std::size_t>(2 * lane),
             static_cast<std::size_t>(2 * std::min<std::int64_t>(16, lanes - lane)), 0);
  if (in_use.filter < 0) return;
  const std::int64_t first = in_use.unit * job.units.channels();
  for (std::int64_t c = 0; c < job.units.channels_of(in_use.unit); ++c) {
    for (std::int64_t r = 0; r < in_use.piece.rows.size(); ++r) {
      for (std::int64_t s = 0; s < in_use.piece.columns.size(); ++s)
        put_bits(dut_.in_use, 2 * lane_of(job.spec, in_use.piece, c, r, s), 2,
                 job.layer.code(in_use.filter, first + c, in_use.piece.rows.first + r, in_use.piece.columns.first + s));
    }
  }
}

void TernaryPeBench::drive_window(const WindowRegisters& window) {
  for (std::size_t lane = 0; lane < window.values.size(); ++lane)
    put_bits(dut_.window, value_w * lane, value_w, window.values[lane]);
}

void TernaryPeBench::compare_outputs(const ProcessingElement& pe, std::int64_t (*place)(const Job&, const PeTrip&),
                                     const Job& job) {
  same("read_valid", pe.reads().has_value(), dut_.read_valid);
  if (pe.reads()) same("read_tag", place(job, *pe.reads()), dut_.read_tag);
  const auto& sum = pe.accumulates();
  same("write_valid", sum.has_value(), dut_.write_valid);
  if (!sum) return;
  same("write_tag", place(job, {sum->filter, sum->e, sum->f}), dut_.write_tag);
}

/// Register `i` behind stage `stage` of the tree; 0: the lanes.
std::int64_t operand(const Vternary_pe___024root& rtl, std::int64_t stage, std::size_t i) {
  constexpr std::int64_t levels = std::bit_width(static_cast<std::uint64_t>(lanes - 1)), stages = depth - 6;
  const auto width = value_w + 1 + static_cast<std::size_t>((levels * stage + stages - 1) / stages);
  const auto in = [&](const auto& registers) { return bits_of(registers, width * i, width, true); };
#define REBASIS_TREE_STAGE(s) \
  case s:                     \
    return in(rtl.ternary_pe__DOT__g_stage__BRA__##s##__KET____DOT__registers);
  switch (stage) {
    case 0:
      return in(rtl.ternary_pe__DOT__lanes);
      REBASIS_TREE_STAGE(1)
      REBASIS_TREE_STAGE(2)
#if RTL_DEPTH == 14
      REBASIS_TREE_STAGE(3)
      REBASIS_TREE_STAGE(4)
      REBASIS_TREE_STAGE(5)
      REBASIS_TREE_STAGE(6)
      REBASIS_TREE_STAGE(7)
      REBASIS_TREE_STAGE(8)
#endif
    default:
      return static_cast<std::int32_t>(rtl.ternary_pe__DOT__held);
  }
#undef REBASIS_TREE_STAGE
}

void TernaryPeBench::compare_registers(const ProcessingElement& pe) {
  constexpr std::int64_t lanes_stage = ProcessingElement::lanes_stage;
  std::int64_t stages = 0;
  for (const RegisterView::Flight& flight : RegisterView::flights(pe)) {
    stages |= std::int64_t{1} << flight.stage;
    if (flight.stage < lanes_stage) continue;
    for (std::size_t i = 0; i < flight.operands->size(); ++i) {
      same("operand", 1000 * static_cast<std::size_t>(flight.stage) + i, (*flight.operands)[i],
           operand(*dut_.rootp, flight.stage - lanes_stage, i));
    }
  }
  same("trips in stages", stages, dut_.rootp->ternary_pe__DOT__valid);
}

}  // namespace

std::unique_ptr<BlockBench> make_bench() { return std::make_unique<TernaryPeBench>(); }

}  // namespace rebasis::rtl
