// pe_slice, with two lines, in lock-step with sim/smartdeal/clocked/pe_slice: random layers, or layers of a trace
//   --trace FILE --layer NAME|N|all [--image K] [--tiles N]
// whose outputs are also compared with integer convolution.
#include <chrono>
#include <iostream>

#include "Vpe_slice.h"
#include "Vpe_slice___024root.h"
#include "common/error.h"
#include "rtl/bench/network.h"
#include "rtl/bench/smartdeal_case.h"
#include "rtl/bench/smartdeal_ports.h"

namespace rebasis::rtl {

namespace {

using View = sim::smartdeal::RegisterView;
constexpr std::size_t dim_C = 2;

class PeSliceBench : public Device<Vpe_slice> {
 public:
  [[nodiscard]] std::string name() const override { return "pe_slice"; }
  std::uint64_t run_case(std::uint64_t seed) override;
  std::uint64_t run_network(const NetworkRun& network) override;

 private:
  /// Runs the layer, or its first `tiles` tiles, and compares its outputs with integer convolution.
  void run(const SmartDealCase& layer, SliceModel& model, std::int64_t tiles);
  void drive(SliceModel& model);
  void compare_outputs(const SliceModel& model);
  void compare_registers(const SliceModel& model);
  void collect(const SliceModel& model);
  std::vector<std::int64_t> outputs_;
};

std::uint64_t PeSliceBench::run_case(std::uint64_t seed) {
  test::Dice dice(seed);
  const auto layer = smartdeal_case(dice, dim_C, Variety::lines);
  case_ = layer->in_words();
  SliceModel model(*layer, dice);
  run(*layer, model, INT64_MAX);
  return cycle_;
}

std::uint64_t PeSliceBench::run_network(const NetworkRun& network) {
  std::uint64_t cycles = 0;
  const auto any = [](const trace::LayerInfo&) { return true; };
  for_layers(network, any, [&](const trace::TraceReader& trace, const trace::LayerInfo& info) {
    case_ = info.name + "\n";
    std::unique_ptr<SmartDealCase> layer;
    try {
      layer = trace_case(trace, info, network.image, dim_C);
    } catch (const Error& error) {
      if (error.status() != Status::infeasible) throw;
      std::cout << name() << ": " << info.name << ": not run: " << error.what() << "\n";
      return;
    }
    test::Dice dice(1);
    SliceModel model(*layer, dice, false);
    const auto begin = std::chrono::steady_clock::now();
    run(*layer, model, network.tiles);
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    std::cout << name() << ": " << info.name << ": " << View::step(model.slices.front()) << " of "
              << model.context.steps.size() << " tiles, " << cycle_ << " cycles, no difference ("
              << static_cast<std::int64_t>(static_cast<double>(cycle_) / seconds) << " cycles a second)\n"
              << std::flush;
    cycles += cycle_;
  });
  if (cycles == 0) fail_infeasible("none of the layers fits the slice");
  return cycles;
}

void PeSliceBench::run(const SmartDealCase& layer, SliceModel& model, std::int64_t tiles) {
  outputs_.assign(static_cast<std::size_t>(layer.layer.shape().M * layer.layer.shape().E() * layer.layer.shape().F()),
                  0);
  configure(dut_, layer);
  dut_.cfg_array_sync = layer.spec.slice_sync == "array";
  dut_.cfg_result_signed = layer.scales.front().signed_results;
  copy_ports(dut_, {});
  dut_.passed = dut_.all_done = dut_.out_pop = 0;
  reset();
  while (!model.finished() && static_cast<std::int64_t>(model.tile) < tiles) {
    model.evaluate();
    drive(model);
    settle();
    compare_outputs(model);
    collect(model);
    clock();
    model.commit();
    compare_registers(model);
  }
  if (!model.finished()) return;
  const std::vector<std::int64_t> expected = reference(layer);
  for (std::size_t i = 0; i < expected.size(); ++i) same("output (convolution and model)", i, expected[i], outputs_[i]);
}

void PeSliceBench::drive(SliceModel& model) {
  LinePorts ports;
  for (std::size_t i = 0; i < dim_C; ++i)
    ports.set(i, model.inputs[i], static_cast<std::size_t>(model.layer.spec.lane_bytes()));
  copy_ports(dut_, ports);
  dut_.passed = static_cast<SData>(tile_tag(model.passed));
  dut_.all_done = static_cast<SData>(tile_tag(model.all_done));
  dut_.out_pop = model.out_pop;
  dut_.tile_emits = model.emits;
  dut_.tile_final = model.final_sums;
  if (model.tile < model.context.steps.size()) {
    const std::vector<std::int64_t> filters = model.filters(model.tile);
    for (std::size_t i = 0; i < filters.size(); ++i) {
      const sim::smartdeal::Requantisation& scale = model.layer.scales[static_cast<std::size_t>(filters[i])];
      put_bits(dut_.tile_bias, 32 * i, 32, scale.bias);
      put_bits(dut_.tile_multiplier, 16 * i, 16, scale.multiplier);
      put_bits(dut_.tile_shift, 6 * i, 6, scale.shift);
    }
  }
  const std::size_t port = 2 * static_cast<std::size_t>(instance.precision);
  for (std::size_t i = 0; i < dim_C; ++i) put_bits(dut_.weight_data, port * i, port, model.weight_word(i));
}

void PeSliceBench::compare_outputs(const SliceModel& model) {
  for (std::size_t i = 0; i < dim_C; ++i) {
    const LineActs& acts = model.acts[i];
    same("row_read", i, acts.row_read, bits_of(dut_.row_read, i, 1));
    same("basis_read", i, acts.basis_read, bits_of(dut_.basis_read, i, 1));
    same("working", i, acts.working, bits_of(dut_.working, i, 1));
    same("completing", i, acts.completing, bits_of(dut_.completing, i, 1));
  }
  same("out_valid", model.out.has_value(), dut_.out_valid);
  if (!model.out) return;
  const std::vector<std::int64_t> filters = model.filters(model.out->step);
  const std::size_t width = model.out->sums.size() / filters.size();
  const bool final_sums = model.context.block(model.out->step).last_chunk;
  for (std::size_t i = 0; i < model.out->sums.size(); ++i) {
    const auto filter = static_cast<std::size_t>(filters[i / width]);
    const std::int64_t sum = model.out->sums[i];
    const std::int64_t word = final_sums ? sim::smartdeal::requantise(sum, model.layer.scales[filter]) : sum;
    same("out_sums", i, word,
         bits_of(dut_.out_sums, 32 * mac_of(dut_.cfg_clustered != 0, i / width, i % width), 32, true));
  }
}

/// Sums that leave; those of several chunks add up.
void PeSliceBench::collect(const SliceModel& model) {
  if (!model.out_pop) return;
  const sim::smartdeal::Tile& tile = model.context.steps[model.out->step].tile;
  const LayerShape& shape = model.context.shape;
  std::size_t i = 0;
  for (const std::int64_t filter : model.filters(model.out->step)) {
    for (std::int64_t f = 0; f < tile.width; ++f)
      outputs_[static_cast<std::size_t>((filter * shape.E() + tile.e) * shape.F() + tile.index * dim_F + f)] +=
          model.out->sums[i++];
  }
}

void PeSliceBench::compare_registers(const SliceModel& model) {
  const sim::smartdeal::PeSlice& slice = model.slices.front();
  same("tile", tile_tag(View::step(slice)), dut_.tile);
  same("local_done", View::local_done(slice), dut_.local_done);
  same("tiles in the output FIFO", View::occupied(slice), dut_.rootp->pe_slice__DOT__occupied);
  const bool clustered = dut_.cfg_clustered != 0;
  for (std::size_t i = 0; i < dim_C; ++i) {
    const View::Line line = View::line(slice.line(static_cast<std::int64_t>(i)), model.now - 1);
    same("loaded_region", i, line.loaded + 1,
         bits_of(dut_.loaded_region, instance.region_bits * i, instance.region_bits));
    same("basis_idle", i, line.basis_idle, bits_of(dut_.basis_idle, i, 1));
    const std::vector<std::int64_t> sums = model.sums(i);
    for (std::size_t k = 0; k < sums.size(); ++k) {
      const std::size_t filter = k / static_cast<std::size_t>(dim_F), f = k % static_cast<std::size_t>(dim_F);
      if (clustered && f > 0) continue;  // one column
      const std::size_t at = i * static_cast<std::size_t>(dim_F) + mac_of(clustered, filter, f);
      same("sum of line and column", 10 * i + k, sums[k], bits_of(dut_.rootp->pe_slice__DOT__sums, 32 * at, 32, true));
    }
  }
}

}  // namespace

std::unique_ptr<BlockBench> make_bench() { return std::make_unique<PeSliceBench>(); }

}  // namespace rebasis::rtl
