// Area: gates against hand counts, forms against synthesised points, components against sums.
#include <doctest/doctest.h>

#include <cmath>
#include <string>

#include "arch/accelerator_file.h"
#include "arch/area/area.h"
#include "arch/parameter_reference.h"

using namespace rebasis;
using arch::DesignFacts;

namespace {

DesignFacts of_preset(const std::string& preset) {
  const arch::AcceleratorFile file = arch::load_accelerator_file(preset);
  return arch::Registry<arch::ParameterReference>::global().create(file.model)->facts(file.config);
}

DesignFacts of(const std::string& model, const std::string& yaml) {
  return arch::Registry<arch::ParameterReference>::global().create(model)->facts(
      arch::RawConfig::parse(yaml, "mine.yaml"));
}

doctest::Approx about(double value) { return doctest::Approx(value).epsilon(1e-5); }

}  // namespace

TEST_CASE("gates of parts, against gates counted by hand") {
  const arch::GateTable& table = arch::GateTable::shipped();
  // NAND2 equivalents of the library's cells: XOR2 1.596 / 0.798, AOI21 1.064 / 0.798, INV 0.532 / 0.798. A full adder
  // is two XOR2 and !(ab + c(a^b)) inverted, in the library's own FA_X1 4.256 um2: between 5.3 and 7.
  const double full_adder = table.of("full_adder", {}).nand2;
  CHECK(full_adder >= 2 * 2 + 1.0);
  CHECK(full_adder <= 2 * 2 + 3);
  // A flip-flop is 4.522 / 0.798; one that can hold its value has a multiplexer, 1.862 / 0.798, in front.
  CHECK(table.flip_flops(1).nand2 == about(4.522 / 0.798));
  CHECK(table.of("data_register", {{"W", 12}}).flip_flops == about(12));
  CHECK(table.of("data_register", {{"W", 12}}).nand2 == doctest::Approx(12 * (4.522 + 1.862) / 0.798).epsilon(0.01));
  // A tree of n inputs has n - 1 multiplexers a bit, 7/3 NAND2 each at most.
  const double mux = table.of("multiplexer", {{"INPUTS", 64}, {"W", 8}}).nand2;
  CHECK(mux > 1.5 * 63 * 8);
  CHECK(mux < 7.0 / 3 * 63 * 8);
  // An array multiplier has W x W AND gates and about W x (W - 1) full adders.
  const double multiplier = table.of("multiplier", {{"W", 8}}).nand2;
  CHECK(multiplier > 64 + 0.8 * 56 * full_adder);
  CHECK(multiplier < 64 * 4.0 / 3 + 1.2 * 56 * full_adder);
}

TEST_CASE("forms are within 5 % of every point that was synthesised") {
  const arch::GateTable& table = arch::GateTable::shipped();
  CHECK(table.blocks().size() >= 29);
  for (const std::string& block : table.blocks()) {
    for (const arch::GateTable::Point& point : table.points(block)) {
      CAPTURE(block);
      const arch::Gates form = table.of(block, point.parameters);
      CHECK(form.nand2 == doctest::Approx(point.gates.nand2).epsilon(0.05));
      CHECK(std::abs(form.flip_flops - point.gates.flip_flops) <= 0.06 * point.gates.flip_flops + 2);
      CHECK(form.nand2 > form.flip_flops * 5);
    }
  }
}

TEST_CASE("a block or parameter that is not there is named") {
  const arch::GateTable& table = arch::GateTable::shipped();
  CHECK_THROWS_WITH_AS(static_cast<void>(table.of("flux_capacitor", {})),
                       "there is no block 'flux_capacitor' in arch/area/tables/gates.yaml", Error);
  CHECK_THROWS_WITH_AS(static_cast<void>(table.of("adder", {{"BITS", 8}})),
                       "the area of block 'adder' needs its parameter W", Error);
}

