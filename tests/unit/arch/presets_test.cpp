// The presets that ship resolve, and the examples of docs/configuration.md do what the page says.
#include <doctest/doctest.h>

#include "arch/accelerator_file.h"
#include "arch/smartdeal/spec.h"
#include "common/file.h"
#include "tests/support/errors.h"

using rebasis::arch::load_accelerator_file;
using rebasis::arch::RawConfig;
using rebasis::arch::smartdeal_parameters;
using rebasis::arch::SmartDealSpec;
using rebasis::test::bad_input;

TEST_CASE("the smartdeal preset has the resources of Table IX") {
  const auto file = load_accelerator_file("smartdeal");
  CHECK(file.model == "smartdeal");
  const SmartDealSpec spec = smartdeal_parameters().resolve(file.config);
  CHECK(spec.dim_M == 64);
  CHECK(spec.dim_C == 16);
  CHECK(spec.dim_F == 8);
  CHECK(spec.input_gb_bytes == 16 * 1024 * 32);     // Table IX: 16 KB x 32 banks
  CHECK(spec.weight_buffer_bytes == 2 * 1024 * 2);  // 2 KB x 2 banks a slice
  CHECK(spec.output_gb_bytes == 2 * 1024 * 2);      // 2 KB x 2 banks
  CHECK(spec.frequency_hz == 1e9);
}

TEST_CASE("every resolved parameter of smartdeal reads back") {
  const auto& set = smartdeal_parameters();
  const SmartDealSpec spec = set.resolve(load_accelerator_file("smartdeal").config);
  const auto printed = set.print(spec);
  CHECK(printed.size() == set.describe().size());
  CHECK(set.print(set.resolve(RawConfig::parse(rebasis::arch::to_yaml(printed), "printed"))) == printed);
}

TEST_CASE("the example and the messages of the configuration page") {
  rebasis::write_file("mine.yaml",
                      "# mine.yaml: SmartDeal with half the input buffer and a slower clock\nbased_on: smartdeal\n"
                      "description: half the input buffer\nclock.frequency: 500 MHz\ninput_gb:\n  size: 256 KB\n");
  const auto file = load_accelerator_file("mine.yaml", {"dram.model=unlimited"});
  const SmartDealSpec spec = smartdeal_parameters().resolve(file.config);
  CHECK(spec.frequency_hz == 5e8);
  CHECK(spec.input_gb_bytes == 262144);
  CHECK(spec.dram_model == "unlimited");

  const auto message = [](const std::string& yaml) {
    return bad_input([&] { (void)smartdeal_parameters().resolve(RawConfig::parse(yaml, "mine.yaml")); });
  };
  CHECK(message("\n\n\ninput_gb.bank: 3") ==
        "mine.yaml:4: unknown key 'input_gb.bank'; did you mean 'input_gb.banks'?");
  CHECK(message("\n\nclock.frequency: 1 GB/s") ==
        "mine.yaml:3: clock.frequency: '1 GB/s' has the unit 'GB/s'; write a number of Hz, 1 MHz to 100 GHz");
  CHECK(message("input_gb:\n  size: 512 KB\n  banks: 3\n") == "mine.yaml:3: input_gb.banks must divide input_gb.size");
  RawConfig config;
  config.set("array.dim_M=0");
  CHECK(bad_input([&] { (void)smartdeal_parameters().resolve(config); }) ==
        "--set array.dim_M=0: array.dim_M: '0' is out of range; write a whole number, 1 to 1024");
}
