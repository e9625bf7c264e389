#include "tests/support/cambricon_x_case.h"

#include "common/error.h"
#include "sim/cambricon_x/plan.h"
#include "sim/core/system.h"

namespace rebasis::test {

arch::CambriconXSpec random_cambricon_x(Dice& dice) {
  arch::CambriconXSpec spec = arch::cambricon_x_parameters().resolve({});
  randomise_system(spec, dice);
  randomise_decoder(spec.decoder, dice);
  spec.pes = dice.pick<std::int64_t>({1, 2, 3, 4, 8, 16});
  spec.multipliers = dice.pick<std::int64_t>({1, 2, 3, 4, 8, 16});
  spec.precision_bits = dice.pick<std::int64_t>({8, 8, 16});
  spec.assignment = dice.pick<std::string>({"sorted", "in_order"});
  spec.scan = spec.multipliers * dice.pick<std::int64_t>({1, 2, 4, 16}) + dice.pick<std::int64_t>({0, 0, 1});
  spec.lines = dice.pick<std::int64_t>({2, 3, 4, 16, 1000});
  spec.nbin_latency = dice.pick<std::int64_t>({0, 1, 2});
  spec.step_bits = dice.pick<std::int64_t>({1, 2, 4, 8, 16});
  spec.gather = dice.pick<std::string>({"window", "window", "row", "tap"});
  spec.sb_banks = spec.index_banks = 1;  // only prices depend on them
  spec.nbin_banks = dice.pick<std::int64_t>({1, 4});
  spec.nbin_bytes = dice.pick<std::int64_t>({512, 2048, 65536});
  spec.nbout_bytes = spec.pes * dice.pick<std::int64_t>({32, 256, 8192});
  spec.sb_bytes = dice.pick<std::int64_t>({128, 512, 8192});
  spec.index_bytes = spec.pes * dice.pick<std::int64_t>({128, 512, 8192});
  return spec;
}

arch::CambriconXSpec roomy_cambricon_x(std::int64_t pes, std::int64_t multipliers, std::int64_t scan) {
  arch::CambriconXSpec spec = arch::cambricon_x_parameters().resolve({});
  spec.dram_model = "unlimited";
  spec.pes = pes;
  spec.multipliers = multipliers;
  spec.scan = scan;
  spec.step_bits = 16;
  spec.assignment = "in_order";
  spec.nbin_latency = 0;
  spec.nbin_bytes = spec.nbout_bytes = spec.index_bytes = pes << 20;
  spec.sb_bytes = 1 << 20;
  return spec;
}

CambriconXCase::CambriconXCase(RandomDenseLayer layer_of, const arch::CambriconXSpec& spec_of)
    : layer(std::move(layer_of)), spec(spec_of), names(sim::cambricon_x::counter_names(spec)) {
  const auto memory = sim::make_dram(sim::dram_spec(spec));
  try {
    plan = sim::cambricon_x::make_plan(layer.layer, spec, names, sim::speed_of(*memory));
  } catch (const Error& error) {
    if (error.status() != Status::infeasible) throw;
    reason = error.what();
  }
}

sim::LayerRun CambriconXCase::run() const {
  const auto memory = sim::make_dram(sim::dram_spec(spec));
  return plan->run_fast(layer.image(), sim::port_to(*memory), true);
}

sim::cambricon_x::StepTime whole_step(const RandomDenseLayer& random, const arch::CambriconXSpec& spec) {
  const sim::cambricon_x::SparseLayer layer(random.layer, spec);
  const LayerShape& shape = layer.shape();
  sim::ConvTile tile;
  tile.groups = {0, shape.groups};
  tile.filters = {0, shape.filters_per_group()};
  tile.channels = {0, shape.channels_per_group()};
  const auto costs = sim::cambricon_x::line_costs(layer, tile, sim::cambricon_x::assign(layer, tile));
  return sim::cambricon_x::step_time(costs, shape.E() * shape.F(), spec);
}

}  // namespace rebasis::test
