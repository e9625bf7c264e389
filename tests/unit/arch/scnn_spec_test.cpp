// SCNN's parameters: defaults of the paper, refusals of what cannot be built.
#include <doctest/doctest.h>

#include "arch/accelerator_file.h"
#include "arch/scnn/spec.h"
#include "tests/support/errors.h"

using namespace rebasis;

namespace {

arch::ScnnSpec resolve(const std::string& yaml) {
  return arch::scnn_parameters().resolve(arch::RawConfig::parse(yaml, "mine.yaml"));
}
std::string refusal(const std::string& yaml) {
  return test::bad_input([&] { resolve(yaml); });
}

}  // namespace

TEST_CASE("The array is the published one") {
  const arch::ScnnSpec spec = resolve("");
  CHECK(spec.multipliers() == 1024);
  CHECK(spec.banks == 2 * spec.weights_F * spec.activations_I);
  CHECK(spec.stored_bits() == 12);
  CHECK(spec.storage_bytes() == 772 * 1024);
}

TEST_CASE("The presets: the resources of Table IX, and the published design") {
  const auto of = [](const std::string& preset) {
    return arch::scnn_parameters().resolve(arch::load_accelerator_file(preset).config);
  };
  const arch::ScnnSpec table = of("scnn");
  CHECK(table.multipliers() == 1024);
  CHECK(table.precision_bits == 8);
  CHECK(table.storage_bytes() == 772 * 1024);
  CHECK(table.frequency_hz == 1e9);
  const arch::ScnnSpec published = of("scnn-original");
  CHECK(published.precision_bits == 16);
  CHECK(published.iaram_bytes == 10 * 1024);
  CHECK(published.oaram_bytes == 10 * 1024);
  CHECK(published.banks * published.bank_entries * published.accumulator_bits / 8 * published.accumulator_buffers ==
        6 * 1024);
  CHECK(published.dram_bandwidth_gb_s == 50);
}

TEST_CASE("Every resolved parameter reads back") {
  const auto& set = arch::scnn_parameters();
  const auto printed = set.print(set.resolve(arch::load_accelerator_file("scnn").config));
  CHECK(printed.size() == set.describe().size());
  CHECK(set.print(set.resolve(arch::RawConfig::parse(arch::to_yaml(printed), "printed"))) == printed);
}

TEST_CASE("What cannot be built is refused at its line") {
  CHECK(refusal("array:\n  precision: 12\n").find("mine.yaml:2: array.precision must be 8 or 16 bits") !=
        std::string::npos);
  CHECK(refusal("accumulator:\n  bits: 20\n").find("mine.yaml:2: accumulator.bits must be a whole number of bytes") !=
        std::string::npos);
  CHECK(refusal("oaram:\n  size: 1535\n").find("mine.yaml:2: oaram.size must be even") != std::string::npos);
  CHECK(refusal("weight_buffer:\n  size: 4097\n").find("mine.yaml:2: weight_buffer.size must be even") !=
        std::string::npos);
  CHECK(refusal("pe:\n  weights: 9\n").find("mine.yaml:2:") != std::string::npos);
  CHECK(refusal("accumulator:\n  banks: 0\n").find("mine.yaml:2:") != std::string::npos);
  CHECK(refusal("accumulator:\n  layout: zigzag\n").find("mine.yaml:2:") != std::string::npos);
  CHECK(refusal("iaram:\n  size: 4 GHz\n").find("mine.yaml:2:") != std::string::npos);
  CHECK(refusal("weight_fifo:\n  depth: 3\n").find("mine.yaml:2:") != std::string::npos);
}
