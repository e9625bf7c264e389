// What designs cost, against values worked out by hand from their parameters.
#include <doctest/doctest.h>

#include <algorithm>
#include <string>

#include "arch/accelerator_file.h"
#include "arch/area/area.h"
#include "arch/parameter_reference.h"

using namespace rebasis;
using arch::DesignFacts;

namespace {

constexpr std::int64_t kib = 1024;

DesignFacts of_preset(const std::string& preset) {
  const arch::AcceleratorFile file = arch::load_accelerator_file(preset);
  return arch::Registry<arch::ParameterReference>::global().create(file.model)->facts(file.config);
}

DesignFacts of(const std::string& model, const std::string& yaml) {
  return arch::Registry<arch::ParameterReference>::global().create(model)->facts(
      arch::RawConfig::parse(yaml, "mine.yaml"));
}

doctest::Approx about(double value) { return doctest::Approx(value).epsilon(1e-5); }

const arch::AreaItem& item(const DesignFacts& facts, const std::string& component) {
  for (const arch::AreaItem& one : facts.area.items) {
    if (one.component == component) return one;
  }
  FAIL("no component " << component);
  return facts.area.items.front();
}

bool has(const DesignFacts& facts, const std::string& component) {
  return std::any_of(facts.area.items.begin(), facts.area.items.end(),
                     [&](const arch::AreaItem& one) { return one.component == component; });
}

}  // namespace

TEST_CASE("the presets have the resources of Table IX: 1K multipliers or 8K bit-serial ones, 772 KB") {
  for (const char* preset : {"diannao", "cambricon-x", "scnn", "bit-pragmatic", "sparse-tensor-core"}) {
    CAPTURE(preset);
    const DesignFacts facts = of_preset(preset);
    CHECK(facts.multipliers == (preset == std::string("bit-pragmatic") ? 8192 : 1024));
    CHECK(facts.sram_bytes == 772 * kib);
  }
  const DesignFacts smartdeal = of_preset("smartdeal");
  CHECK(smartdeal.multipliers == 8192);
  CHECK(smartdeal.sram_bytes == (512 + 64 * 4 + 4) * kib + 32 * kib);  // the table leaves the index buffer out
  // Banks of 28 nm in the sweep: 32 of 16 KB with 64 bits, 128 of 2 KB with 128, 16 of 2 KB with
  // 256, 2 of 2 KB with 64.
  const double srams = 32 * 0.0291196 + 128 * 0.00321136 + 16 * 0.00520982 + 2 * 0.00346904;
  CHECK(smartdeal.area.sram_mm2 == doctest::Approx(srams).epsilon(1e-4));
}

TEST_CASE("published designs") {
  CHECK(of_preset("diannao-original").multipliers == 256);
  CHECK(of_preset("diannao-original").sram_bytes == 36 * kib);
  CHECK(of_preset("cambricon-x-original").multipliers == 256);
  CHECK(of_preset("cambricon-x-original").sram_bytes == (8 + 8 + 16 * 2 + 8) * kib);
  CHECK(of_preset("scnn-original").multipliers == 1024);
  CHECK(of_preset("bit-pragmatic-original").multipliers == 65536);
  CHECK(of_preset("bit-pragmatic-original").sram_bytes == 36 * 1024 * kib);
}

TEST_CASE("the FPGA has lanes and block RAM; its area is that of the same logic as an ASIC, and says so") {
  const DesignFacts facts = of_preset("pynq-z1-ternary");
  CHECK(facts.multipliers == 144);
  CHECK(facts.sram_bytes == (96 + 32 + 128) * kib);
  CHECK(item(facts, "ternary PEs").instances == 1);
  REQUIRE(facts.area.notes.size() == 1);
  CHECK(facts.area.notes.front().find("ASIC") != std::string::npos);
  CHECK(of("pynq-z1-ternary", "array.pes: 2").multipliers == 288);
  CHECK(of("pynq-z1-ternary", "array.pes: 2").sram_bytes == facts.sram_bytes);  // sizes are of all PEs' buffers
}

