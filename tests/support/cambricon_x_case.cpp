#include "tests/support/cambricon_x_case.h"

#include "tests/support/model_equivalence.h"

namespace rebasis::test {

arch::CambriconXSpec random_cambricon_x(Dice& dice) {
  arch::CambriconXSpec spec = arch::cambricon_x_parameters().resolve({});
  randomise_system(spec, dice);
  spec.pes = dice.pick<std::int64_t>({1, 2, 3, 4, 8, 16});
  spec.multipliers = dice.pick<std::int64_t>({1, 2, 3, 4, 8, 16});
  spec.precision_bits = dice.pick<std::int64_t>({8, 8, 16});
  spec.assignment = dice.pick<std::string>({"sorted", "in_order"});
  spec.scan = spec.multipliers * dice.pick<std::int64_t>({1, 2, 4, 16}) + dice.pick<std::int64_t>({0, 0, 1});
  spec.lines = dice.pick<std::int64_t>({2, 3, 4, 16, 1000});
  spec.step_bits = dice.pick<std::int64_t>({1, 2, 4, 8, 16});
  spec.gather = dice.pick<std::string>({"window", "window", "row", "tap"});
  spec.nbin_banks = dice.pick<std::int64_t>({1, 4});
  spec.nbin_bytes = dice.pick<std::int64_t>({512, 2048, 65536});
  spec.nbout_bytes = spec.pes * dice.pick<std::int64_t>({32, 256, 8192});
  spec.sb_bytes = dice.pick<std::int64_t>({128, 512, 8192});
  spec.index_bytes = spec.pes * dice.pick<std::int64_t>({128, 512, 8192});
  return spec;
}

}  // namespace rebasis::test
