// Bit-Pragmatic's presets and the designs that are refused.
#include <doctest/doctest.h>

#include "arch/accelerator_file.h"
#include "arch/bit_pragmatic/spec.h"
#include "tests/support/errors.h"

using rebasis::arch::bit_pragmatic_parameters;
using rebasis::arch::BitPragmaticSpec;
using rebasis::arch::load_accelerator_file;
using rebasis::arch::RawConfig;
using rebasis::test::bad_input;

namespace {

std::string refusal(const std::string& text) {
  return bad_input([&] { (void)bit_pragmatic_parameters().resolve(RawConfig::parse(text, "mine.yaml")); });
}

bool contains(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("the bit-pragmatic preset has the resources of Table IX") {
  const auto file = load_accelerator_file("bit-pragmatic");
  CHECK(file.model == "bit-pragmatic");
  const BitPragmaticSpec spec = bit_pragmatic_parameters().resolve(file.config);
  CHECK(spec.multipliers() == 8192);
  CHECK(spec.precision_bits == 8);
  CHECK(spec.columns == 8);  // the 8-bit variant: 8 columns x 8 oneffsets = the dense machine's 8 windows in 8 cycles
  CHECK(spec.nbin_bytes + spec.sb_bytes + spec.nbout_bytes == 772 * 1024);
  CHECK(spec.frequency_hz == 1e9);
  CHECK(spec.set_cycles() == 1);
  CHECK(spec.result_cycles(true) == 1);
  CHECK(spec.result_cycles(false) == (spec.nbout_ports == 2 ? 1 : 2));
}

TEST_CASE("the published preset has DaDianNao's organisation") {
  const BitPragmaticSpec spec =
      bit_pragmatic_parameters().resolve(load_accelerator_file("bit-pragmatic-original").config);
  CHECK(spec.multipliers() == 16 * 16 * 16 * 16);
  CHECK(spec.precision_bits == 16);
  CHECK(spec.encoding == "plain");
  CHECK(spec.sb_bytes == 32 * 1024 * 1024);
  CHECK(spec.nbin_bytes + spec.nbout_bytes == 4 * 1024 * 1024);
  CHECK(spec.sets_held() == 1);
}

TEST_CASE("every resolved parameter reads back") {
  for (const char* preset : {"bit-pragmatic", "bit-pragmatic-original"}) {
    const auto& set = bit_pragmatic_parameters();
    const auto printed = set.print(set.resolve(load_accelerator_file(preset).config));
    CHECK(printed.size() == set.describe().size());
    CHECK(set.print(set.resolve(RawConfig::parse(rebasis::arch::to_yaml(printed), "printed"))) == printed);
  }
}

TEST_CASE("malformed designs are refused with file, line and what would be right") {
  CHECK(contains(refusal("array:\n  precision: 12\n"), "mine.yaml:2: array.precision must be 8 or 16 bits"));
  CHECK(contains(refusal("array:\n  precision: 16\npip:\n  accumulator_bits: 24\n"),
                 "mine.yaml:4: pip.accumulator_bits is less than a product"));
  CHECK(contains(refusal("pip:\n  accumulator_bits: 33\n"),
                 "mine.yaml:2: pip.accumulator_bits must be a whole number of bytes"));
  CHECK(contains(refusal("sync:\n  registers: 0\n"), "mine.yaml:2: "));
  CHECK(contains(refusal("sync:\n  mode: tile\n"), "mine.yaml:2: "));
  CHECK(contains(refusal("oneffset:\n  encoding: booth2\n"), "booth"));
  CHECK(contains(refusal("pip:\n  first_stage_bits: 6\n"), "mine.yaml:2: "));
  CHECK(contains(refusal("sb:\n  size: 100\n"), "sb.banks must divide sb.size"));
  CHECK(contains(refusal("nbin:\n  banks: 7\n"), "mine.yaml:2: nbin.banks must divide nbin.size"));
  CHECK(contains(refusal("nbout:\n  banks: 7\n"), "mine.yaml:2: nbout.banks must divide nbout.size"));
  CHECK(contains(refusal("array:\n  tiles: 256\n  rows: 256\n  columns: 64\n"),
                 "the array has more than 4194304 multipliers"));
  CHECK(contains(refusal("array:\n  column: 8\n"), "array.columns"));
}