TEST_CASE("DianNao: 256 multipliers of 16 bits, 16 trees, banks of 1 KB and 2 KB") {
  const DesignFacts facts = of("diannao",
                               "nfu: {tn: 16, ti: 16}\nnbin: {size: 2 KB, banks: 2, port: 128}\n"
                               "nbout: {size: 4 KB, banks: 4, port: 256}\nsb: {size: 32 KB, banks: 16, port: 256}\n");
  CHECK(facts.multipliers == 256);
  CHECK(facts.sram_bytes == 38 * kib);
  CHECK(facts.area.sram_mm2 == about(2 * 0.00205481 + 4 * 0.00407769 + 16 * 0.00520982));
  const arch::AreaItem& multipliers = item(facts, "NFU-1 multipliers");
  CHECK(multipliers.instances == 256);
  const std::int64_t bits = 8;
  CHECK(multipliers.nand2 == about(256 * arch::GateTable::shipped().of("multiplier", {{"W", bits}}).nand2));
  // A NAND2 of 0.798 um2 at 45 nm, at 28 nm, 70 % of the placed area.
  CHECK(multipliers.mm2 == about(multipliers.nand2 * 0.798e-6 * 28 * 28 / 45 / 45 / 0.7));
  CHECK(item(facts, "NFU-2 adder trees").instances == 16);
}

TEST_CASE("sparse tensor core: DianNao's logic and a selector a multiplier") {
  const std::string base = "nfu: {tn: 8, ti: 8}\nnbin: {size: 2 KB, banks: 2, port: 256";
  const std::string rest = "}\nnbout: {size: 4 KB, banks: 4, port: 256}\nsb: {size: 32 KB, banks: 16, port: 256}\n";
  const DesignFacts plain = of("diannao", base + rest);
  const DesignFacts facts = of("sparse-tensor-core", base + ", neurons: 32" + rest +
                                                         "select.largest_group: 8\nindex_buffer: {size: 2 KB, banks: "
                                                         "2, port: 256}\n");
  CHECK(facts.multipliers == 64);
  CHECK(facts.sram_bytes == 40 * kib);
  CHECK(item(facts, "operand selectors").instances == 64);
  CHECK(item(facts, "NFU-1 multipliers") == item(plain, "NFU-1 multipliers"));
  CHECK(facts.area.logic_mm2 > plain.area.logic_mm2);
}

TEST_CASE("reuse unit: DianNao's, and seven memories, hash lanes, adders and dividers") {
  const std::string base =
      "nfu: {tn: 16, ti: 16}\nnbin: {size: 2 KB, banks: 2, port: 128}\n"
      "nbout: {size: 4 KB, banks: 4, port: 256}\nsb: {size: 32 KB, banks: 16, port: 256}\n";
  const DesignFacts without = of("diannao", base);
  const DesignFacts with =
      of("trec", base +
                     "hash: {lanes: 2, width: 8}\nhash_vectors.size: 2 KB\nwindow.size: 1 KB\n"
                     "buckets.banks: 2\nbucket_table.size: 4 KB\nbucket_sums.size: 4 KB\n"
                     "mean: {dividers: 4, stages: 8}\ncentroids.size: 2 KB\nbucket_ids.size: 4 KB\n"
                     "gather.columns: 2\nproducts.size: 16 KB\n");
  CHECK(with.multipliers == 256 + 2 * 8);
  CHECK(with.sram_bytes == without.sram_bytes + (2 + 1 + 4 + 4 + 2 + 4 + 16) * kib);
  // A row of sums has 8 x 24 bits, in two macros a bank; 16 products of 32 bits in four.
  const auto banks = [](double count, std::uint64_t bytes, std::uint32_t bits) {
    return count * arch::bank_mm2({bytes, bits});
  };
  CHECK(with.area.sram_mm2 ==
        about(without.area.sram_mm2 + banks(1, 2048, 128) + banks(1, 1024, 64) + banks(2, 2048, 16) +
              banks(4, 1024, 96) + banks(1, 2048, 128) + banks(2, 2048, 16) + banks(8, 2048, 128)));
  CHECK(item(with, "hash multipliers").instances == 16);
  CHECK(item(with, "dividers").instances == 4 * 8);
  CHECK(item(with, "gather adders").instances == 2 * 16);
  const DesignFacts preset = of_preset("trec");
  CHECK(preset.sram_bytes == (772 + 16 + 4 + 64 + 128 + 32 + 64 + 128) * kib);
}

