#include "tests/support/bit_pragmatic_case.h"

#include "tests/support/model_equivalence.h"

namespace rebasis::test {

arch::BitPragmaticSpec small_bit_pragmatic() {
  arch::BitPragmaticSpec spec = arch::bit_pragmatic_parameters().resolve(arch::RawConfig::parse("", "test"));
  spec.tiles = 1;
  spec.rows = 4;
  spec.columns = 4;
  spec.lanes = 4;
  spec.nbin_row_bricks = 4;
  spec.sb_weights_per_cycle = 16;
  spec.nbout_outputs_per_cycle = 4;
  spec.nbin_bytes = spec.sb_bytes = spec.nbout_bytes = 64 * 1024;
  spec.dram_model = "unlimited";
  return spec;
}

arch::BitPragmaticSpec random_bit_pragmatic(Dice& dice) {
  arch::BitPragmaticSpec spec = small_bit_pragmatic();
  randomise_system(spec, dice);
  randomise_decoder(spec.decoder, dice);
  spec.precision_bits = dice.pick<std::int64_t>({8, 8, 16});
  spec.tiles = dice.pick<std::int64_t>({1, 1, 2, 3});
  spec.rows = dice.pick<std::int64_t>({1, 2, 4, 5});
  spec.columns = dice.pick<std::int64_t>({1, 2, 3, 4, 8});
  spec.lanes = dice.pick<std::int64_t>({1, 2, 3, 4, 8, 16});
  spec.windows = dice.pick<std::string>({"raster", "row"});
  spec.pack_groups = dice.chance(0.7);
  spec.fold = dice.pick<std::string>({"row", "off"});
  spec.encoding = dice.pick<std::string>({"plain", "booth", "naf"});
  spec.first_stage_bits = dice.between(0, 5);
  spec.pipeline_stages = dice.pick<std::int64_t>({0, 1, 4, 9});
  spec.encode_stages = dice.pick<std::int64_t>({0, 1, 3});
  spec.read_latency = dice.pick<std::int64_t>({0, 1, 2});
  spec.nbout_ports = dice.pick<std::int64_t>({1, 2});
  spec.accumulator_bits = dice.pick<std::int64_t>({32, 48, 64});
  spec.sync = dice.pick<std::string>({"column", "column", "pallet"});
  spec.registers = dice.pick<std::int64_t>({1, 1, 2, 3, 8});
  spec.nbin_row_bricks = dice.pick<std::int64_t>({1, 2, 4, 8});
  spec.sb_weights_per_cycle = dice.pick<std::int64_t>({2, 5, 16, 256});
  spec.nbout_outputs_per_cycle = dice.pick<std::int64_t>({1, 2, 16});
  const std::vector<std::int64_t> sizes{512, 2048, 8192, 65536};
  spec.nbin_bytes = dice.pick(sizes);
  spec.sb_bytes = dice.pick(sizes);
  spec.nbout_bytes = dice.pick(sizes);
  return spec;
}

}  // namespace rebasis::test