TEST_CASE("damaged tables are refused with file and line") {
  using arch::GateTable;
  using arch::LogicDensity;
  CHECK_THROWS_WITH_AS(GateTable::parse("synthesis: x\nflip_flop: 6\n", "g.yaml"),
                       doctest::Contains("g.yaml:1: 'blocks' is missing"), Error);
  CHECK_THROWS_WITH_AS(GateTable::parse("synthesis: x\nflip_flop: many\nblocks: {}\n", "g.yaml"),
                       doctest::Contains("g.yaml:2: 'many' is no number"), Error);
  CHECK_THROWS_WITH_AS(GateTable::parse("synthesis: x\nflip_flop: 6\nblocks:\n a:\n  nand2: 5\n", "g.yaml"),
                       doctest::Contains("g.yaml:5"), Error);
  const std::string libraries = "libraries: {a: {node: 45, nand2_um2: 0.8, source: s}}\n";
  CHECK_THROWS_WITH_AS(LogicDensity::parse("node: 28\nlibrary: b\nutilisation: 0.7\n" + libraries, "l.yaml"),
                       doctest::Contains("l.yaml:2"), Error);
  CHECK_THROWS_WITH_AS(LogicDensity::parse("node: 28\nlibrary: a\nutilisation: 70\n" + libraries, "l.yaml"),
                       doctest::Contains("l.yaml:3: utilisation is '70'"), Error);
  const LogicDensity half = LogicDensity::parse("node: 90\nlibrary: a\nutilisation: 0.5\n" + libraries, "l.yaml");
  CHECK(half.placed_um2() == about(0.8 * 4 / 0.5));
  CHECK(half.sram_factor() == about(90.0 * 90 / 28 / 28));
}

TEST_CASE("CACTI's area of a bank at a point of the sweep") {
  CHECK(arch::bank_mm2({2048, 128}) == about(0.00321136));
  arch::AreaSheet sheet;
  CHECK(sheet.srams({{"a", 2, {2048, 128}}, {"b", 3, {1024, 64}}}).breakdown().sram_mm2 ==
        about(2 * 0.00321136 + 3 * 0.00138937));
}

TEST_CASE("components sum to the area, and each takes some") {
  for (const std::string& preset : arch::preset_names()) {
    CAPTURE(preset);
    const DesignFacts facts = of_preset(preset);
    double sum = 0;
    for (const arch::AreaItem& one : facts.area.items) sum += one.mm2;
    CHECK(facts.area.total_mm2() == about(sum));
    CHECK(facts.area.sram_mm2 > 0);
    CHECK(facts.area.logic_mm2 > 0);
    for (const arch::AreaItem& one : facts.area.items) {
      CAPTURE(one.component);
      CHECK(one.instances > 0);
      CHECK(one.mm2 > 0);
      CHECK((one.nand2 > 0) == !one.sram());
    }
  }
}

TEST_CASE("more of a dimension takes more logic") {
  const auto grows = [](const std::string& model, const std::string& key, int from, int to) {
    CAPTURE(model);
    CAPTURE(key);
    CHECK(of(model, key + ": " + std::to_string(to)).area.logic_mm2 >
          of(model, key + ": " + std::to_string(from)).area.logic_mm2);
  };
  for (const char* key : {"array.dim_M", "array.dim_C", "array.dim_F", "array.precision", "re.row_latches",
                          "pe.fifo_rows", "output_fifo.tiles", "index.pairs_per_cycle", "huffman.decoders"}) {
    grows("smartdeal", key, 8, 16);
  }
  grows("smartdeal", "pe.max_kernel", 3, 5);
  grows("smartdeal", "re.count", 2, 3);
  grows("smartdeal", "re.terms_per_cycle", 1, 2);
  for (const char* key : {"nfu.tn", "nfu.ti", "nfu1.stages", "dma.outstanding"}) grows("diannao", key, 8, 16);
  grows("scnn", "pe.weights", 2, 4);
  grows("scnn", "accumulator.entries", 16, 32);
  grows("cambricon-x", "indexing.lines", 2, 4);
  grows("bit-pragmatic", "array.columns", 4, 8);
}

TEST_CASE("a weight decoder is in the area") {
  const double none = of("diannao", "").area.total_mm2();
  for (const char* kind : {"run_length", "huffman", "succinct_element", "succinct_block"}) {
    CAPTURE(kind);
    CHECK(of("diannao", std::string("decoder.kind: ") + kind).area.total_mm2() > none);
  }
}

TEST_CASE("other densities move logic, other nodes all") {
  const arch::AreaBreakdown area = of_preset("smartdeal").area;
  arch::LogicDensity density = arch::LogicDensity::shipped();
  CHECK(arch::at_density(area, density).total_mm2() == about(area.total_mm2()));
  density.utilisation *= 0.5;
  CHECK(arch::at_density(area, density).logic_mm2 == about(2 * area.logic_mm2));
  CHECK(arch::at_density(area, density).sram_mm2 == about(area.sram_mm2));
  density.node_nm = 56;
  CHECK(arch::at_density(area, density).logic_mm2 == about(8 * area.logic_mm2));
  CHECK(arch::at_density(area, density).sram_mm2 == about(4 * area.sram_mm2));
}