TEST_CASE("Cambricon-X: a synapse buffer a PE, a selector over the line a multiplier") {
  const DesignFacts facts =
      of("cambricon-x",
         "pe: {count: 4, multipliers: 16}\nindexing: {scan: 64, step_bits: 4}\nnbin: {size: 2 KB, banks: 2}\n"
         "nbout: {size: 8 KB}\nsb: {size: 2 KB, banks: 1}\nindex_buffer: {size: 4 KB, banks: 4}\n");
  CHECK(facts.multipliers == 64);
  CHECK(facts.sram_bytes == (2 + 8 + 4 * 2 + 4) * kib);
  CHECK(facts.area.sram_mm2 == about(2 * 0.00407769 + 4 * 0.00406547 + 4 * 0.00321136 + 4 * 0.00138937));
  CHECK(item(facts, "indexing: neuron selectors").nand2 ==
        about(64 * arch::GateTable::shipped().of("multiplexer", {{"INPUTS", 64}, {"W", 8}}).nand2));
}

TEST_CASE("SCNN: RAMs, and registers for what is in no SRAM") {
  const DesignFacts facts =
      of("scnn",
         "array: {rows: 2, columns: 2}\naccumulator: {banks: 8, entries: 16}\nencoding.run_bits: 8\n"
         "weight_buffer.size: 4 KB\niaram.size: 2 KB\noaram.size: 2 KB\n");
  CHECK(facts.multipliers == 64);
  // A PE: 2 x 8 x 16 sums of 24 bits, 50 vectors of 4 weights with their runs, 16 bits each.
  CHECK(facts.sram_bytes == 4 * kib + 4 * (2 * kib + 2 * kib + 768 + 400));
  CHECK(facts.area.sram_mm2 == about(4 * 0.00346904 + 2 * 0.00346904 + 8 * 0.00138937));
  // A bit in a register file takes a flip-flop at least.
  CHECK(item(facts, "accumulator banks").nand2 > 4 * 768 * 8 * 4.522 / 0.798);
  CHECK(item(facts, "weight FIFOs").nand2 > 4 * 400 * 8 * 4.522 / 0.798);
  CHECK(item(facts, "crossbars").instances == 4 * 8);
}

TEST_CASE("Bit-Pragmatic: a column of PIPs for each window of each tile") {
  const DesignFacts facts = of("bit-pragmatic",
                               "array: {tiles: 1, rows: 2, columns: 2, lanes: 4}\nnbin: {size: 2 KB, banks: 2, "
                               "row_bricks: 4}\nsb: {size: 2 KB, banks: 1, weights_per_cycle: 16}\n"
                               "nbout: {size: 1 KB, banks: 1, outputs_per_cycle: 2}\n");
  CHECK(facts.multipliers == 16);
  CHECK(facts.sram_bytes == 5 * kib);
  CHECK(facts.area.sram_mm2 == about(2 * 0.00138937 + 0.00321136 + 0.00138937));
  CHECK(item(facts, "columns of PIPs").instances == 2);
}

TEST_CASE("SmartDeal: a weight buffer a slice; rebuild engines have a share and a note with it") {
  const DesignFacts plain = of("smartdeal", ""), more = of("smartdeal", "weight_buffer.size: 8 KB");
  CHECK(more.sram_bytes - plain.sram_bytes == 64 * 4 * kib);
  CHECK(more.area.sram_mm2 > plain.area.sram_mm2 + 0.1);
  CHECK(more.area.logic_mm2 == about(plain.area.logic_mm2));
  CHECK(item(plain, "bit-serial MACs").instances == 8192);
  CHECK(item(plain, "rebuild engines").instances == 2 * 64 * 16);
  REQUIRE(plain.area.notes.size() == 1);
  CHECK(plain.area.notes.front().find("0.64 %") != std::string::npos);
  // The parts of a line are the line of the RTL: its MACs, engines and the rest.
  const arch::GateTable& table = arch::GateTable::shipped();
  const double line = table.of("pe_line", {{"DIM_F", 8}, {"MAX_S", 3}, {"STORED", 11}}).nand2;
  const DesignFacts small = of("smartdeal", "pe.max_kernel: 3");
  const double parts = item(small, "bit-serial MACs").nand2 + item(small, "rebuild engines").nand2 +
                       item(small, "PE lines: FIFO, latches, fetch").nand2;
  CHECK(parts / 1024 == about(line));
  const DesignFacts parallel = of("smartdeal", "pe.bit_serial: false");
  CHECK_FALSE(has(parallel, "bit-serial MACs"));
  CHECK(item(parallel, "multipliers").instances == 8192);
}
